namespace SecretFunctions.Core.Issuer;

/// <summary>
/// What tokens name as their issuer: from configuration, or from a head that listens on loopback alone. Never from a request. Safe for
/// concurrent use.
/// </summary>
/// <param name="configured">Without a slash at its end; null where nothing was set.</param>
public sealed class IssuerAddress(string? configured)
{
    private volatile string? _value = configured;

    /// <summary>What to answer where there is none.</summary>
    public static Failure NotConfigured { get; } = Failure.NotFound("issuer.not_configured", "This deployment issues no tokens: it has no issuer address.") with
    {
        Hint = "The operator sets SecretFunctions:Issuer to the public https address of this service.",
    };

    /// <summary>Compared by every verifier letter by letter; null while there is none.</summary>
    public string? Value => _value;

    /// <summary>
    /// Whether it is our name, or could be taken for it. Tokens that bear it are never credentials here: whoever received one could come back
    /// with it.
    /// </summary>
    public bool Is(string issuer) =>
        _value is { } own && string.Equals(own.TrimEnd('/'), issuer.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);

    /// <summary>A head's own address, for where nothing was set. The first one stays.</summary>
    public void Announce(string address) => _value ??= address;
}
