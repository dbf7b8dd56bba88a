using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.CloudDoubles.Federation;

/// <summary>What is wrong with a token, in the order in which it is looked for.</summary>
public enum TokenFlaw
{
    None,

    /// <summary>No signed JWT: not three parts, or no JSON in them.</summary>
    Malformed,

    /// <summary>Not of the issuer that is trusted; compared character by character.</summary>
    Issuer,

    /// <summary>Signed with anything but RS256, not at all included.</summary>
    Algorithm,

    /// <summary>The issuer's discovery document or key set cannot be had, or is none.</summary>
    Unreachable,

    /// <summary>The key set has no such key.</summary>
    KeyUnknown,
    Signature,
    Expired,
    NotYetValid,
    Audience,
}

/// <param name="Skew">How far clocks may differ.</param>
/// <param name="Absent">How far from <c>iat</c> a missing <c>exp</c> or <c>nbf</c> is taken to be; null: <c>exp</c> has to be there.</param>
public sealed record TokenLeeway(TimeSpan Skew, TimeSpan? Absent = null)
{
    public static TokenLeeway None { get; } = new(TimeSpan.Zero);

    /// <summary>Vault's JWT method: clock_skew_leeway 60 s, expiration_leeway and not_before_leeway 150 s.</summary>
    public static TokenLeeway Vault { get; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(150));

    public static TokenLeeway Entra { get; } = new(TimeSpan.FromMinutes(5));
}

/// <summary>What came of a look at a token. The claims are there even of a bad one, as far as it could be read.</summary>
public sealed record TokenVerdict(TokenFlaw Flaw, JsonObject Claims)
{
    public string Issuer => Text("iss");

    public string Subject => Text("sub");

    /// <summary>Single, as our issuer writes it; empty for a list.</summary>
    public string Audience => Text("aud");

    private string Text(string claim) => Claims[claim] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}

/// <summary>
/// Verifies tokens as a cloud does that was told to trust an issuer: fetches its discovery document and keys over HTTP at every token, and
/// believes nothing the token says about itself. Independent of the libraries the product uses.
/// </summary>
public sealed class FederatedTokens(TimeProvider clock) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, errors) =>
            errors == SslPolicyErrors.None || certificate?.Equals(TestCertificates.Server) == true },
    });

    private readonly ConcurrentQueue<string> _shown = [];

    /// <summary>Every token that somebody came with, once, in order. No log may hold one.</summary>
    public IReadOnlyCollection<string> Shown => _shown;

    /// <summary>Issuer, header and claims, unverified: enough to find out whom the token claims to be from.</summary>
    public static TokenVerdict Peek(string token) =>
        TestJwt.Read(token) is var (_, claims) ? new TokenVerdict(TokenFlaw.None, claims) : new TokenVerdict(TokenFlaw.Malformed, []);

    /// <summary>Adds it to <see cref="Shown"/>, for who may refuse it before it is verified.</summary>
    public void See(string token)
    {
        if (!_shown.Contains(token))
        {
            _shown.Enqueue(token);
        }
    }

    /// <param name="token">As it arrived.</param>
    /// <param name="issuer">Whom the cloud was told to trust.</param>
    /// <param name="audiences">Any of them will do.</param>
    /// <param name="leeway">The cloud's.</param>
    public async Task<TokenVerdict> VerifyAsync(string token, string issuer, IReadOnlyCollection<string> audiences, TokenLeeway leeway)
    {
        See(token);
        if (TestJwt.Read(token) is not var (header, claims))
        {
            return new TokenVerdict(TokenFlaw.Malformed, []);
        }

        var verdict = new TokenVerdict(TokenFlaw.None, claims);
        if (verdict.Issuer != issuer)
        {
            return verdict with { Flaw = TokenFlaw.Issuer };
        }

        if ((string?)header["alg"] != "RS256")
        {
            return verdict with { Flaw = TokenFlaw.Algorithm };
        }

        var flaw = await CheckSignatureAsync(token, issuer, (string?)header["kid"]);
        return verdict with
        {
            Flaw = flaw != TokenFlaw.None ? flaw
                : CheckTime(claims, leeway) is not TokenFlaw.None and var time ? time
                : Audiences(claims).Any(audiences.Contains) ? TokenFlaw.None
                : TokenFlaw.Audience,
        };
    }

    public void Dispose() => _http.Dispose();

    private async Task<TokenFlaw> CheckSignatureAsync(string token, string issuer, string? keyId)
    {
        var discovery = await GetAsync($"{issuer}/.well-known/openid-configuration");
        if ((string?)discovery?["issuer"] != issuer || (string?)discovery["jwks_uri"] is not { } address || await GetAsync(address) is not { } set)
        {
            return TokenFlaw.Unreachable;
        }

        var key = (set["keys"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(key => (string?)key["kid"] == keyId && (string?)key["kty"] == "RSA");
        if (keyId is null || key is null)
        {
            return TokenFlaw.KeyUnknown;
        }

        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = System.Buffers.Text.Base64Url.DecodeFromChars((string?)key["n"]),
            Exponent = System.Buffers.Text.Base64Url.DecodeFromChars((string?)key["e"]),
        });
        return TestJwt.IsSignedBy(token, rsa) ? TokenFlaw.None : TokenFlaw.Signature;
    }

    private TokenFlaw CheckTime(JsonObject claims, TokenLeeway leeway)
    {
        var now = clock.GetUtcNow();
        var issued = Time(claims, "iat");
        var expires = Time(claims, "exp") ?? (issued + leeway.Absent);
        var notBefore = Time(claims, "nbf") ?? issued;
        return expires is null || now >= expires + leeway.Skew ? TokenFlaw.Expired
            : now < (notBefore ?? now) - leeway.Skew || now < (issued ?? now) - leeway.Skew ? TokenFlaw.NotYetValid
            : TokenFlaw.None;
    }

    private async Task<JsonObject?> GetAsync(string address)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(address));
            return response.IsSuccessStatusCode ? JsonNode.Parse(await response.Content.ReadAsStringAsync()) as JsonObject : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or System.Text.Json.JsonException or UriFormatException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Audiences(JsonObject claims) => claims["aud"] switch
    {
        JsonArray several => several.Select(static one => (string?)one).OfType<string>(),
        JsonValue one when one.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private static DateTimeOffset? Time(JsonObject claims, string name) =>
        claims[name] is JsonValue value && value.TryGetValue<long>(out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
