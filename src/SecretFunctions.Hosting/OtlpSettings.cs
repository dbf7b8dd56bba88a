using Microsoft.Extensions.Configuration;

namespace SecretFunctions.Hosting;

/// <summary>
/// OpenTelemetry's own settings, under the names every collector's documentation uses (environment variables, or the same names in
/// appsettings.json). The SDK reads them itself; what would silently be another than was meant is refused here.
/// </summary>
internal static class OtlpSettings
{
    /// <summary>Where to send traces, metrics and logs. Without it there are none.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string Disabled = "OTEL_SDK_DISABLED";

    /// <summary>Empty counts as not set, as OpenTelemetry has it.</summary>
    public static bool IsOn(IConfiguration configuration) =>
        configuration[Endpoint] is { Length: > 0 } && !string.Equals(configuration[Disabled], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Everything that is wrong, a sentence each; never a value.</summary>
    public static IEnumerable<string> Check(IConfiguration configuration)
    {
        if (configuration[Endpoint] is { Length: > 0 } endpoint
            && (!Uri.TryCreate(endpoint, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0))
        {
            yield return $"{Endpoint} must be an http or https URL without a user name, such as http://localhost:4317.";
        }

        if (configuration[Protocol] is { Length: > 0 } and not ("grpc" or "http/protobuf"))
        {
            yield return $"{Protocol} must be 'grpc' or 'http/protobuf'.";
        }
    }
}
