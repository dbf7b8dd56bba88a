using System.Text;
using System.Text.RegularExpressions;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>The pages against the programs they describe.</summary>
public sealed partial class DocumentationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Every_command_of_the_command_lines_page_runs()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "cli.md"));
        var script = string.Concat(ShellBlock().Matches(page).Select(static block => block.Groups[1].Value));
        await using var server = await ServerProcess.StartAsync(_folder.File("data"));

        var outcome = (await server.Cli().RunScriptAsync(script, _folder.Path)).ShouldSucceed();

        outcome.Output.ShouldContain("The key has 8 characters");
        outcome.Errors.ShouldNotContain("sk-12345");
    }

    [Fact]
    public async Task What_the_readme_shows_of_workload_identity_runs_and_stores_no_secret()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "README.md"));
        var script = ShellBlock().Matches(page).Select(static block => block.Groups[1].Value).Single(static block => block.Contains("workload-identity-configs", StringComparison.Ordinal));
        await using var server = await ServerProcess.StartAsync(_folder.File("data"));
        var pasted = $"set -eu\nexport SF_KEY={server.Key}\n{script.Replace("http://localhost:5000/", server.Url.AbsoluteUri, StringComparison.Ordinal).Replace("curl ", "curl --fail-with-body ", StringComparison.Ordinal)}";

        var outcome = (await Outcome.RunAsync(Programs.Start("bash", []), Encoding.UTF8.GetBytes(pasted))).ShouldSucceed();

        outcome.Output.ShouldContain("\"config\":\"aws\"");
        outcome.Output.ShouldNotContain("\"hasValue\":true");
    }

    [Fact]
    public async Task The_command_lines_page_shows_every_command()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "cli.md"));
        var shown = string.Concat(ShellBlock().Matches(page).Select(static block => block.Groups[1].Value));

        foreach (var command in await CommandsAsync(new CliRunner(new Uri("http://127.0.0.1:1"), "none"), []))
        {
            Regex.IsMatch(shown, $@"\bsecretfunctions {command}\s").ShouldBeTrue(command);
        }
    }

    [Fact]
    public async Task The_configuration_page_has_the_settings_there_are()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryPaths.Root, "docs", "configuration.md"));
        string[] groups = ["SecretFunctions", .. Setting().Matches(page).Select(static row => row.Groups[1].Value).Select(Group).Where(static group => group != "SecretFunctions").Distinct()];

        var refused = await ServerProcess.RunAsync([], [.. groups.Select(static group => ($"{group.Replace(":", "__", StringComparison.Ordinal)}__NoSuchThing", ""))]);

        var known = Known().Matches(refused.Errors)
            .SelectMany(static sentence => sentence.Groups[2].Value.Split(", ").Select(name => $"{sentence.Groups[1].Value}:{name}"))
            .Except(groups);
        Setting().Matches(page).Select(static row => row.Groups[1].Value).ShouldBe(known, ignoreOrder: true);
    }

    public void Dispose() => _folder.Dispose();

    private static string Group(string setting) => setting[..setting.LastIndexOf(':')];

    /// <summary>Commands without commands of their own, from what the help lists.</summary>
    private static async Task<List<string>> CommandsAsync(CliRunner cli, string[] path)
    {
        var help = (await cli.RunAsync([.. path, "--help"])).ShouldSucceed().Output;
        var start = help.IndexOf("Commands:\n", StringComparison.Ordinal);
        if (start < 0)
        {
            return [string.Join(' ', path)];
        }

        var commands = new List<string>();
        foreach (Match command in HelpLine().Matches(help[start..]))
        {
            commands.AddRange(await CommandsAsync(cli, [.. path, command.Groups[1].Value]));
        }

        return commands;
    }

    [GeneratedRegex("^```sh\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("^  ([a-z-]+) ", RegexOptions.Multiline)]
    private static partial Regex HelpLine();

    [GeneratedRegex(@"^\| `(SecretFunctions:[A-Za-z:]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Setting();

    [GeneratedRegex(@"is not a setting: ([A-Za-z:]+) has ([A-Za-z, ]+)\.")]
    private static partial Regex Known();
}
