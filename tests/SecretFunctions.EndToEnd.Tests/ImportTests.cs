using System.Text;
using System.Text.Json;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>A .env file of the user's, through the command line.</summary>
public sealed class ImportTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    private CliRunner Cli => _server!.Cli();

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(_folder.File("data"));

    [Fact]
    public async Task A_file_with_every_way_to_write_a_value_imports_and_resolves_as_expected()
    {
        // A byte-order mark, CRLF throughout, and one of everything.
        var lines = new[]
        {
            "\uFEFF# Settings of the billing crew",
            "PLAIN=one two",
            "export EXPORTED=yes",
            "",
            "SINGLE='it is $HOME \\n # no comment'  # a comment",
            "DOUBLE=\"tab\\tquote\\\"backslash\\\\\"",
            "BACKTICK=`both ' and \"`",
            "COMMENTED=value # what follows a blank and a hash",
            "HASH=a#b",
            "EMPTY=",
            "PEM=\"-----BEGIN KEY-----",
            "AAAA",
            "-----END KEY-----",
            "\"",
            "  SPACED = padded  ",
            "UNICODE=grüße-日本-🔑",
        };
        await File.WriteAllTextAsync(_folder.File(".env"), string.Join("\r\n", lines));

        (await Cli.RunAsync("variable", "import", _folder.File(".env"))).ShouldSucceed().Output.ShouldContain("created    11");
        await AssignAllAsync("PLAIN", "EXPORTED", "SINGLE", "DOUBLE", "BACKTICK", "COMMENTED", "HASH", "EMPTY", "PEM", "SPACED", "UNICODE");

        (await ResolveAsync()).ShouldBe(
            new Dictionary<string, string>
            {
                ["PLAIN"] = "one two",
                ["EXPORTED"] = "yes",
                ["SINGLE"] = "it is $HOME \\n # no comment",
                ["DOUBLE"] = "tab\tquote\"backslash\\",
                ["BACKTICK"] = "both ' and \"",
                ["COMMENTED"] = "value",
                ["HASH"] = "a#b",
                ["EMPTY"] = "",
                ["PEM"] = "-----BEGIN KEY-----\nAAAA\n-----END KEY-----\n",
                ["SPACED"] = "padded",
                ["UNICODE"] = "grüße-日本-🔑",
            },
            ignoreOrder: true);
    }

    [Fact]
    public async Task A_file_with_two_wrong_lines_changes_nothing_and_names_both()
    {
        (await Cli.RunWithInputAsync("KEEP=before\n", "variable", "import", "-")).ShouldSucceed();

        var refused = await Cli.RunWithInputAsync(
            "KEEP=after\nthis line has hunter2 and no equals sign\nNEW=1\n9DIGIT=hunter3\n", "variable", "import", "-");

        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldContain("line 2: ");
        refused.Errors.ShouldContain("line 4: ");
        refused.Errors.ShouldNotContain("hunter");
        (await Cli.RunAsync("variable", "reveal", "KEEP")).ShouldSucceed().Output.ShouldBe("before");
        (await Cli.RunAsync("variable", "get", "NEW")).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task What_resolve_writes_as_dotenv_imports_as_the_same_values()
    {
        var nasty = "a'b\"c`d\\e\n$f #g\r\n\tö ";
        await File.WriteAllTextAsync(_folder.File("value"), nasty);
        (await Cli.RunAsync("variable", "set", "NASTY", "--value-file", _folder.File("value"))).ShouldSucceed();
        await AssignAllAsync("NASTY");

        var written = (await Cli.RunAsync("resolve", "-a", "crew", "--format", "dotenv")).ShouldSucceed().Output;

        (await Cli.RunWithInputAsync(written, "variable", "import", "-", "-o", "json")).ShouldSucceed()
            .Output.ShouldContain("\"unchanged\": 1");
    }

    [Fact]
    public async Task What_resolve_writes_for_a_shell_evaluates_to_the_same_values()
    {
        var nasty = "a'b\"c`id`\\e\n$HOME #g;*\tö";
        await File.WriteAllTextAsync(_folder.File("value"), nasty);
        (await Cli.RunAsync("variable", "set", "NASTY", "--value-file", _folder.File("value"))).ShouldSucceed();
        await AssignAllAsync("NASTY");

        var script = "eval \"$(secretfunctions resolve -a crew --format shell)\"; printf '%s' \"$NASTY\"";

        (await Cli.RunScriptAsync(script, _folder.Path)).ShouldSucceed().Output.ShouldBe(nasty);
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private async Task AssignAllAsync(params string[] keys)
    {
        (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();
        (await Cli.RunAsync(["assign", "crew", .. keys])).ShouldSucceed();
    }

    private async Task<Dictionary<string, string>> ResolveAsync()
    {
        var json = (await Cli.RunAsync("resolve", "--automation", "crew", "--format", "json")).ShouldSucceed().Output;
        using var document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json));
        return document.RootElement.EnumerateObject().ToDictionary(static variable => variable.Name, static variable => variable.Value.GetString()!);
    }
}
