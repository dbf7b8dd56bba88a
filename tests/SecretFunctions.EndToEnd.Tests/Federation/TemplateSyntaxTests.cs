using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>What operators run, read by the grammars of its languages.</summary>
public sealed class TemplateSyntaxTests
{
    private static readonly Dictionary<string, string> Languages = new() { [".bicep"] = "bicep", [".tf"] = "terraform", [".hcl"] = "hcl", [".yml"] = "yaml" };

    [Fact]
    public async Task Bicep_terraform_and_policies_are_well_formed()
    {
        string[] folders = ["infra", "src"];
        var files = folders.SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(RepositoryPaths.Root, folder), "*", SearchOption.AllDirectories))
            .Where(static path => Languages.ContainsKey(Path.GetExtension(path)) && !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .ToArray();

        files.Select(static path => Path.GetExtension(path)).Distinct().ShouldBe(Languages.Keys, ignoreOrder: true);
        (await SyntaxCheck.RunAsync(files.Select(static path => (path, Languages[Path.GetExtension(path)], File.ReadAllText(path))))).ShouldBeEmpty();
    }

    [Fact]
    public async Task Scripts_are_well_formed()
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(RepositoryPaths.Root, "infra"), "*.sh", SearchOption.AllDirectories))
        {
            (await Outcome.RunAsync(Programs.Start("bash", ["-n", path]))).ShouldSucceed();
        }
    }

    [Theory]
    [InlineData("bicep", "param x string = = 'a'\n")]
    [InlineData("bicep", "resource x 'A/b@2020-01-01' = {\n")]
    [InlineData("terraform", "variable \"x\" {\n  default = = 1\n}\n")]
    [InlineData("hcl", "path \"x\" { capabilities = [\"read\"\n")]
    [InlineData("yaml", "a: \"b\n")]
    public async Task What_is_not_is_found(string language, string text) => (await SyntaxCheck.RunAsync([("it", language, text)])).ShouldStartWith("it: ");
}
