using System.Text.Json;

namespace SecretFunctions.Core.Access;

/// <summary>Whose tokens are believed, and for whom they must be meant.</summary>
/// <param name="Issuers">The <c>iss</c> of a token is one of these, exactly. The first has the discovery document, where one is needed.</param>
/// <param name="Audiences">The <c>aud</c> of a token is, or holds, one of these.</param>
public sealed record TokenTrust(IReadOnlyList<string> Issuers, IReadOnlyList<string> Audiences)
{
    /// <summary>The issuer's public keys (RFC 7517); null takes them from its discovery document.</summary>
    public Uri? KeysAddress { get; init; }

    /// <summary>
    /// What issuers sign with whom people choose, and no more: most RS256, Kubernetes also ES256, depending on the key it was given.
    /// </summary>
    public static IReadOnlyList<string> ForeignAlgorithms { get; } = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384"];

    /// <summary>Asymmetric ones only: with a symmetric one the public key would do to sign.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = ["RS256"];

    /// <summary>How far clocks may differ: 0 to 5 minutes.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>A token that was signed by an issuer we trust, for us, and is valid now.</summary>
/// <param name="Claims">A JSON object.</param>
public sealed record VerifiedToken(JsonElement Claims)
{
    /// <summary>A claim's text, and <c>true</c> or <c>false</c> where it is a truth value; null where it is absent or anything else.</summary>
    public string? Text(string name) => Claims.TryGetProperty(name, out var claim)
        ? claim.ValueKind switch
        {
            JsonValueKind.String => claim.GetString(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => null,
        }
        : null;

    /// <summary>Whether it is meant for this audience, exactly; perhaps for others too (RFC 7519 §4.1.3).</summary>
    public bool HasAudience(string audience) => Claims.TryGetProperty("aud", out var claim) && claim.ValueKind switch
    {
        JsonValueKind.String => claim.ValueEquals(audience),
        JsonValueKind.Array => claim.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(audience)),
        _ => false,
    };
}

/// <summary>Verifies tokens of foreign issuers. Safe for concurrent use.</summary>
public interface ITokenVerifier
{
    /// <summary>
    /// The token's claims, or why it is not believed: <c>token.malformed</c>, <c>.algorithm</c>, <c>.key_unknown</c>, <c>.signature</c>,
    /// <c>.issuer</c>, <c>.audience</c>, <c>.expired</c>, <c>.not_yet_valid</c> (all 401), or <c>.keys_unavailable</c> (503). Nothing of the
    /// token is repeated.
    /// </summary>
    Task<Result<VerifiedToken>> VerifyAsync(string token, TokenTrust trust, CancellationToken cancellationToken);

    /// <summary>Null where keys may be fetched from this address; else one sentence why not. No I/O.</summary>
    string? CheckAddress(Uri address);
}
