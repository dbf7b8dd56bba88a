using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Access.Trust;

/// <summary>Tokens that are nearly right, in every way in which a token can be.</summary>
public abstract class TokenConfusionTests(Head head) : TrustTest(head)
{
    [Fact]
    public async Task Our_own_tokens_open_nothing_here_and_nobody_s_are_taken_for_them()
    {
        await DeployAsync();
        using var ours = RSA.Create(2048);
        foreach (var name in new[] { OurName, $"{OurName}/", OurName.ToUpperInvariant() })
        {
            var claims = Claims(("iss", name), ("sub", "org:default:project:default:environment:dev:automation:deploy"));
            (await WhoamiAsync(ForeignIssuer.Sign("""{"alg":"RS256","typ":"JWT","kid":"our-key"}""", claims.ToJsonString(), "RS256", ours))).ShouldBeProblem(401, "auth.token_is_own");
            (await WhoamiAsync(Issuer.Sign(claims))).ShouldBeProblem(401, "auth.token_is_own");
            (await PutAsync(Operator, "us", "automation:deploy", """{"repository":"acme/web"}""", name)).ShouldBeProblem(400, "trusted_issuer.issuer_is_own");
        }

        Issuer.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_of_an_issuer_that_nobody_named_is_refused_without_asking_anybody()
    {
        await DeployAsync();
        foreach (var issuer in new JsonNode?[]
        {
            $"{Issuer.Name}/", Issuer.Name.ToUpperInvariant(), $"{Issuer.Name}/x", $"{Issuer.Name}?x", $" {Issuer.Name}", Issuer.Name.Replace("http:", "https:", StringComparison.Ordinal),
            "https://token.actions.githubusercontent.com", "ci", Issuer.Name[..^1],
        })
        {
            var reply = (await WhoamiAsync(Claims(("iss", issuer)))).ShouldBeProblem(401, "auth.issuer_not_trusted");
            reply.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer error=\"invalid_token\"");
            reply.Body.ShouldNotContain((string)issuer!);
        }

        foreach (var issuer in new JsonNode?[] { null, "", 1, true, new JsonArray(Issuer.Name), new JsonObject(), new string('i', 501) })
        {
            (await WhoamiAsync(Claims(("iss", issuer)))).ShouldBeProblem(401, "auth.token_malformed");
        }

        Issuer.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signature_that_is_not_the_issuer_s_is_refused()
    {
        await DeployAsync();
        using var foreign = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = Issuer.Sign(Claims());
        var parts = token.Split('.');
        var publicKey = ForeignIssuer.RsaKey.ExportSubjectPublicKeyInfo();
        var pem = ForeignIssuer.RsaKey.ExportSubjectPublicKeyInfoPem();
        var jwk = ForeignIssuer.Describe("key-1", ForeignIssuer.RsaKey);
        foreach (var (code, forged) in new (string, string)[]
        {
            ("auth.token_signature", Signed(foreign, """{"alg":"RS256","kid":"key-1"}""")),
            ("auth.token_signature", $"{parts[0]}.{ForeignIssuer.Encode(Claims(("repository", "acme/other")).ToJsonString())}.{parts[2]}"),
            ("auth.token_signature", $"{parts[0]}.{parts[1]}."),
            ("auth.token_signature", $"{parts[0]}.{parts[1]}.AA"),
            ("auth.token_algorithm", $"{ForeignIssuer.Encode("""{"alg":"none","kid":"key-1"}""")}.{parts[1]}."),
            ("auth.token_algorithm", $"{ForeignIssuer.Encode("""{"alg":"None","kid":"key-1"}""")}.{parts[1]}.{parts[2]}"),
            ("auth.token_algorithm", $"{ForeignIssuer.Encode("""{"kid":"key-1"}""")}.{parts[1]}.{parts[2]}"),
            ("auth.token_algorithm", WithMac(parts[1], publicKey)),
            ("auth.token_algorithm", WithMac(parts[1], Encoding.ASCII.GetBytes(pem))),
            ("auth.token_algorithm", WithMac(parts[1], Encoding.ASCII.GetBytes($"{pem}\n"))),
            ("auth.token_algorithm", WithMac(parts[1], Encoding.ASCII.GetBytes(jwk.ToJsonString()))),
            ("auth.token_algorithm", WithMac(parts[1], Base64Url.DecodeFromChars((string)jwk["n"]!))),
            ("auth.token_key_unknown", ForeignIssuer.Sign("""{"alg":"ES256","kid":"key-1"}""", Claims().ToJsonString(), "ES256", curve)),

            // Where a key is to be found, and what it is, is not the token's to say.
            ("auth.token_signature", Signed(foreign, $$"""{"alg":"RS256","kid":"key-1","jku":"{{Issuer.Name}}/evil"}""")),
            ("auth.token_signature", Signed(foreign, $$"""{"alg":"RS256","kid":"key-1","x5u":"{{Issuer.Name}}/evil"}""")),
            ("auth.token_signature", Signed(foreign, $$"""{"alg":"RS256","kid":"key-1","jwk":{{ForeignIssuer.Describe("key-1", foreign).ToJsonString()}}}""")),
            ("auth.token_key_unknown", Signed(foreign, $$"""{"alg":"RS256","jwk":{{ForeignIssuer.Describe("key-1", foreign).ToJsonString()}}}""")),
            ("auth.token_key_unknown", Signed(foreign, $$"""{"alg":"RS256","kid":"{{Issuer.Name}}/evil"}""")),
            ("auth.token_key_unknown", Signed(foreign, """{"alg":"RS256","kid":"../../../../dev/null"}""")),
            ("auth.token_key_unknown", Signed(foreign, """{"alg":"RS256","kid":"' OR 1=1 --"}""")),
            ("auth.token_key_unknown", Signed(foreign, """{"alg":"RS256","kid":1}""")),
            ("auth.token_key_unknown", Signed(foreign, """{"alg":"RS256","kid":""}""")),
        })
        {
            (await WhoamiAsync(forged)).ShouldBeProblem(401, code);
        }

        Issuer.Requests.Distinct().ShouldBe([ForeignIssuer.Discovery, ForeignIssuer.Keys]);
        (await WhoamiAsync(token)).ShouldBe(200);

        string Signed(RSA key, string header) => ForeignIssuer.Sign(header, Claims().ToJsonString(), "RS256", key);
    }

    [Fact]
    public async Task What_is_no_plain_signed_token_is_refused()
    {
        await DeployAsync();
        var token = Issuer.Sign(Claims());
        var parts = token.Split('.');
        var claims = Claims().ToJsonString();
        foreach (var (code, forged) in new (string, string)[]
        {
            ("auth.token_malformed", $"{token}.a.b"),
            ("auth.token_malformed", $"{ForeignIssuer.Encode("""{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}""")}.AAAA.AAAA.AAAA.AAAA"),
            ("auth.token_malformed", $"{parts[0]}.{parts[1]}"),
            ("auth.token_malformed", $"{parts[0]}.{parts[1]}.{parts[2]}."),
            ("auth.token_malformed", $"{parts[0]}..{parts[2]}"),
            ("auth.token_malformed", $"{parts[0]} .{parts[1]}.{parts[2]}"),
            ("auth.token_malformed", $"{parts[0]}.{parts[1]}=.{parts[2]}"),
            ("auth.token_malformed", Huge(17 * 1024)),
            ("auth.token_malformed", Exactly("[]")),
            ("auth.token_malformed", Exactly("null")),
            ("auth.token_malformed", Exactly($"{claims} {{}}")),
            ("auth.token_malformed", Exactly(claims[..^1] + ",\"iss\":\"https://evil.example.org\"}")),
            ("auth.token_malformed", Exactly(claims[..^1] + ",\"repository\":\"acme/web\"}")),
            ("auth.token_malformed", Exactly(claims[..^1] + ",\"reposit\\u006fry\":\"acme/web\"}")),
            ("auth.token_malformed", Exactly(claims[..^1] + ",\"x\":{\"a\":1,\"a\":2}}")),
            ("auth.token_malformed", Exactly(claims[..^1] + ",\"x\":\"\\ud800\"}")),
            ("auth.token_malformed", Exactly(claims[..^1] + $",\"x\":{new string('[', 100)}{new string(']', 100)}}}")),
            ("auth.token_malformed", Issuer.Sign(Claims(("aud", 1)))),
            ("auth.token_malformed", Issuer.Sign(Claims(("aud", new JsonArray(Audience, 1))))),
            ("auth.token_malformed", Issuer.Sign(Claims(("aud", new JsonObject { ["x"] = Audience })))),
            ("auth.token_malformed", Issuer.Sign(Claims(("exp", "2030-01-01T00:00:00Z")))),
            ("auth.token_malformed", Exactly(claims.Replace("\"exp\":", "\"exp\":1e400,\"x\":", StringComparison.Ordinal))),
            ("auth.token_malformed", Issuer.Sign(Claims(("exp", 9e18)))),
            ("auth.token_malformed", Issuer.Sign(Claims(("nbf", -1)))),
            ("auth.token_malformed", Inside("""{"alg":"RS256","alg":"none","kid":"key-1"}""")),
            ("auth.token_algorithm", Inside("""{"alg":"RS256","kid":"key-1","crit":["b64"],"b64":false}""")),
            ("auth.token_algorithm", Inside("""{"alg":"RS256","kid":"key-1","crit":[]}""")),
            ("auth.token_algorithm", Inside("""{"alg":"RS256","kid":"key-1","zip":"DEF"}""")),
            ("auth.token_algorithm", Inside("""{"alg":"RS256","kid":"key-1","enc":"A256GCM"}""")),

            // A token inside a token, and a compressed one.
            ("auth.token_malformed", $"{parts[0]}.{ForeignIssuer.Encode(token)}.{parts[2]}"),
            ("auth.token_malformed", $"{parts[0]}.{Base64Url.EncodeToString(Deflated(claims))}.{parts[2]}"),
            ("auth.invalid", new string('x', 64)),
            ("auth.invalid", $"sfk_.{parts[1]}.{parts[2]}"),
        })
        {
            (await WhoamiAsync(forged)).ShouldBeProblem(401, code);
        }

        (await WhoamiAsync(token)).ShouldBe(200);

        string Exactly(string body) => ForeignIssuer.Sign("""{"alg":"RS256","kid":"key-1"}""", body, "RS256", ForeignIssuer.RsaKey);
        string Inside(string header) => ForeignIssuer.Sign(header, claims, "RS256", ForeignIssuer.RsaKey);
        string Huge(int length) => Issuer.Sign(Claims(("padding", new string('p', length))));
    }

    [Fact]
    public async Task A_genuine_token_for_another_time_audience_or_purpose_is_refused()
    {
        await DeployAsync();
        var now = Host.Clock.GetUtcNow().ToUnixTimeSeconds();
        foreach (var (code, claims) in new (string, JsonObject)[]
        {
            ("auth.token_expired", Claims(("exp", now - 60))),
            ("auth.token_expired", Claims(("exp", null))),
            ("auth.token_not_yet_valid", Claims(("nbf", now + 61))),
            ("auth.token_audience", Claims(("aud", null))),
            ("auth.token_audience", Claims(("aud", "https://github.com/acme"))),
            ("auth.token_audience", Claims(("aud", $"{Audience}/"))),
            ("auth.token_audience", Claims(("aud", Audience.ToUpperInvariant()))),
            ("auth.token_audience", Claims(("aud", new JsonArray()))),
            ("auth.token_audience", Claims(("aud", new JsonArray("a", "b")))),
            ("auth.token_claim", Claims(("repository", null))),
            ("auth.token_claim", Claims(("repository", "acme/website"))),
            ("auth.token_claim", Claims(("repository", "Acme/web"))),
            ("auth.token_claim", Claims(("repository", "acme/web "))),
            ("auth.token_claim", Claims(("repository", "*"))),
            ("auth.token_claim", Claims(("repository", new JsonObject { ["acme/web"] = "acme/web" }))),
        })
        {
            var reply = (await WhoamiAsync(claims)).ShouldBeProblem(401, code);
            reply.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer error=\"invalid_token\"");
            reply.Body.ShouldContain("ci");
            reply.Body.ShouldNotContain("acme/web");
        }

        foreach (var claims in new[]
        {
            Claims(("exp", now - 59)), Claims(("nbf", now + 60)), Claims(("nbf", null)), Claims(("exp", now + 0.5)), Claims(("aud", new JsonArray("https://github.com/acme", Audience))),
            Claims(("repository", new JsonArray("acme/api", "acme/web"))),
        })
        {
            (await WhoamiAsync(claims)).ShouldBe(200);
        }
    }

    private static string WithMac(string claims, byte[] key)
    {
        var signed = $"{ForeignIssuer.Encode("""{"alg":"HS256","typ":"JWT","kid":"key-1"}""")}.{claims}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static byte[] Deflated(string text)
    {
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal))
        {
            deflate.Write(Encoding.UTF8.GetBytes(text));
        }

        return buffer.ToArray();
    }

    public sealed class Direct() : TokenConfusionTests(Head.Direct);

    public sealed class BehindARouter() : TokenConfusionTests(Head.BehindARouter);
}
