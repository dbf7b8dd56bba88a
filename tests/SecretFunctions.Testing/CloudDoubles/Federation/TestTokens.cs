using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Testing.CloudDoubles.Federation;

/// <summary>In what a token differs from a good one.</summary>
public enum Forgery
{
    None,
    Issuer,
    Audience,
    Subject,

    /// <summary><c>alg: none</c>, with an empty signature.</summary>
    Unsigned,

    /// <summary>HS256, with the issuer's public key as the secret.</summary>
    PublicKeyAsSecret,

    /// <summary>RS512, by the issuer's own key.</summary>
    OtherAlgorithm,
    Expired,
    NotYetValid,

    /// <summary>By another key under the issuer's key id.</summary>
    Resigned,

    /// <summary>By a key the issuer does not publish.</summary>
    KeyUnknown,
}

/// <summary>Tokens of one subject, good ones or whatever a test wants. Safe for concurrent use.</summary>
public sealed class TestTokens(TestIssuer issuer, string subject) : ISubjectTokenSource
{
    private static readonly Lazy<RSA> Stranger = new(() => RSA.Create(2048));

    private int _count;

    public string Subject => subject;

    public Forgery Forgery { get; set; }

    /// <summary>Nothing is minted, for this reason.</summary>
    public Failure? Fails { get; set; }

    /// <summary>Minting waits for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Further claims, such as session tags.</summary>
    public JsonObject Claims { get; } = [];

    public int Count => Volatile.Read(ref _count);

    public async Task<Result<SecretValue>> MintAsync(string audience, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        await Gate.WaitAsync(cancellationToken);
        return Fails is { } failure ? failure : new SecretValue(Encoding.ASCII.GetBytes(Create(audience)));
    }

    public string Create(string audience)
    {
        var claims = Describe(audience);
        var token = Forgery switch
        {
            Forgery.Unsigned => TestJwt.Unsigned(Header("none"), claims),
            Forgery.PublicKeyAsSecret => TestJwt.SignWithSecret(Header("HS256"), claims, Encoding.ASCII.GetBytes(issuer.Server.Key("key-1").ExportSubjectPublicKeyInfoPem())),
            Forgery.OtherAlgorithm => TestJwt.Sign(Header("RS512"), claims, issuer.Server.Key("key-1"), HashAlgorithmName.SHA512),
            Forgery.Resigned => TestJwt.Sign(Header("RS256"), claims, Stranger.Value),
            Forgery.KeyUnknown => TestJwt.Sign(Header("RS256", "key-unknown"), claims, Stranger.Value),
            _ => TestJwt.Sign(Header("RS256"), claims, issuer.Server.Key("key-1")),
        };
        return issuer.Mint.Keep(token);
    }

    private static JsonObject Header(string algorithm, string keyId = "key-1") => new() { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = keyId };

    private JsonObject Describe(string audience)
    {
        var from = issuer.Clock.GetUtcNow() + Forgery switch
        {
            Forgery.Expired => -TimeSpan.FromHours(1),
            Forgery.NotYetValid => TimeSpan.FromHours(1),
            _ => TimeSpan.Zero,
        };
        var claims = (JsonObject)Claims.DeepClone();
        claims["iss"] = Forgery == Forgery.Issuer ? "https://issuer.attacker.example" : issuer.Issuer;
        claims["aud"] = Forgery == Forgery.Audience ? "https://another.example" : audience;
        claims["sub"] = Forgery == Forgery.Subject ? "org:acme:project:web:environment:prod:automation:stranger" : subject;
        claims["iat"] = from.ToUnixTimeSeconds();
        claims["nbf"] = from.ToUnixTimeSeconds();
        claims["exp"] = (from + Lifetime).ToUnixTimeSeconds();
        claims["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return claims;
    }
}
