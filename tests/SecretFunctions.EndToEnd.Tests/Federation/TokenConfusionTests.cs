using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>Our own tokens, genuine and altered, brought back to the service that made them.</summary>
public sealed class TokenConfusionTests : IDisposable
{
    private static readonly string[] Audiences = ["secretfunctions", "sts.amazonaws.com", "*"];

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_genuine_token_of_ours_opens_nothing_whatever_its_audience_and_whatever_an_admin_tries()
    {
        await using var server = await FederatedServer.StartAsync(_folder.File("data"));
        var crew = await GivenAsync(server);
        foreach (var name in new[] { server.Issuer, $"{server.Issuer}/", server.Issuer.Replace("http", "HTTP", StringComparison.Ordinal) })
        {
            var body = new JsonObject
            {
                ["issuer"] = name,
                ["audience"] = "secretfunctions",
                ["conditions"] = new JsonObject { ["automation"] = "crew" },
                ["principal"] = new JsonObject { ["type"] = "automation", ["name"] = "crew" },
            };
            (await Answer.OfAsync(server.Operator, HttpMethod.Put, "v1/trusted-issuers/us", body)).ShouldBe(400, "trusted_issuer.issuer_is_own");
        }

        // Another name for the place where our keys are is trusted, in vain: tokens say our own.
        await server.PutAsync("v1/trusted-issuers/alias", new JsonObject
        {
            ["issuer"] = $"http://localhost:{server.Process.Url.Port}",
            ["audience"] = "secretfunctions",
            ["conditions"] = new JsonObject { ["automation"] = "crew" },
            ["principal"] = new JsonObject { ["type"] = "automation", ["name"] = "crew" },
            ["jwksUri"] = $"{server.Issuer}/.well-known/jwks.json",
        });

        foreach (var audience in Audiences.Append(server.Issuer))
        {
            var token = await FederatedServer.TokenAsync(crew, audience);
            await ShouldBeRefusedAsync(server, token, "auth.token_is_own");
            await ShouldBeRefusedAsync(server, Altered(token, static claims => claims["iss"] = ((string)claims["iss"]!).Replace("127.0.0.1", "localhost", StringComparison.Ordinal)), "auth.token_signature");
        }
    }

    [Fact]
    public async Task A_token_in_our_name_opens_nothing_whoever_signed_it()
    {
        await using var server = await FederatedServer.StartAsync(_folder.File("data"));
        var crew = await GivenAsync(server);
        var token = await FederatedServer.TokenAsync(crew, server.Issuer);
        var (header, claims) = TestJwt.Read(token)!.Value;
        var parts = token.Split('.');
        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        using var stranger = RSA.Create(2048);
        using var key = await PublicKeyAsync(server);
        var none = new JsonObject { ["alg"] = "none", ["kid"] = header["kid"]!.DeepClone() };
        var mac = new JsonObject { ["alg"] = "HS256", ["kid"] = header["kid"]!.DeepClone() };

        foreach (var (code, forged) in new (string, string)[]
        {
            ("auth.token_is_own", TestJwt.Sign((JsonObject)header.DeepClone(), claims, stranger)),
            ("auth.token_is_own", TestJwt.Unsigned(none, claims)),
            ("auth.token_is_own", TestJwt.SignWithSecret(mac, claims, Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()))),
            ("auth.token_is_own", TestJwt.SignWithSecret(mac, claims, key.ExportSubjectPublicKeyInfo())),
            ("auth.token_malformed", $"{token}.AAAA.AAAA"),
            ("auth.token_malformed", $"{parts[0]}.{parts[1]}"),
            ("auth.token_malformed", $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text[..^1] + $",\"padding\":\"{new string('p', 16 * 1024)}\"}}"))}.{parts[2]}"),
            ("auth.token_malformed", $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text[..^1] + ",\"iss\":\"https://ci.example.org\"}"))}.{parts[2]}"),
            ("auth.token_malformed", $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes("{\"iss\":\"https://ci.example.org\"," + text[1..]))}.{parts[2]}"),
        })
        {
            await ShouldBeRefusedAsync(server, forged, code);
        }

        // Larger than what a web server takes as a header at all.
        using var huge = server.Client($"{token}{new string('A', 64 * 1024)}");
        (await Answer.OfAsync(huge, HttpMethod.Get, "v1/whoami")).Status.ShouldBe(431);
        (await Answer.OfAsync(server.Operator, HttpMethod.Get, "v1/whoami")).ShouldBe(200);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<HttpClient> GivenAsync(FederatedServer server)
    {
        var crew = (await server.GivenAsync("crew")).Single();
        await server.PutAsync("v1/organizations/default", new JsonObject { ["tokenAudiences"] = new JsonArray([.. Audiences.Append(server.Issuer).Select(static audience => JsonValue.Create(audience))]) });
        return crew;
    }

    private static async Task ShouldBeRefusedAsync(FederatedServer server, string token, string code)
    {
        using var client = server.Client(token);
        ShouldBeRefused(await Answer.OfAsync(client, HttpMethod.Get, "v1/whoami"), code);
        ShouldBeRefused(await FederatedServer.ResolveAsync(client), code);
        ShouldBeRefused(await FederatedServer.TokenAnswerAsync(client, server.Issuer), code).Body.ShouldNotContain(token.Split('.')[1]);
    }

    /// <summary>So many tokens come from here that the refusals say to slow down; they go on saying why.</summary>
    private static Answer ShouldBeRefused(Answer answer, string code)
    {
        answer.Status.ShouldBeOneOf([401, 429], answer.Body);
        (answer.Status == 401 ? answer.Code : (string)JsonNode.Parse(answer.Body)!["errors"]![0]!["code"]!).ShouldBe(code, answer.Body);
        return answer;
    }

    private static string Altered(string token, Action<JsonObject> alter)
    {
        var (_, claims) = TestJwt.Read(token)!.Value;
        alter(claims);
        var parts = token.Split('.');
        return $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}.{parts[2]}";
    }

    private static async Task<RSA> PublicKeyAsync(FederatedServer server)
    {
        var key = (await Answer.OfAsync(server.Operator, HttpMethod.Get, ".well-known/jwks.json")).ShouldBe(200).Json["keys"]![0]!;
        return RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key["n"]!.ToString()),
            Exponent = Base64Url.DecodeFromChars(key["e"]!.ToString()),
        });
    }
}
