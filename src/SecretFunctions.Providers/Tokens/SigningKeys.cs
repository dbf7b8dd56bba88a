using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>
/// The public keys of one issuer, fetched when one is missing, but never more often than once a minute: whoever sends tokens with made-up key
/// ids must not make us ask for each. Safe for concurrent use.
/// </summary>
internal sealed class SigningKeys(TokenTrust trust, StoreClient http, TimeProvider time) : IDisposable
{
    private const int MaxBytes = 256 * 1024;
    private const int MinKeyBits = 2048;

    private static readonly TimeSpan FetchedAgainAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan NotAgainWithin = TimeSpan.FromMinutes(1);

    /// <summary>While the issuer cannot be reached. A key it withdrew meanwhile is believed that long, and no longer.</summary>
    private static readonly TimeSpan GoodFor = TimeSpan.FromHours(24);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile Fetched? _fetched;
    private DateTimeOffset? _triedAt;

    /// <summary>Null where the issuer has no such key.</summary>
    public async Task<Result<SecurityKey?>> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (Known(keyId, FetchedAgainAfter) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (Known(keyId, FetchedAgainAfter) is null && !(now - _triedAt < NotAgainWithin))
            {
                _triedAt = now;
                _fetched = await FetchAsync(cancellationToken) is { } keys ? new Fetched(keys, now) : _fetched;
            }

            return _fetched is { } fetched && now - fetched.At < GoodFor
                ? fetched.Keys.GetValueOrDefault(keyId)
                : new Failure(FailureKind.Unavailable, "token.keys_unavailable", "The issuer's signing keys cannot be fetched, so its tokens cannot be checked. Try again.");
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private SecurityKey? Known(string keyId, TimeSpan within) =>
        _fetched is { } fetched && time.GetUtcNow() - fetched.At < within ? fetched.Keys.GetValueOrDefault(keyId) : null;

    private async Task<Dictionary<string, SecurityKey>?> FetchAsync(CancellationToken cancellationToken)
    {
        var address = trust.KeysAddress ?? await DiscoverAsync(cancellationToken);
        return address is null ? null : await GetAsync(address, ReadKeys, cancellationToken);
    }

    /// <summary>OpenID Connect Discovery 1.0 §4.3: the document must name the issuer it was asked of.</summary>
    private async Task<Uri?> DiscoverAsync(CancellationToken cancellationToken)
    {
        var issuer = trust.Issuers[0];
        return await GetAsync(
            new Uri($"{issuer.TrimEnd('/')}/.well-known/openid-configuration"),
            document => document.At("issuer").AsText() == issuer && Uri.TryCreate(document.At("jwks_uri").AsText(), UriKind.Absolute, out var keys) ? keys : null,
            cancellationToken);
    }

    private async Task<T?> GetAsync<T>(Uri address, Func<JsonElement, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (!(await http.SendAsync(request, cancellationToken)).TryGet(out var answer, out _))
        {
            return null;
        }

        using (answer)
        {
            using var document = answer.IsSuccess && answer.Body.Length <= MaxBytes ? answer.TryParse() : null;
            return document is null ? null : read(document.RootElement);
        }
    }

    /// <summary>Null where the answer is no key set at all. Keys of other kinds, or too short to trust, are passed over.</summary>
    private static Dictionary<string, SecurityKey>? ReadKeys(JsonElement set)
    {
        if (set.At("keys").ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var keys = new Dictionary<string, SecurityKey>(StringComparer.Ordinal);
        foreach (var key in set.At("keys").AsItems())
        {
            if (key.At("kty").AsText() == "RSA"
                && key.At("use").AsText() is null or "sig"
                && key.At("kid").AsText() is { } id
                && key.At("n").AsText() is { } modulus
                && key.At("e").AsText() is { } exponent
                && Base64Url.IsValid(modulus)
                && Base64Url.IsValid(exponent))
            {
                var parameters = new RSAParameters { Modulus = Base64Url.DecodeFromChars(modulus), Exponent = Base64Url.DecodeFromChars(exponent) };
                if (parameters.Modulus.Length * 8 >= MinKeyBits && parameters.Exponent.Length > 0)
                {
                    keys[id] = new RsaSecurityKey(parameters) { KeyId = id };
                }
            }
        }

        return keys;
    }

    private sealed record Fetched(Dictionary<string, SecurityKey> Keys, DateTimeOffset At);
}
