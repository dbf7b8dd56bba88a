using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>The guides' commands, from the first to the last but those that need the cloud itself to answer.</summary>
public sealed partial class GuideTests : IDisposable
{
    private const string Mark = "\n## When it fails";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("aws", "aws-prod", "aws", "put-role-policy")]
    [InlineData("google-cloud", "google-prod", "gcloud", "create-oidc")]
    [InlineData("azure", "azure-prod", "az", "federated-credential")]
    [InlineData("hashicorp-vault", "vault-prod", "vault", "auth/jwt/role/secretfunctions")]
    [InlineData("cyberark-conjur", "conjur-prod", "conjur", "authn-jwt/secretfunctions")]
    public async Task A_guides_commands_run_and_leave_a_reference_through_the_configuration(string guide, string config, string program, string word)
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "federation", $"{guide}.md"));
        var start = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "federation", "README.md"));
        var programs = new CloudPrograms(_folder.Path);
        await programs.InstallAsync(exists: false);
        await using var server = await ServerProcess.StartAsync(_folder.File("data"), ("SecretFunctions__Issuer", "https://secrets.example.com"));

        var (up, down) = (page[..page.IndexOf(Mark, StringComparison.Ordinal)], page[page.IndexOf(Mark, StringComparison.Ordinal)..]);
        var cli = server.Cli();
        cli.Environment["SECRETFUNCTIONS_URL"] = server.Url.AbsoluteUri.TrimEnd('/'); // As an admin writes it: curl puts a path behind it.
        (await cli.RunScriptAsync(Commands(start) + Commands(up), _folder.Path)).ShouldSucceed();

        (await programs.CallsAsync()).ShouldContain(call => call[0] == program && call.Any(argument => argument.Contains(word, StringComparison.Ordinal)));
        var variable = JsonNode.Parse((await cli.RunAsync("variable", "get", "OPENAI_API_KEY", "--environment", "prod", "--output", "json")).ShouldSucceed().Output)!;
        variable["reference"]!["credential"]!.ToString().ShouldBe(config);
        (await cli.RunAsync("assign", "crew", "--environment", "prod")).ShouldSucceed().Output.ShouldContain("OPENAI_API_KEY");
        (await File.ReadAllTextAsync(_folder.File("setup.sh"))).ShouldContain("https://secrets.example.com");
        Directory.GetFiles(_folder.Path, "setup-*.sh").ShouldHaveSingleItem().ShouldSatisfyAllConditions(path => File.ReadAllText(path).ShouldNotContain("REPLACE-WITH"));

        const string again = "PROJECT=acme-prod CLIENT=1\n";
        (await cli.RunScriptAsync(again + Commands(down), _folder.Path)).ShouldSucceed();
        (await cli.RunAsync("workload-identity", "list", "--output", "json")).ShouldSucceed().Output.Trim().ShouldBe("[]");
    }

    public void Dispose() => _folder.Dispose();

    private static string Commands(string page) => string.Concat(ShellBlock().Matches(page).Select(static block => block.Groups[1].Value));

    [GeneratedRegex("^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();
}
