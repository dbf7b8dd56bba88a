using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>The AWS command line of this machine: a client we did not write.</summary>
internal static class AwsCli
{
    public const string Missing = "There is no AWS command line that runs. Install it with: apt-get install -y awscli";

    /// <summary>The Debian package first: a version manager may shadow it with a stub that does nothing.</summary>
    private static readonly Lazy<string?> Found = new(() =>
        new[] { "/usr/bin/aws", "aws" }.FirstOrDefault(static path => Run(path, ["--version"], new Dictionary<string, string>()).ExitCode == 0));

    public static string? Path => Found.Value;

    /// <summary>Runs with these environment variables and no others, so that no profile or instance role takes part.</summary>
    public static (int ExitCode, string Output, string Error) Run(
        string path, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var searchPath = start.Environment["PATH"];
        start.Environment.Clear();
        start.Environment["PATH"] = searchPath;
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["AWS_CONFIG_FILE"] = "/dev/null";
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null";
        start.Environment["AWS_PAGER"] = "";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "", $"{path} cannot be started.");
        }
    }
}

/// <summary>Skipped, with the reason printed, where the command line is missing; in CI it fails instead, saying how to install it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresAwsCliFactAttribute : FactAttribute
{
    [SuppressMessage("ApiDesign", "RS0030", Justification = "A test asks about its own surroundings; there is no head to bind it.")]
    public RequiresAwsCliFactAttribute()
    {
        if (AwsCli.Path is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = AwsCli.Missing;
        }
    }
}
