using System.Diagnostics;
using System.Text.RegularExpressions;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing;

namespace SecretFunctions.EndToEnd.Tests.Infrastructure;

/// <summary>azure.yaml, and what it names.</summary>
public sealed partial class AzdTests
{
    private static readonly string Definition = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "azure.yaml"));

    private static string Hooks => Path.Combine(InfrastructureFiles.Folder, "hooks");

    [Fact]
    public void It_names_what_exists()
    {
        var paths = PathValue().Matches(Definition).Select(static match => match.Groups[1].Value).ToArray();

        paths.ShouldContain("./src/SecretFunctions.Functions");
        paths.Where(static path => !Path.Exists(Path.Combine(RepositoryPaths.Root, path))).ShouldBeEmpty();
        File.Exists(Path.Combine(InfrastructureFiles.Folder, $"{ModuleValue().Match(Definition).Groups[1].Value}.bicep")).ShouldBeTrue();
    }

    [Fact]
    public void Its_one_service_is_the_one_that_the_infrastructure_is_tagged_for()
    {
        var service = ServiceName().Match(Definition).Groups[1].Value;

        File.ReadAllText(Path.Combine(InfrastructureFiles.Folder, "modules", "app.bicep")).ShouldContain($"'azd-service-name': '{service}'");
        InfrastructureFiles.Main.ShouldContain("'azd-env-name': environmentName");
        Definition.ShouldContain("    language: dotnet\n    host: function\n");
    }

    [Fact]
    public void Every_hook_is_there_for_both_kinds_of_shell()
    {
        var scripts = Directory.GetFiles(Hooks).Select(static path => Path.GetFileName(path)!).ToArray();

        scripts.ShouldAllBe(static script => script.EndsWith(".sh") || script.EndsWith(".ps1"));
        scripts.ShouldAllBe(script => Definition.Contains($"./infra/hooks/{script}\n", StringComparison.Ordinal));
        scripts.GroupBy(Path.GetFileNameWithoutExtension).ShouldAllBe(static hook => hook.Count() == 2);
    }

    [Fact]
    public async Task The_hooks_are_scripts_that_bash_understands_and_may_be_run()
    {
        foreach (var script in Directory.GetFiles(Hooks, "*.sh"))
        {
            (await Outcome.RunAsync(new ProcessStartInfo("bash", ["-n", script]))).ShouldSucceed();
            File.GetUnixFileMode(script).HasFlag(UnixFileMode.UserExecute).ShouldBeTrue(script);
        }
    }

    [Fact]
    public void The_hooks_use_only_what_the_infrastructure_gives_them()
    {
        string[] others = ["SECRETFUNCTIONS_READY_SECONDS"];
        foreach (var script in Directory.GetFiles(Hooks))
        {
            EnvironmentName().Matches(File.ReadAllText(script)).Select(static match => match.Value).Except(others).ShouldBeSubsetOf(InfrastructureFiles.Outputs, script);
        }
    }

    [GeneratedRegex(@"^ *(?:path|project|run): (\./\S+)$", RegexOptions.Multiline)]
    private static partial Regex PathValue();

    [GeneratedRegex(@"^  module: (\S+)$", RegexOptions.Multiline)]
    private static partial Regex ModuleValue();

    [GeneratedRegex(@"^services:\n  (\w+):$", RegexOptions.Multiline)]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"\b(?:SECRETFUNCTIONS|AZURE)_[A-Z_]+\b")]
    private static partial Regex EnvironmentName();
}
