using SecretFunctions.Core.Audit;

namespace SecretFunctions.Core.Issuer;

/// <summary>A token to be made. Who may have one is decided before.</summary>
/// <param name="Subject">Whom it is about: nothing finer is in it.</param>
/// <param name="Audience">Whom it is for: one, since clouds take a list amiss.</param>
public sealed record TokenRequest(TokenSubject Subject, string Audience)
{
    /// <summary>What the caller says it starts. Leave it out where what the token is exchanged for is shared by kickoffs.</summary>
    public Kickoff? Kickoff { get; init; }

    /// <summary>Adds what AWS makes session tags of.</summary>
    public bool SessionTags { get; init; }
}

/// <summary>A token, which is a credential until it expires. Its owner disposes it.</summary>
/// <param name="Token">The compact form (RFC 7515 §7.1), ASCII.</param>
/// <param name="ExpiresAt">The <c>exp</c> claim.</param>
public sealed record IssuedToken(SecretValue Token, DateTimeOffset ExpiresAt) : IDisposable
{
    public void Dispose() => Token.Dispose();
}
