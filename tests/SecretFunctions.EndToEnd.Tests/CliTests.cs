using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>The command line as scripts see it: arguments, streams, exit codes.</summary>
public sealed class CliTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    private CliRunner Cli => _server!.Cli();

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(_folder.File("data"));

    [Fact]
    public async Task A_value_comes_from_standard_input_without_its_last_line_end_or_from_a_file_as_it_is()
    {
        (await Cli.RunWithInputAsync("from a pipe\n\n", "variable", "set", "PIPED")).ShouldSucceed();
        await File.WriteAllTextAsync(_folder.File("value"), "from a file\n");
        (await Cli.RunAsync("variable", "set", "FILED", "--value-file", _folder.File("value"))).ShouldSucceed();

        (await Cli.RunAsync("variable", "reveal", "PIPED")).ShouldSucceed().Output.ShouldBe("from a pipe\n");
        (await Cli.RunAsync("variable", "reveal", "FILED")).ShouldSucceed().Output.ShouldBe("from a file\n");
    }

    [Fact]
    public async Task A_value_as_an_argument_is_refused_and_not_repeated()
    {
        var refused = await Cli.RunAsync("variable", "set", "KEY", "hunter2");

        refused.ExitCode.ShouldBe(2);
        refused.Errors.ShouldContain("an argument too many");
        (refused.Output + refused.Errors).ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task Set_keeps_what_it_does_not_name()
    {
        (await Cli.RunWithInputAsync("1", "variable", "set", "KEY", "--tag", "backend", "--description", "words")).ShouldSucceed();
        (await Cli.RunWithInputAsync("2", "variable", "set", "KEY", "--display-name", "Key")).ShouldSucceed();

        using var json = JsonDocument.Parse((await Cli.RunAsync("variable", "get", "KEY", "-o", "json")).ShouldSucceed().Output);
        json.RootElement.GetProperty("version").GetInt32().ShouldBe(2);
        json.RootElement.GetProperty("tags")[0].GetString().ShouldBe("backend");
        json.RootElement.GetProperty("description").GetString().ShouldBe("words");
        json.RootElement.GetProperty("displayName").GetString().ShouldBe("Key");
    }

    [Fact]
    public async Task What_is_about_a_variable_changes_without_its_value_being_at_hand()
    {
        (await Cli.RunWithInputAsync("hunter2", "variable", "set", "KEY", "--tag", "backend")).ShouldSucceed();

        (await Cli.RunWithInputAsync("not read", "variable", "set", "KEY", "--keep-value", "--description", "words")).ShouldSucceed();

        (await Cli.RunAsync("variable", "reveal", "KEY")).ShouldSucceed().Output.ShouldBe("hunter2");
        using var json = JsonDocument.Parse((await Cli.RunAsync("variable", "get", "KEY", "-o", "json")).ShouldSucceed().Output);
        json.RootElement.GetProperty("version").GetInt32().ShouldBe(1);
        json.RootElement.GetProperty("description").GetString().ShouldBe("words");
        (await Cli.RunAsync("variable", "set", "NONE", "--keep-value")).Errors.ShouldContain("variable.not_found");
        (await Cli.RunAsync("variable", "set", "KEY", "--keep-value", "--sealed")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task A_variable_is_for_whom_its_access_list_names_until_the_list_is_taken_off()
    {
        var ann = await MemberAsync("ann@example.org");
        (await Cli.RunAsync("member", "set", "bob@example.org", "--role", "member")).ShouldSucceed();
        (await Cli.RunWithInputAsync("1", "variable", "set", "KEY", "--access", "ann@example.org=admin", "--access", "bob@example.org=member")).ShouldSucceed();

        (await Cli.RunAsync("variable", "list")).ShouldSucceed().Output.ShouldContain("  ann@example.org=admin,bob@example.org=member\n");
        (await Cli.RunWithInputAsync("2", "variable", "set", "KEY")).Errors.ShouldContain("access.not_listed");
        (await ann.RunWithInputAsync("2", "variable", "set", "KEY")).ShouldSucceed().Output.ShouldContain("ann@example.org=admin,bob@example.org=member");
        (await ann.RunAsync("variable", "set", "KEY", "--keep-value", "--access", "ann@example.org=admin")).ShouldSucceed().Output.ShouldNotContain("bob@example.org");
        (await ann.RunAsync("variable", "set", "KEY", "--keep-value", "--no-access-list")).ShouldSucceed().Output.ShouldNotContain("=admin");

        (await Cli.RunAsync("variable", "reveal", "KEY")).ShouldSucceed().Output.ShouldBe("2");
        (await Cli.RunWithInputAsync("3", "variable", "set", "KEY", "--access", "ann@example.org")).ExitCode.ShouldBe(2);
        (await Cli.RunWithInputAsync("3", "variable", "set", "KEY", "--access", "ann@example.org=admin", "--no-access-list")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_personal_is_lent_to_a_trusted_issuer_and_taken_back()
    {
        var ann = await MemberAsync("ann@example.org");
        (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();
        string[] issuer = ["trusted-issuer", "set", "github", "--issuer", "https://token.actions.githubusercontent.com", "--audience", "us", "--condition", "repository=acme/web", "--for", "automation:crew"];
        (await Cli.RunAsync(issuer)).ShouldSucceed();

        (await ann.RunAsync("trusted-issuer", "lend", "github")).Errors.ShouldContain("personal.not_own");
        (await ann.RunWithInputAsync("mine", "variable", "set", "KEY", "--scope", "personal")).ShouldSucceed();
        (await ann.RunAsync("trusted-issuer", "lend", "github")).ShouldSucceed();

        (await Cli.RunAsync("trusted-issuer", "list")).ShouldSucceed().Output.ShouldContain("  ann@example.org\n");
        (await ann.RunAsync("trusted-issuer", "take-back", "github")).ShouldSucceed();
        (await Cli.RunAsync("trusted-issuer", "get", "github")).ShouldSucceed().Output.ShouldNotContain("ann@example.org");
        (await ann.RunAsync("trusted-issuer", "take-back", "github")).Errors.ShouldContain("personal.not_lent");
    }

    [Fact]
    public async Task The_test_of_a_configuration_is_a_line_for_each_check_with_the_way_out_and_an_exit_code()
    {
        (await Cli.RunAsync("workload-identity", "set", "aws", "--cloud", "aws", "--field", "roleArn=arn:aws:iam::123456789012:role/reader")).ShouldSucceed();
        (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();

        var tested = await Cli.RunAsync("workload-identity", "test", "aws", "--automation", "crew");

        tested.ExitCode.ShouldBe(1, tested.Errors);
        tested.Output.ShouldContain("ok      mint\n");
        tested.Output.ShouldContain("FAILED  issuer      The issuer http://127.0.0.1");
        tested.Output.ShouldContain("\n                    issuer.loopback\n                    Set SecretFunctions:Issuer");
        tested.Output.ShouldContain("token   sub         org:default:project:default:environment:dev:automation:crew\n");
        using var json = JsonDocument.Parse((await Cli.RunAsync("workload-identity", "test", "aws", "--automation", "crew", "-o", "json")).Output);
        json.RootElement.GetProperty("checks").EnumerateArray().Select(static check => check.GetProperty("name").GetString())
            .ShouldBe(["subject", "mint", "issuer", "audience", "credential"]);
        (await Cli.RunAsync("workload-identity", "test", "none", "--automation", "crew")).Errors.ShouldContain("workload_identity.not_found");
    }

    [Fact]
    public async Task Assignments_made_at_the_same_time_are_all_kept()
    {
        (await Cli.RunWithInputAsync("A=1\nB=2\nC=3\n", "variable", "import", "-")).ShouldSucceed();
        (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();

        var outcomes = await Task.WhenAll(new[] { "A", "B", "C" }.Select(key => Cli.RunAsync("assign", "crew", key)));
        Array.ForEach(outcomes, static outcome => outcome.ShouldSucceed());

        var assigned = (await Cli.RunAsync("assign", "crew")).ShouldSucceed().Output;
        assigned.Split('\n').Where(static line => line.EndsWith("organization", StringComparison.Ordinal)).Select(static line => line[0]).Order().ShouldBe("ABC");
        (await Cli.RunAsync("assign", "crew", "B", "--replace")).ShouldSucceed().Output.ShouldNotContain("A ");
    }

    [Fact]
    public async Task Run_becomes_the_command()
    {
        await StoreAsync("GREETING=hello\n");
        const string script = """
            secretfunctions run -- sh -c 'echo "$GREETING ${SECRETFUNCTIONS_API_KEY:-no key}"'
            secretfunctions run -- sh -c 'exit 7' || echo "exit $?"
            secretfunctions run -- sh -c 'kill -TERM $$' || echo "signal $(($? - 128))"
            secretfunctions run -- sh -c 'echo "$1|$2"' sh '@file' '--flag=a b'
            secretfunctions run -- no-such-command || echo "not found $?"
            secretfunctions run -- /etc/passwd || echo "not a program $?"
            sh -c 'echo $$; exec secretfunctions run -- sh -c "echo \$\$"' | uniq | wc -l
            set +o pipefail
            secretfunctions run -- yes | head -n 1
            """;

        var lines = (await Cli.RunScriptAsync(script, _folder.Path)).ShouldSucceed().Output.Split('\n');

        lines.Select(static line => line.Trim()).ShouldBe(["hello no key", "exit 7", "signal 15", "@file|--flag=a b", "not found 127", "not a program 126", "1", "y", ""]);
    }

    [Fact]
    public async Task Values_are_printed_only_on_request_and_files_are_for_their_owner_alone()
    {
        await StoreAsync("GREETING=hunter2\n");

        (await Cli.RunAsync("resolve")).ShouldSucceed().Output.ShouldNotContain("hunter2");
        (await Cli.RunAsync("resolve", "-o", "json")).ShouldSucceed().Output.ShouldNotContain("hunter2");
        var file = _folder.File("out.env");
        await File.WriteAllTextAsync(file, "others can read this");
        (await Cli.RunAsync("resolve", "--format", "dotenv", "--out-file", file)).ShouldSucceed().Output.ShouldBeEmpty();
        (await File.ReadAllTextAsync(file)).ShouldBe("GREETING=hunter2\n");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await Cli.RunWithInputAsync("<{{GREETING}}> \\{{", "render", "-")).ShouldSucceed().Output.ShouldBe("<hunter2> {{");
    }

    [Fact]
    public async Task An_automations_key_from_a_file_resolves_what_was_assigned()
    {
        await StoreAsync("GIVEN=yes\nOTHER=no\n");
        (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();
        (await Cli.RunAsync("assign", "crew", "GIVEN")).ShouldSucceed();
        var file = _folder.File("key");
        (await Cli.RunAsync("api-key", "create", "crew", "--for", "automation:crew", "--key-file", file)).ShouldSucceed().Output.ShouldNotContain("sfk_");
        var crew = Cli;
        crew.Environment.Remove("SECRETFUNCTIONS_API_KEY");

        (await crew.RunAsync("resolve", "--format", "dotenv", "--api-key-file", file)).ShouldSucceed().Output.ShouldBe("GIVEN=yes\n");
        var denied = await crew.RunAsync("variable", "list", "--api-key-file", file);
        denied.ExitCode.ShouldBe(1);
        denied.Errors.ShouldContain("access.");
    }

    [Fact]
    public async Task A_token_stands_alone_on_standard_output_or_in_a_file_for_its_owner()
    {
        (await Cli.RunAsync("automation", "set", "crew")).ShouldSucceed();
        (await Cli.RunAsync("organization", "set", "default", "--token-audience", "https://api.example.org")).ShouldSucceed();
        (await Cli.RunAsync("organization", "set", "default", "--display-name", "Ours")).ShouldSucceed().Output.ShouldContain("https://api.example.org");
        var crew = _server!.Cli((await Cli.RunAsync("api-key", "create", "crew", "--for", "automation:crew")).ShouldSucceed().Output);
        var file = _folder.File("token");

        var token = (await crew.RunAsync("token", "--audience", "https://api.example.org")).ShouldSucceed().Output;
        (await crew.RunAsync("token", "--audience", "https://api.example.org", "--out-file", file)).ShouldSucceed().Output.ShouldBeEmpty();

        token.ShouldMatch(@"^eyJ[\w.-]+$");
        (await File.ReadAllTextAsync(file)).ShouldMatch(@"^eyJ[\w.-]+$");
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await crew.RunAsync("token", "--audience", "https://other.example.org")).Errors.ShouldContain("token.audience_not_allowed");
    }

    [Fact]
    public async Task Who_had_a_variable_is_listed_with_the_kickoff_it_was_for()
    {
        await StoreAsync("KEY=hunter2\n");
        (await Cli.RunAsync("resolve", "--kickoff-id", "run-42")).ShouldSucceed();

        var usage = (await Cli.RunAsync("variable", "usage", "KEY")).ShouldSucceed().Output;

        usage.Split('\n')[1].ShouldMatch(@"variable\.resolve +service:operator +run-42 +1 +success$");
    }

    [Fact]
    public async Task Failures_are_told_apart_by_their_exit_code()
    {
        var refused = await Cli.RunAsync("resolve", "-a", "nobody");
        (refused.ExitCode, refused.Output).ShouldBe((1, ""));
        refused.Errors.ShouldContain("(automation.not_found)");

        // Bound, so that nobody else gets the port, and not listening.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nowhere = await Cli.RunAsync("whoami", "--url", $"http://{deaf.LocalEndPoint}");
        nowhere.ExitCode.ShouldBe(1);
        nowhere.Errors.ShouldContain($"http://{deaf.LocalEndPoint}/ cannot be reached");

        (await Cli.RunAsync("whoami", "--url", "not a url")).ExitCode.ShouldBe(2);
        (await Cli.RunAsync("nonsense")).ExitCode.ShouldBe(2);
        (await Cli.RunAsync("resolve", "--format", "xml")).ExitCode.ShouldBe(2);
        (await Cli.RunAsync("variable", "import", _folder.File("absent"))).ExitCode.ShouldBe(1);
        var nobody = Cli;
        nobody.Environment.Remove("SECRETFUNCTIONS_API_KEY");
        var usage = await nobody.RunAsync("whoami");
        usage.ExitCode.ShouldBe(2);
        usage.Errors.ShouldContain("SECRETFUNCTIONS_API_KEY");
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    /// <summary>An owner of the organization, with a key.</summary>
    private async Task<CliRunner> MemberAsync(string email)
    {
        (await Cli.RunAsync("member", "set", email, "--role", "owner")).ShouldSucceed();
        return _server!.Cli((await Cli.RunAsync("api-key", "create", "own", "--for", $"member:{email}")).ShouldSucceed().Output);
    }

    private async Task StoreAsync(string dotenv) => (await Cli.RunWithInputAsync(dotenv, "variable", "import", "-")).ShouldSucceed();
}
