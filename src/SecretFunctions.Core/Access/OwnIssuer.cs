namespace SecretFunctions.Core.Access;

/// <summary>
/// What this deployment calls itself in tokens it makes for others. Those are never credentials here: whoever received one could come back
/// with it.
/// </summary>
/// <param name="Find">The name; null while there is none.</param>
public sealed record OwnIssuer(Func<string?> Find)
{
    /// <summary>Whether it is our name, or could be taken for it.</summary>
    public bool Is(string issuer) =>
        Find() is { } own && string.Equals(own.TrimEnd('/'), issuer.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}
