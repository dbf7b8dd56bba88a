using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api.Http;
using SecretFunctions.Hosting;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>How requests come to the API.</summary>
public enum Head
{
    /// <summary>As under Kestrel: the API is the application's own pipeline.</summary>
    Direct,

    /// <summary>As in Azure Functions: another router has matched a catch-all and hands the request on.</summary>
    BehindARouter,
}

/// <summary>One instance of the service as it really is put together, in memory but for its SQLite files, with a clock of the test's.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    public const string OperatorKey = "the-operator-key-of-these-tests-4711";

    /// <summary>As a setting's value: it is not set, whatever tests set otherwise.</summary>
    public const string Unset = "(unset)";

    /// <summary>Unless a test sets another.</summary>
    public const string Issuer = "https://secrets.example.com";

    private readonly WebApplication _app;
    private readonly bool _ownsData;

    private ApiHost(WebApplication app, string data, bool ownsData, TestClock clock, CapturedLogs logs)
    {
        _app = app;
        _ownsData = ownsData;
        Data = data;
        Clock = clock;
        Logs = logs;
        Anonymous = Client(null);
        Operator = Client(OperatorKey);
    }

    /// <summary>The folder with the database and the root key.</summary>
    public string Data { get; }

    public TestClock Clock { get; }

    public CapturedLogs Logs { get; }

    public IServiceProvider Services => _app.Services;

    public HttpClient Anonymous { get; }

    /// <summary>The deployment's operator, in the organization <c>default</c>.</summary>
    public HttpClient Operator { get; }

    /// <param name="configure">Replaces parts, after all of them are there.</param>
    /// <param name="settings">Of the section SecretFunctions, and OpenTelemetry's own, whose names begin with OTEL_.</param>
    public static Task<ApiHost> StartAsync(Head head, Action<IServiceCollection>? configure = null, params (string Name, string Value)[] settings) =>
        StartAsync(head, new TestClock(), configure, settings);

    /// <param name="clock">One that others share.</param>
    public static Task<ApiHost> StartAsync(Head head, TestClock clock, Action<IServiceCollection>? configure, params (string Name, string Value)[] settings) =>
        StartAsync(head, Directory.CreateTempSubdirectory("secretfunctions-api-").FullName, ownsData: true, clock, configure, settings);

    /// <summary>Another instance on the same data, by the same clock.</summary>
    public Task<ApiHost> StartAnotherAsync(Head head, params (string Name, string Value)[] settings) =>
        StartAsync(head, Data, ownsData: false, Clock, null, settings);

    /// <summary>A client with this key, or with none.</summary>
    public HttpClient Client(string? key, string? organization = null)
    {
        var client = _app.GetTestClient();
        if (key is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        if (organization is not null)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation("X-Organization", organization);
        }

        return client;
    }

    /// <summary>A request of the operator's with a path that no client sends and no server decodes, but another host may; the status.</summary>
    public async Task<int> SendRawAsync(string method, string decodedPath) => (await _app.GetTestServer().SendAsync(context =>
    {
        context.Request.Method = method;
        context.Request.Path = new Microsoft.AspNetCore.Http.PathString(decodedPath);
        context.Request.Headers.Authorization = $"Bearer {OperatorKey}";
    })).Response.StatusCode;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    private static async Task<ApiHost> StartAsync(
        Head head, string data, bool ownsData, TestClock clock, Action<IServiceCollection>? configure, (string Name, string Value)[] settings)
    {
        var logs = new CapturedLogs();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(
            new[] { ("Data", data), ("BootstrapKey", OperatorKey), ("Issuer", Issuer) }.Concat(settings)
                .GroupBy(static setting => setting.Item1.StartsWith("OTEL_", StringComparison.Ordinal) ? setting.Item1 : $"{SecretFunctionsOptions.Section}:{setting.Item1}", static (name, values) => KeyValuePair.Create(name, (string?)values.Last().Item2))
                .Where(static setting => setting.Value != Unset));
        builder.Services.AddSecretFunctions(builder.Configuration);
        builder.Services.AddSingleton<TimeProvider>(clock);
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        if (head == Head.Direct)
        {
            app.UseSecretFunctions();
        }
        else
        {
            var pipeline = app.Services.GetRequiredService<ApiPipeline>();
            app.UseRouting();
            app.Map("{**path}", pipeline.InvokeAsync);
        }

        await app.Services.StartSecretFunctionsAsync(CancellationToken.None);
        await app.StartAsync();
        return new ApiHost(app, data, ownsData, clock, logs);
    }
}
