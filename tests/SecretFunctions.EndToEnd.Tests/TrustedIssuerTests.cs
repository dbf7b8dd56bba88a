using System.Security.Cryptography;
using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Federation;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>An automation that shows a token of its platform instead of a key.</summary>
public sealed class TrustedIssuerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task A_platforms_token_is_its_automation_and_an_altered_one_is_nobody(string algorithm)
    {
        await using var issuer = new ForeignIssuer();
        await issuer.StartAsync();
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        issuer.AddKey("curve", curve);
        await using var server = await FederatedServer.StartAsync(_folder.File("data"));
        await server.PutAsync("v1/automations/deploy", new JsonObject { ["project"] = "default" });
        await server.PutAsync("v1/trusted-issuers/ci", new JsonObject
        {
            ["issuer"] = issuer.Name,
            ["audience"] = "secretfunctions",
            ["conditions"] = new JsonObject { ["repository"] = "acme/web" },
            ["principal"] = new JsonObject { ["type"] = "automation", ["name"] = "deploy" },
        });
        var token = issuer.Sign(Claims(issuer), algorithm == "RS256" ? "key-1" : "curve", algorithm);

        using var deploy = server.Client(token);
        (await Answer.OfAsync(deploy, HttpMethod.Post, "v1/resolve", new JsonObject())).ShouldBe(200);

        var parts = token.Split('.');
        using var nobody = server.Client($"{parts[0]}.{parts[1]}.{(parts[2][0] == 'A' ? 'B' : 'A')}{parts[2][1..]}");
        (await Answer.OfAsync(nobody, HttpMethod.Post, "v1/resolve", new JsonObject())).ShouldBe(401, "auth.token_signature");
    }

    public void Dispose() => _folder.Dispose();

    private static JsonObject Claims(ForeignIssuer issuer)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["iss"] = issuer.Name,
            ["aud"] = "secretfunctions",
            ["sub"] = "repo:acme/web:ref:refs/heads/main",
            ["repository"] = "acme/web",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 300,
        };
    }
}
