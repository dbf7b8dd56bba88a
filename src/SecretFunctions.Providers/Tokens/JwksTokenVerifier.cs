using System.Buffers.Text;
using System.Collections.Concurrent;
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
/// The library does what is cryptography and comparison. Before it sees a token, length, number of parts, JSON depth, repeated names and the
/// algorithm are checked here: version 6.8.0 is open to CVE-2024-21319 through encrypted tokens, and those never get that far.
/// </remarks>
public sealed class JwksTokenVerifier(ProviderHttp http, TimeProvider time) : ITokenVerifier, IDisposable
{
    /// <summary>No issuer's token comes near; nothing longer is taken apart.</summary>
    private const int MaxLength = 16 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    private static readonly JsonWebTokenHandler Handler = new();

    // By how keys are found. Trusts come from settings and stored issuers, never from a token.
    private readonly ConcurrentDictionary<(string Issuer, Uri? Keys), SigningKeys> _keys = new();

    public async Task<Result<VerifiedToken>> VerifyAsync(string token, TokenTrust trust, CancellationToken cancellationToken)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var first, var second, _] || Decode(first) is not { } header || Decode(second) is not { } claims)
        {
            return Refused("token.malformed", "The token is not a signed JWT: three parts in base64url, the first two JSON objects.");
        }

        // 'crit' names extensions that must be understood (RFC 7515 §4.1.11), and none is.
        if (header.At("alg").AsText() is not { } algorithm || !trust.Algorithms.Contains(algorithm, StringComparer.Ordinal) || header.TryGetProperty("crit", out _))
        {
            return Refused("token.algorithm", $"The token is not signed with {string.Join(" or ", trust.Algorithms)}.");
        }

        if (header.At("kid").AsText() is not { } keyId)
        {
            return UnknownKey;
        }

        var keys = _keys.GetOrAdd(
            (trust.Issuers[0], trust.KeysAddress), static (_, of) => new SigningKeys(of.Trust, new StoreClient(of.Http.CreateClient(), of.Time), of.Time), (Trust: trust, Http: http, Time: time));
        if (!(await keys.FindAsync(keyId, cancellationToken)).TryGet(out var key, out var failure))
        {
            return failure;
        }

        var refused = key is null ? UnknownKey : Check(token, key, trust) ?? CheckTime(claims, trust.ClockSkew);
        return refused is null ? new VerifiedToken(claims) : refused;
    }

    public void Dispose()
    {
        foreach (var keys in _keys.Values)
        {
            keys.Dispose();
        }
    }

    private static JsonElement? Decode(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(part), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null; // Its message quotes the token.
        }
    }

    private static Failure? Check(string token, SecurityKey key, TokenTrust trust)
    {
        var result = Handler.ValidateToken(token, new TokenValidationParameters
        {
            IssuerSigningKey = key,
            ValidAlgorithms = trust.Algorithms,
            ValidIssuers = trust.Issuers,
            ValidAudiences = trust.Audiences,
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
