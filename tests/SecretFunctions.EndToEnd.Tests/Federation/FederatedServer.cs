using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>
/// The server as a process, on loopback and so its own issuer, and clouds that know nothing but that issuer. What is set up in the server is set
/// up by its operator; what is resolved, by automations with keys of their own.
/// </summary>
internal sealed class FederatedServer : IAsyncDisposable
{
    public const string Configuration = "cloud";
    public const string Environment = "prod";

    private readonly List<HttpClient> _clients = [];

    private FederatedServer(ServerProcess process, IReadOnlyList<FederatedCloud> clouds)
    {
        Process = process;
        Clouds = clouds;
        Operator = Client(process.Key!);
    }

    public ServerProcess Process { get; }

    public IReadOnlyList<FederatedCloud> Clouds { get; }

    /// <summary>Where there is but one.</summary>
    public FederatedCloud Cloud => Clouds.Single();

    public HttpClient Operator { get; }

    /// <summary>What tokens name as their issuer: nothing was set, so the server's own address.</summary>
    public string Issuer => Process.Url.AbsoluteUri.TrimEnd('/');

    public static string Subject(string automation) => $"org:default:project:default:environment:{Environment}:automation:{automation}";

    public static Task<FederatedServer> StartAsync(string data, params string[] clouds) => StartAsync(data, [], clouds);

    public static async Task<FederatedServer> StartAsync(string data, (string Name, string Value)[] environment, params string[] clouds)
    {
        var doubles = await Task.WhenAll(clouds.Select(static cloud => FederatedCloud.StartAsync(cloud, TimeProvider.System)));
        (string, string)[] settings =
        [
            ("Providers:AllowedHosts", "127.0.0.1,localhost"), ("Providers:TrustedRootsFile", TestCertificates.RootFile), .. doubles.SelectMany(static cloud => cloud.Settings),
        ];
        var process = await ServerProcess.StartAsync(
            data, [.. environment, .. settings.Select(static setting => ($"SecretFunctions__{setting.Item1.Replace(":", "__", StringComparison.Ordinal)}", setting.Item2))]);
        return new FederatedServer(process, doubles);
    }

    /// <summary>
    /// Automations, and for each cloud what its admin writes: trust there; here a configuration, a credential without a secret and a variable that
    /// refers to <c>openai</c>, assigned to all of them. Keys are K0, K1 and so on.
    /// </summary>
    public async Task<HttpClient[]> GivenAsync(params string[] automations)
    {
        foreach (var automation in automations)
        {
            await PutAsync($"v1/automations/{automation}", new JsonObject { ["project"] = "default" });
        }

        foreach (var (index, cloud) in Clouds.Index())
        {
            cloud.Trust(Issuer, [.. automations.Select(Subject)]);
            await PutAsync($"v1/workload-identity-configs/{Configuration}{index}", cloud.Configuration);
            await PutAsync($"v1/provider-credentials/store{index}", cloud.CredentialBy($"{Configuration}{index}"));
            await PutAsync(
                $"v1/variables/{Environment}/K{index}",
                new JsonObject { ["reference"] = new JsonObject { ["credential"] = $"store{index}", ["secret"] = cloud.Put("openai", $"value-{index}") } });
        }

        foreach (var automation in automations)
        {
            var items = Clouds.Index().Select(static cloud => new JsonObject { ["key"] = $"K{cloud.Index}" });
            await PutAsync($"v1/automations/{automation}/assignments?environment={Environment}", new JsonObject { ["items"] = new JsonArray([.. items]) });
        }

        return await Task.WhenAll(automations.Select(KeyHolderAsync));
    }

    /// <summary>The automation, by an API key of its own.</summary>
    public async Task<HttpClient> KeyHolderAsync(string automation) => Client((await MakeKeyAsync(automation))["key"]!.ToString());

    public async Task<JsonNode> MakeKeyAsync(string automation)
    {
        var request = new JsonObject { ["name"] = automation, ["principal"] = new JsonObject { ["type"] = "automation", ["name"] = automation } };
        return (await Answer.OfAsync(Operator, HttpMethod.Post, "v1/api-keys", request)).ShouldBe(201).Json;
    }

    public HttpClient Client(string credential)
    {
        var client = new HttpClient { BaseAddress = Process.Url };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {credential}");
        _clients.Add(client);
        return client;
    }

    public async Task<Answer> PutAsync(string path, JsonObject body) => (await Answer.OfAsync(Operator, HttpMethod.Put, path, body)).ShouldSucceed();

    public static Task<Answer> ResolveAsync(HttpClient automation) =>
        Answer.OfAsync(automation, HttpMethod.Post, "v1/resolve", new JsonObject { ["environment"] = Environment });

    /// <summary>The value of the one key that resolved.</summary>
    public static async Task<string> ValueAsync(HttpClient automation) => (await ResolveAsync(automation)).ShouldBe(200).Json["variables"]!["K0"]!.ToString();

    /// <summary>The one key's failure.</summary>
    public static async Task<JsonNode> FailureAsync(HttpClient automation) =>
        (await ResolveAsync(automation)).ShouldBe(424, "resolve.failed").Json["errors"]!.AsArray().ShouldHaveSingleItem()!;

    /// <summary>A token of <c>POST /v1/tokens</c>.</summary>
    public static async Task<string> TokenAsync(HttpClient automation, string audience, string environment = Environment) =>
        (await TokenAnswerAsync(automation, audience, environment)).ShouldBe(200).Json["token"]!.ToString();

    public static Task<Answer> TokenAnswerAsync(HttpClient automation, string audience, string environment = Environment) => Answer.OfAsync(
        automation, HttpMethod.Post, "v1/tokens", new JsonObject { ["audience"] = audience, ["environment"] = environment });

    /// <summary>Every event's action, newest first, and its whole text.</summary>
    public async Task<IReadOnlyList<(string Action, string Text)>> AuditAsync()
    {
        var log = (await Answer.OfAsync(Operator, HttpMethod.Get, "v1/audit-events?limit=200")).ShouldBe(200);
        return [.. log.Json["items"]!.AsArray().Select(static item => (item!["action"]!.ToString(), item.ToJsonString()))];
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _clients.ForEach(static client => client.Dispose());
        foreach (var cloud in Clouds)
        {
            await cloud.DisposeAsync();
        }
    }
}
