using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>
/// A protocol-level stand-in for one cloud service: a real server on loopback that checks what the cloud checks and answers
/// as the cloud answers. Derived classes hold the secrets and the rules; <see cref="Faults"/> makes it slow, throttling, broken or truncated.
/// </summary>
public abstract class CloudDouble : IAsyncDisposable
{
    private readonly WebApplication _app;
    /// <summary>Headers that tell others about a caller's trace: W3C's, and the older ones of .NET.</summary>
    private static readonly string[] TraceHeaderNames = ["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"];

    private readonly List<string> _requests = [];
    private readonly List<string> _traceHeaders = [];

    protected CloudDouble(bool https, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (https)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhostOnAnyPort(https, protocols));
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        _app = builder.Build();
        _app.Run(HandleWithFaultsAsync);
    }

    public FaultPlan Faults { get; } = new();

    /// <summary>By which its answers are dated; null: by the machine's.</summary>
    public TimeProvider? Dates { get; set; }

    /// <summary>Scheme, host and port, without a trailing slash in the path.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What was asked, in order, as the double names it: <c>GetSecretValue openai</c>. Never a value.</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>What requests told of a trace: <c>traceparent: 00-…</c>.</summary>
    public IReadOnlyList<string> TraceHeaders
    {
        get
        {
            lock (_requests)
            {
                return [.. _traceHeaders];
            }
        }
    }

    public async Task StartAsync()
    {
        await _app.StartAsync();
        var addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        Address = new Uri(addresses.Addresses.Single());
    }

    public void ForgetRequests()
    {
        lock (_requests)
        {
            _requests.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Answers one request as the cloud would.</summary>
    protected abstract Task HandleAsync(HttpContext context);

    protected void Record(string request)
    {
        lock (_requests)
        {
            _requests.Add(request);
        }
    }

    private async Task HandleWithFaultsAsync(HttpContext context)
    {
        lock (_requests)
        {
            _traceHeaders.AddRange(TraceHeaderNames.Where(context.Request.Headers.ContainsKey).Select(name => $"{name}: {context.Request.Headers[name]}"));
        }

        if (Dates is { } clock)
        {
            context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        }

        if (!await Faults.ApplyAsync(context))
        {
            await HandleAsync(context);
        }
    }
}
