using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Hosting;

/// <summary>Traces, metrics and logs over OTLP, the same in every head. Without an endpoint nothing is registered, and nothing listens.</summary>
internal static class Telemetry
{
    private const string ServiceName = "secretfunctions";

    /// <summary>The web framework's own metrics of requests, and the runtime's of memory and threads. Of their spans none: those name addresses.</summary>
    private static readonly string[] Meters = [SignalNames.Source, "Microsoft.AspNetCore.Hosting", "System.Runtime"];

    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        if (!OtlpSettings.IsOn(configuration))
        {
            return;
        }

        var instance = RandomNumberGenerator.GetHexString(16, lowercase: true);
        services.AddLogging(logging => logging.AddOpenTelemetry(options =>
        {
            // Scopes name the request's address.
            options.IncludeScopes = false;
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(Describe(ResourceBuilder.CreateEmpty(), instance)).AddOtlpExporter();
        }));
        services.AddSingleton<DeploymentGauges>();
        services.AddSingleton(provider => new Providers(provider.GetRequiredService<IConfiguration>(), provider.GetRequiredService<DeploymentGauges>(), instance));
        services.AddHostedService<TelemetryService>();
    }

    /// <summary>What an operator sets (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) comes last and wins.</summary>
    private static ResourceBuilder Describe(ResourceBuilder resource, string instance) => resource.Clear()
        .AddService(ServiceName, serviceVersion: Version, serviceInstanceId: instance)
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    private static string? Version =>
        typeof(Telemetry).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];

    /// <summary>What collects and sends. Disposing it sends what is left, so what it collects from has to be there until then.</summary>
    internal sealed class Providers : IDisposable
    {
        private readonly TracerProvider _tracer;
        private readonly MeterProvider _meter;

        /// <param name="gauges">Collected from here on.</param>
        public Providers(IConfiguration configuration, DeploymentGauges gauges, string instance)
        {
            _ = gauges;
            _tracer = Sdk.CreateTracerProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .ConfigureResource(resource => Describe(resource, instance))
                .AddSource(SignalNames.Source)
                .AddOtlpExporter()
                .Build();
            _meter = Sdk.CreateMeterProviderBuilder()
                .ConfigureServices(services => services.AddSingleton(configuration))
                .ConfigureResource(resource => Describe(resource, instance))
                .AddMeter(Meters)
                .AddOtlpExporter()
                .Build();
        }

        public void Dispose()
        {
            _tracer.Dispose();
            _meter.Dispose();
        }
    }
}

/// <summary>Begins to collect when the host starts, and looks from time to time at what is told by the look.</summary>
/// <param name="providers">Made, and so collecting, with this.</param>
internal sealed class TelemetryService(Telemetry.Providers providers, DeploymentGauges gauges, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _ = providers;
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            do
            {
                await gauges.RefreshAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the service.
        }
    }
}
