using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.EndToEnd.Tests.Stores;

/// <summary>
/// The server as a process among doubles of all six stores: what the vendors' libraries do, they do in a program as it is shipped, found or not
/// found by whatever made that program.
/// </summary>
internal sealed class StoresServer : IAsyncDisposable
{
    private readonly TemporaryFolder _data;
    private readonly ServerProcess _process;

    private StoresServer(TemporaryFolder data, ServerProcess process)
    {
        _data = data;
        _process = process;
        Operator = Client(process.Key!);
    }

    public HttpClient Operator { get; }

    /// <param name="environment">Beside the settings that lead to the doubles; one without a value takes a setting away.</param>
    public static async Task<StoresServer> StartAsync(AllStores stores, params (string Name, string? Value)[] environment)
    {
        var settings = stores.Settings.ToDictionary(
            static setting => $"SecretFunctions__{setting.Name.Replace(":", "__", StringComparison.Ordinal)}", static setting => setting.Value);
        foreach (var (name, value) in environment)
        {
            settings.Remove(name);
            if (value is not null)
            {
                settings.Add(name, value);
            }
        }

        var data = new TemporaryFolder();
        try
        {
            return new StoresServer(data, await ServerProcess.StartAsync(data.Path, [.. settings.Select(static setting => (setting.Key, setting.Value))]));
        }
        catch (Exception)
        {
            data.Dispose();
            throw;
        }
    }

    public async Task PutCredentialAsync(JsonObject credential) =>
        (await Answer.OfAsync(Operator, HttpMethod.Put, $"v1/provider-credentials/{credential["provider"]}", credential)).ShouldBe(201);

    /// <summary>A variable that refers to a secret by the provider's credential.</summary>
    public async Task ReferAsync(string key, string provider, string secret) => (await Answer.OfAsync(
        Operator,
        HttpMethod.Put,
        $"v1/variables/dev/{key}",
        new JsonObject { ["reference"] = new JsonObject { ["credential"] = provider, ["secret"] = secret } })).ShouldBe(201);

    /// <summary>The automation <c>crew</c>, made with an API key of its own.</summary>
    public async Task<HttpClient> AutomationAsync()
    {
        (await Answer.OfAsync(Operator, HttpMethod.Put, "v1/automations/crew", new JsonObject { ["project"] = "default" })).ShouldBe(201);
        var request = new JsonObject { ["name"] = "crew", ["principal"] = new JsonObject { ["type"] = "automation", ["name"] = "crew" } };
        return Client((await Answer.OfAsync(Operator, HttpMethod.Post, "v1/api-keys", request)).ShouldBe(201).Json["key"]!.ToString());
    }

    /// <summary>What a new automation gets, as <c>KEY=value</c>.</summary>
    public async Task<string[]> ResolveAsync(params string[] keys)
    {
        using var crew = await AutomationAsync();
        var items = new JsonArray([.. keys.Select(static key => new JsonObject { ["key"] = key })]);
        (await Answer.OfAsync(Operator, HttpMethod.Put, "v1/automations/crew/assignments?environment=dev", new JsonObject { ["items"] = items })).ShouldSucceed();
        var resolved = (await Answer.OfAsync(crew, HttpMethod.Post, "v1/resolve", new JsonObject { ["environment"] = "dev" })).ShouldBe(200);
        return [.. resolved.Json["variables"]!.AsObject().Select(static pair => $"{pair.Key}={pair.Value}")];
    }

    /// <summary>The report of "test connection".</summary>
    public async Task<JsonNode> TestAsync(string provider, string? secret = null) => (await Answer.OfAsync(
        Operator,
        HttpMethod.Post,
        $"v1/provider-credentials/{provider}/test",
        secret is null ? null : new JsonObject { ["secret"] = secret })).ShouldBe(200).Json;

    /// <summary>The credential reads this secret, and is this identity's.</summary>
    public async Task ShouldReadAsync(string provider, string secret, string? identity)
    {
        var report = await TestAsync(provider, secret);
        Steps(report).ShouldBe(["reach ok", "authenticate ok", "list ok", "read ok"], $"{report}\n{_process.Output}");
        ((bool)report["ok"]!).ShouldBeTrue();
        ((string?)report["identity"]).ShouldBe(identity);
    }

    /// <summary>The store lets nobody in by the credential, and nothing of an answer or an exception comes along.</summary>
    public async Task ShouldBeRefusedAsync(string provider, string? providerCode)
    {
        var report = await TestAsync(provider);
        Steps(report)[^1].ShouldBe($"authenticate provider.authentication_failed {providerCode}", $"{report}\n{_process.Output}");
        ((bool)report["ok"]!).ShouldBeFalse();
        report["identity"].ShouldBeNull();
        report.ToJsonString().ShouldNotContain("canary");
        _process.Output.ShouldNotContain("   at ", customMessage: "a refusal is no exception");
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await _process.DisposeAsync();
        _data.Dispose();
    }

    private HttpClient Client(string key)
    {
        var client = new HttpClient { BaseAddress = _process.Url };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        return client;
    }

    private static string[] Steps(JsonNode report) =>
        [.. report["checks"]!.AsArray().Select(static check => $"{check!["name"]} {((bool)check["ok"]! ? "ok" : $"{check["code"]} {check["providerCode"]}")}")];
}
