using System.Text.Json;
using SecretFunctions.EndToEnd.Tests.Harness;
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
}
