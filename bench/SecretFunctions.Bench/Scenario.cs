using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Http;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Hosting;
using SecretFunctions.Server;

namespace SecretFunctions.Bench;

/// <summary>The real parts on a new folder: an automation with 20 assigned variables of 40 bytes, its API key, and a warm plan.</summary>
/// <remarks>Blocks where it starts and ends: BenchmarkDotNet does not wait for a setup in this process that is asynchronous.</remarks>
internal sealed class Scenario : IDisposable
{
    public const int Variables = 20;

    public const string RequestBody =
        """{"environment":"prod","kickoff":{"id":"run-42","kind":"crew","triggeredBy":"someone@example.org"}}""";

    private const string OperatorKey = "bench-operator-key-bench-operator-key";

    private readonly WebApplication _app;
    private readonly ApiPipeline _pipeline;
    private readonly string _folder;

    private Scenario(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        _pipeline = new ApiPipeline(app.Services);
    }

    public string ApiKey { get; private set; } = "";

    public Session Session { get; private set; } = null!;

    public Authenticator Authenticator => _app.Services.GetRequiredService<Authenticator>();

    public Resolver Resolver => _app.Services.GetRequiredService<Resolver>();

    public AuditLog Audit => _app.Services.GetRequiredService<AuditLog>();

    public static ResolveInput Input { get; } =
        new(null, null, "prod", [], new Kickoff("run-42", "crew", "someone@example.org"), Fresh: false, Partial: false, Snapshot: null);

    public static Scenario Start()
    {
        var folder = Directory.CreateTempSubdirectory("secretfunctions-bench-").FullName;
        Environment.SetEnvironmentVariable("SecretFunctions__BootstrapKey", OperatorKey);
        var app = ServerHost.Build(["--data", folder, "--SecretFunctions:ConsistencyWindowSeconds", "60"]);
        app.Services.StartSecretFunctionsAsync(CancellationToken.None).GetAwaiter().GetResult();
        var scenario = new Scenario(app, folder);
        scenario.PrepareAsync().GetAwaiter().GetResult();
        return scenario;
    }

    public Task<Core.Result<Resolution>> ResolveAsync() =>
        Resolver.ResolveAsync(Session, Input, "variable.resolve", CancellationToken.None).AsTask();

    public void Dispose()
    {
        _app.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task PrepareAsync()
    {
        await SendAsync("PUT", "/v1/automations/billing-crew", """{"project":"default"}""");
        var keys = Enumerable.Range(0, Variables).Select(static i => $"SERVICE_{i:D2}_TOKEN").ToArray();
        foreach (var key in keys)
        {
            await SendAsync("PUT", $"/v1/variables/prod/{key}", """{"value":"0123456789012345678901234567890123456789"}""");
        }

        var items = string.Join(',', keys.Select(static key => $$"""{"key":"{{key}}"}"""));
        await SendAsync("PUT", "/v1/automations/billing-crew/assignments", $$"""{"items":[{{items}}]}""", "?environment=prod");
        using var created = JsonDocument.Parse(
            await SendAsync("POST", "/v1/api-keys", """{"name":"bench","principal":{"type":"automation","name":"billing-crew"}}"""));
        ApiKey = created.RootElement.GetProperty("key").GetString()!;
        var recognized = await Authenticator.AuthenticateAsync(ApiKey, null, address: null, CancellationToken.None);
        Session = recognized.TryGet(out var session, out _) ? session : throw new InvalidOperationException("The key is not recognized.");
        using var resolution = (await ResolveAsync()).TryGet(out var resolved, out _) ? resolved : throw new InvalidOperationException("Nothing resolves.");
    }

    private async Task<string> SendAsync(string method, string path, string body, string query = "")
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var bytes = Encoding.UTF8.GetBytes(body);
        var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);
        context.Request.ContentType = "application/json";
        context.Request.ContentLength = bytes.Length;
        context.Request.Body = new MemoryStream(bytes);
        context.Request.Headers.Authorization = $"Bearer {OperatorKey}";
        using var answer = new MemoryStream();
        context.Response.Body = answer;
        await _pipeline.InvokeAsync(context);
        await context.Response.BodyWriter.FlushAsync();
        var text = Encoding.UTF8.GetString(answer.ToArray());
        return context.Response.StatusCode < 300 ? text : throw new InvalidOperationException($"{method} {path} answered {context.Response.StatusCode}: {text}");
    }
}
