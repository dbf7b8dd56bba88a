using System.Diagnostics;
using SecretFunctions.Testing;

namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>The built programs, as their own projects put them out.</summary>
internal static class Programs
{
    /// <summary>Names the published server, to run all of this against native code instead.</summary>
    private const string PublishedServer = "SECRETFUNCTIONS_TEST_SERVER";

    /// <summary>A program and its first arguments.</summary>
#pragma warning disable RS0030 // A run of the tests has no configuration of its own.
    public static (string Program, string[] Arguments) Server { get; } = Environment.GetEnvironmentVariable(PublishedServer) is { Length: > 0 } published
        ? (published, [])
        : ("dotnet", [PathOf("SecretFunctions.Server", "SecretFunctions.Server.dll")]);
#pragma warning restore RS0030

    public static string Cli { get; } = PathOf("SecretFunctions.Cli", "secretfunctions.dll");

    /// <summary>A start in a clean environment: nothing that configures us, or gives us an identity in a cloud, leaks in from whoever runs the tests.</summary>
    public static ProcessStartInfo Start(string program, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Path.GetTempPath() };
        string[] ours =
        [
            "SecretFunctions", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "Logging__", "Kestrel__", "OTEL_",
            "AWS_", "AZURE_", "IDENTITY_", "MSI_", "GOOGLE_", "GCE_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
        ];
        foreach (var name in start.Environment.Keys.Where(name => ours.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Beside ours: the same configuration and framework.</summary>
    private static string PathOf(string project, string file)
    {
        var output = Path.GetRelativePath(Path.Combine(RepositoryPaths.Root, "tests", "SecretFunctions.EndToEnd.Tests"), AppContext.BaseDirectory);
        return Path.Combine(RepositoryPaths.Root, "src", project, output, file);
    }
}
