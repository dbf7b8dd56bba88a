using System.Text.Json;
using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Federation;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>What the server as a process says of itself as an issuer.</summary>
public sealed class IssuerTests : IDisposable
{
    private const string Discovery = "/.well-known/openid-configuration";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task On_loopback_a_server_is_its_own_issuer_and_is_discovered_as_one()
    {
        await using var server = await ServerProcess.StartAsync(_folder.File("data"));
        var url = server.Url.AbsoluteUri.TrimEnd('/');
        using var client = new HttpClient { BaseAddress = server.Url };

        JsonElement.Parse(await client.GetByteArrayAsync(Discovery)).GetProperty("issuer").GetString().ShouldBe(url);
        await using var verifier = await TokenVerifier.StartAsync(url, "any");
        verifier.Discovered.ShouldBe($"discovered {url} RS256");
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/.well-known/jwks.json"));
        ((int)head.StatusCode, head.Headers.CacheControl?.ToString()).ShouldBe((200, "public, max-age=300"));
    }

    [Fact]
    public async Task Its_tokens_are_accepted_by_foreign_verifiers_across_a_rotation_and_not_after_a_revocation()
    {
        await using var server = await FederatedServer.StartAsync(_folder.File("data"));
        var crew = (await server.GivenAsync("crew")).Single();
        await server.PutAsync("v1/organizations/default", new JsonObject { ["tokenAudiences"] = new JsonArray("https://api.example.org") });
        await using var verifier = await TokenVerifier.StartAsync(server.Issuer, "https://api.example.org");
        var first = await MintAsync();
        (await VerifyAsync(first)).ShouldBe($"usual {FederatedServer.Subject("crew")} {KeyId(first)}, lasting {FederatedServer.Subject("crew")} {KeyId(first)}");

        (await Answer.OfAsync(server.Operator, HttpMethod.Post, "v1/keys/signing/rotate")).ShouldBe(200);
        foreach (var token in new[] { first, await MintAsync() })
        {
            KeyId(token).ShouldBe(KeyId(first), "the next key is published and does not sign yet");
            (await VerifyAsync(token)).ShouldNotContain("refused");
        }

        (await Answer.OfAsync(server.Operator, HttpMethod.Delete, $"v1/keys/signing/{KeyId(first)}")).ShouldBe(204);
        await using var another = await TokenVerifier.StartAsync(server.Issuer, "https://api.example.org");
        var replaced = await MintAsync();
        KeyId(replaced).ShouldNotBe(KeyId(first));
        (await another.VerifyAsync(replaced, TimeProvider.System.GetUtcNow())).ShouldNotContain("refused");
        (await another.VerifyAsync(first, TimeProvider.System.GetUtcNow())).ShouldBe("usual refused ERR_JWKS_NO_MATCHING_KEY, lasting refused ERR_JWKS_NO_MATCHING_KEY");

        Task<string> MintAsync() => FederatedServer.TokenAsync(crew, "https://api.example.org");
        Task<string> VerifyAsync(string token) => verifier.VerifyAsync(token, TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task An_issuer_that_is_set_stays_whatever_the_server_listens_on()
    {
        await using var server = await ServerProcess.StartAsync(_folder.File("data"), ("SecretFunctions__Issuer", "https://secrets.example.com"));
        using var client = new HttpClient { BaseAddress = server.Url };
        client.DefaultRequestHeaders.Host = "evil.example";

        JsonElement.Parse(await client.GetByteArrayAsync(Discovery)).GetProperty("issuer").GetString().ShouldBe("https://secrets.example.com");
    }

    [Fact]
    public async Task The_keys_outlast_a_restart()
    {
        var data = _folder.File("data");
        var keys = new List<string>();
        for (var start = 0; start < 2; start++)
        {
            await using var server = await ServerProcess.StartAsync(data);
            using var client = new HttpClient { BaseAddress = server.Url };
            keys.Add(await client.GetStringAsync("/.well-known/jwks.json"));
            await server.StopAsync();
        }

        keys[1].ShouldBe(keys[0]);
    }

    public void Dispose() => _folder.Dispose();

    private static string KeyId(string token) => (string)TestJwt.Read(token)!.Value.Header["kid"]!;
}
