using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>
/// Verifies signed JWTs (RFC 7519) with the keys their issuer publishes, fetched under the outbound rules. Safe for concurrent use.
/// </summary>
/// <remarks>
/// The library does what is cryptography and comparison. Before it sees a token, length, number of parts, JSON depth, repeated names, types and the
/// algorithm are checked here, so that encrypted tokens never get that far. Of the header <c>alg</c> and <c>kid</c> are read; where it says that
/// a key be fetched from, or what the key is, it is not listened to.
/// </remarks>
public sealed class JwksTokenVerifier(ProviderHttp http, TimeProvider time) : ITokenVerifier
{
    private static readonly JsonWebTokenHandler Handler = new();

    /// <summary>
    /// Names extensions that must be understood (RFC 7515 §4.1.11), of which none is; compression and encryption, which signed tokens have not.
    /// </summary>
    private static readonly string[] RefusedHeaders = ["crit", "zip", "enc"];

    private static readonly string[] Times = ["exp", "nbf", "iat"];

    private readonly ForeignKeys _issuers = new(http, time);

    public string? CheckAddress(Uri address) => http.CheckAddress(address);

    public async Task<Result<VerifiedToken>> VerifyAsync(string token, TokenTrust trust, CancellationToken cancellationToken)
    {
        if (CompactToken.TryParse(token) is not { } parsed || !HasUsableClaims(parsed.Claims))
        {
            return Refused("token.malformed", "The token is not a signed JWT: three parts in base64url, the first two JSON objects with claims of the right type.");
        }

        if (parsed.Header.At("alg").AsText() is not { } algorithm
            || !trust.Algorithms.Contains(algorithm, StringComparer.Ordinal)
            || RefusedHeaders.Any(name => parsed.Header.TryGetProperty(name, out _)))
        {
            return Refused("token.algorithm", $"The token is not simply signed with {string.Join(" or ", trust.Algorithms)}.");
        }

        if (parsed.Header.At("kid").AsText() is not { } keyId)
        {
            return UnknownKey;
        }

        if (!(await _issuers.Of(trust).FindAsync(keyId, algorithm, cancellationToken)).TryGet(out var key, out var failure))
        {
            return failure;
        }

        var refused = key is null ? UnknownKey : await CheckAsync(token, key, trust) ?? CheckTime(parsed.Claims, trust.ClockSkew);
        return refused is null ? new VerifiedToken(parsed.Claims) : refused;
    }

    private static async Task<Failure?> CheckAsync(string token, SecurityKey key, TokenTrust trust)
    {
        var result = await Handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = trust.Algorithms,
            ValidIssuers = trust.Issuers,
            ValidAudiences = trust.Audiences,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            RequireSignedTokens = true,
            ValidateLifetime = false, // by our own clock, below

            // A cached provider would be found by key id, also after the issuer gave that id to another key.
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        });
        return (result.IsValid, result.Exception) switch
        {
            (true, _) => null,
            (_, SecurityTokenInvalidIssuerException) => Refused("token.issuer", "The token is of another issuer."),
            (_, SecurityTokenInvalidAudienceException) => Refused("token.audience", "The token is meant for another audience."),
            (_, SecurityTokenInvalidAlgorithmException) => Refused("token.algorithm", "The token is signed in a way that is not accepted."),
            _ => Refused("token.signature", "The token's signature is not its issuer's."),
        };
    }

    /// <summary>Of the types that RFC 7519 §4.1 gives them, where they are there: what the library makes of others is not to be relied on.</summary>
    private static bool HasUsableClaims(JsonElement claims) =>
        claims.At("iss").ValueKind is JsonValueKind.String or JsonValueKind.Undefined
        && (claims.At("aud").ValueKind is JsonValueKind.String or JsonValueKind.Undefined
            || (claims.At("aud").ValueKind == JsonValueKind.Array && claims.At("aud").AsItems().All(static item => item.ValueKind == JsonValueKind.String)))
        && Times.All(name => claims.At(name).ValueKind == JsonValueKind.Undefined || Time(claims, name) is not null);

    private Failure? CheckTime(JsonElement claims, TimeSpan skew)
    {
        var now = time.GetUtcNow();
        if (Time(claims, "exp") is not { } expires || expires + skew <= now)
        {
            return Refused("token.expired", "The token has expired, or does not say when it does.");
        }

        return Time(claims, "nbf") is { } notBefore && notBefore - skew > now
            ? Refused("token.not_yet_valid", "The token is not valid yet. Compare the clocks.")
            : null;
    }

    /// <summary>A NumericDate, which may have a fraction.</summary>
    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.At(name) is { ValueKind: JsonValueKind.Number } claim && claim.TryGetDouble(out var seconds) && seconds is > 0 and < 1e11
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static Failure UnknownKey { get; } = Refused("token.key_unknown", "The token names no signing key, or one that its issuer does not publish.");

    private static Failure Refused(string code, string detail) => new(FailureKind.Unauthenticated, code, detail);
}
