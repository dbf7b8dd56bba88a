using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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

    /// <summary>Unless a test sets others. With a clock that stands still no request would ever be paid off.</summary>
    private static readonly (string Name, string Value)[] Defaults =
        [("BootstrapKey", OperatorKey), ("Issuer", Issuer), ("Limits:PrincipalRequestsPerSecond", "0"), ("Limits:OrganizationRequestsPerSecond", "0")];

    private readonly WebApplication _app;
    private readonly Traffic _traffic;
    private readonly bool _ownsData;

    private ApiHost(WebApplication app, Traffic traffic, string data, bool ownsData, TestClock clock, CapturedLogs logs)
    {
        _app = app;
        _traffic = traffic;
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

    /// <summary>Where a host on Kestrel listens.</summary>
    public Uri Address => new(_app.Urls.Single());

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

    /// <summary>On a socket, for what cannot be done in memory.</summary>
    public static Task<ApiHost> ListenAsync(Head head, Action<IServiceCollection>? configure = null, Action<KestrelServerLimits>? limit = null) => StartAsync(
        head,
        Directory.CreateTempSubdirectory("secretfunctions-api-").FullName,
        ownsData: true,
        new TestClock(),
        configure,
        [],
        host => host.UseKestrel(kestrel => limit?.Invoke(kestrel.Limits)).UseUrls("http://127.0.0.1:0"));

    /// <summary>Another instance on the same data, by the same clock.</summary>
    public Task<ApiHost> StartAnotherAsync(Head head, params (string Name, string Value)[] settings) =>
        StartAsync(head, Data, ownsData: false, Clock, null, settings);

    /// <summary>A client with this key, or with none.</summary>
    public HttpClient Client(string? key, string? organization = null)
    {
        var client = _traffic.OnASocket ? new HttpClient { BaseAddress = Address } : _app.GetTestClient();
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

    /// <summary>Returns once another request has come.</summary>
    public Task BeginOneAsync() => NextAsync(_traffic.Begun);

    /// <summary>Returns once another request is over, also one whose client is gone.</summary>
    public Task FinishOneAsync() => NextAsync(_traffic.Finished);

    /// <summary>Fails where an exception got out of the API, or a router did not get back what is its own.</summary>
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _traffic.Faults.ShouldBeEmpty();
        if (_ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    private static async Task NextAsync(Channel<string> requests)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await requests.Reader.ReadAsync(patience.Token);
    }

    private static async Task<ApiHost> StartAsync(
        Head head,
        string data,
        bool ownsData,
        TestClock clock,
        Action<IServiceCollection>? configure,
        (string Name, string Value)[] settings,
        Action<IWebHostBuilder>? listen = null)
    {
        var logs = new CapturedLogs();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        (listen ?? (static host => host.UseTestServer()))(builder.WebHost);
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs);
        builder.Configuration.AddInMemoryCollection(
            Defaults.Append(("Data", data)).Concat(settings)
                .GroupBy(static setting => setting.Item1.StartsWith("OTEL_", StringComparison.Ordinal) ? setting.Item1 : $"{SecretFunctionsOptions.Section}:{setting.Item1}", static (name, values) => KeyValuePair.Create(name, (string?)values.Last().Item2))
                .Where(static setting => setting.Value != Unset));
        builder.Services.AddSecretFunctions(builder.Configuration);
        builder.Services.AddSingleton<TimeProvider>(clock);
        configure?.Invoke(builder.Services);
        if (head == Head.BehindARouter)
        {
            builder.Services.AddHttpContextAccessor();
        }

        var app = builder.Build();
        var traffic = new Traffic(listen is not null);
        app.Use(traffic.WatchAsync);
        if (head == Head.Direct)
        {
            app.UseSecretFunctions();
        }
        else
        {
            app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All });
            app.UseRouting();
            app.Map(ForeignRouter.Route, new ForeignRouter(app.Services.GetRequiredService<ApiPipeline>(), traffic.Faults).InvokeAsync);
        }

        await app.Services.StartSecretFunctionsAsync(CancellationToken.None);
        await app.StartAsync();
        return new ApiHost(app, traffic, data, ownsData, clock, logs);
    }

    /// <summary>What goes through the host.</summary>
    private sealed record Traffic(bool OnASocket)
    {
        public ConcurrentQueue<string> Faults { get; } = [];

        public Channel<string> Begun { get; } = Channel.CreateUnbounded<string>();

        public Channel<string> Finished { get; } = Channel.CreateUnbounded<string>();

        public async Task WatchAsync(Microsoft.AspNetCore.Http.HttpContext context, Microsoft.AspNetCore.Http.RequestDelegate next)
        {
            Begun.Writer.TryWrite(context.Request.Path);
            try
            {
                await next(context);
            }
            catch (Exception exception)
            {
                Faults.Enqueue($"{context.Request.Path} let out {exception}");
                throw;
            }
            finally
            {
                Finished.Writer.TryWrite(context.Request.Path);
            }
        }
    }
}
