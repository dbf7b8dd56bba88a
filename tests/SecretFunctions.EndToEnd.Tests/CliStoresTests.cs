using System.Text.Json;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>The command line about external stores: credentials, references, the cache.</summary>
public sealed class CliStoresTests : IAsyncLifetime, IDisposable
{
    private const string Keys = """{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}""";

    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    private CliRunner Cli => _server!.Cli();

    public async Task InitializeAsync() => _server = await ServerProcess.StartAsync(_folder.File("data"));

    [Fact]
    public async Task A_credentials_secret_comes_from_standard_input_or_a_file_and_is_shown_nowhere()
    {
        var made = await MakeAwsAsync("piped");
        await File.WriteAllTextAsync(_folder.File("keys"), Keys);
        var filed = (await Cli.RunAsync("credential", "set", "filed", "--provider", "aws-secrets-manager", "--field", "region=eu-west-1", "--auth-file", _folder.File("keys"))).ShouldSucceed();

        var shown = made.Output + filed.Output + (await Cli.RunAsync("credential", "get", "piped", "-o", "json")).ShouldSucceed().Output + (await Cli.RunAsync("credential", "list")).ShouldSucceed().Output;
        shown.ShouldContain("\"hasValue\": true");
        shown.ShouldContain("region       eu-west-1");
        shown.ShouldNotContain("AKIA");
        shown.ShouldNotContain("wJalr");
        var refused = await Cli.RunWithInputAsync("hunter2", "credential", "set", "other", "--provider", "aws-secrets-manager", "--auth-file", "-");
        (refused.ExitCode, refused.Errors.Contains("hunter2", StringComparison.Ordinal)).ShouldBe((2, false));
        (await Cli.RunAsync("credential", "set", "other", "--provider", "aws-secrets-manager")).ExitCode.ShouldBe(2);
        (await Cli.RunAsync("credential", "set", "other", "--ambient", "--workload-identity", "x")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task A_credential_that_is_set_again_keeps_what_is_not_named_and_can_hold_no_secret_at_all()
    {
        await MakeAwsAsync("aws", "--default", "--cache-ttl", "60");
        (await Cli.RunAsync("workload-identity", "set", "reader", "--cloud", "aws", "--field", "roleArn=arn:aws:iam::123456789012:role/reader")).ShouldSucceed();

        (await Cli.RunAsync("credential", "set", "aws", "--stale-if-error", "30")).ShouldSucceed();
        var kept = await JsonAsync("credential", "get", "aws");
        (await Cli.RunAsync("credential", "set", "aws", "--workload-identity", "reader", "--default", "false")).ShouldSucceed();
        var changed = await JsonAsync("credential", "get", "aws");

        kept.GetProperty("auth").GetProperty("secretAccessKey").GetProperty("hasValue").GetBoolean().ShouldBeTrue();
        (kept.GetProperty("default").GetBoolean(), kept.GetProperty("region").GetString()).ShouldBe((true, "eu-west-1"));
        (kept.GetProperty("cacheTtlSeconds").GetInt32(), kept.GetProperty("staleIfErrorSeconds").GetInt32()).ShouldBe((60, 30));
        changed.GetProperty("auth").GetRawText().ShouldNotContain("hasValue");
        changed.GetProperty("auth").GetProperty("config").GetString().ShouldBe("reader");
        changed.GetProperty("default").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task A_limit_is_kept_until_it_is_lifted()
    {
        await MakeAwsAsync("aws", "--project", "default");
        (await Cli.RunAsync("workload-identity", "set", "reader", "--cloud", "aws", "--field", "roleArn=arn:aws:iam::123456789012:role/reader", "--project", "default", "-e", "dev")).ShouldSucceed();

        (await Cli.RunAsync("credential", "set", "aws", "--cache-ttl", "60")).ShouldSucceed().Output.ShouldContain("PROJECTS     default");
        (await Cli.RunAsync("credential", "set", "aws", "--all-projects")).ShouldSucceed().Output.ShouldContain("PROJECTS     all");
        (await Cli.RunAsync("workload-identity", "set", "reader", "--all-environments")).ShouldSucceed().Output.ShouldMatch("PROJECTS +default\nAUTOMATIONS +all\nENVIRONMENTS +all\n");
        (await Cli.RunAsync("credential", "set", "aws", "--all-projects", "--project", "default")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task Fields_that_are_numbers_and_fields_that_are_texts_are_told_apart()
    {
        (await Cli.RunWithInputAsync(
            """{"token":"hvs.made-up"}""",
            "credential", "set", "vault", "--provider", "hashicorp-vault", "--field", "address=https://vault.example.com:8200", "--field", "mount=2024", "--number-field", "kvVersion=1", "--auth-file", "-")).ShouldSucceed();

        var made = await JsonAsync("credential", "get", "vault");
        made.GetProperty("kvVersion").GetInt32().ShouldBe(1);
        made.GetProperty("mount").GetString().ShouldBe("2024");
        (await Cli.RunAsync("credential", "set", "vault", "--number-field", "kvVersion=one")).ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task A_reference_takes_the_place_of_a_value_or_of_another_reference_as_a_whole()
    {
        await MakeAwsAsync("aws", "--default");
        (await Cli.RunWithInputAsync("1", "variable", "set", "KEY", "--tag", "backend")).ShouldSucceed();

        (await Cli.RunAsync("variable", "set", "KEY", "--credential", "aws", "--secret", "db#password", "--secret-version", "AWSPREVIOUS")).ShouldSucceed();
        (await Cli.RunAsync("variable", "list")).ShouldSucceed().Output.ShouldContain("  aws:db#password  AWSPREVIOUS  backend  ");
        (await Cli.RunAsync("variable", "set", "KEY", "--provider", "aws-secrets-manager", "--secret", "db")).ShouldSucceed();
        var referring = await JsonAsync("variable", "get", "KEY");
        (await Cli.RunWithInputAsync("2", "variable", "set", "KEY")).ShouldSucceed().Output.ShouldContain("vault");

        referring.GetProperty("reference").GetRawText().ShouldNotContain("AWSPREVIOUS");
        referring.GetProperty("reference").GetProperty("credential").ValueKind.ShouldBe(JsonValueKind.Null);
        (await Cli.RunAsync("variable", "reveal", "KEY")).ShouldSucceed().Output.ShouldBe("2");
        (await Cli.RunAsync("variable", "set", "NEW", "--credential", "aws", "--secret", "db")).ShouldSucceed();
        (await Cli.RunAsync("variable", "set", "KEY", "--credential", "aws")).ExitCode.ShouldBe(2);
        (await Cli.RunAsync("variable", "set", "KEY", "--credential", "aws", "--secret", "db", "--keep-value")).ExitCode.ShouldBe(2);
    }

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    private async Task<Outcome> MakeAwsAsync(string name, params string[] options) => (await Cli.RunWithInputAsync(
        Keys, ["credential", "set", name, "--provider", "aws-secrets-manager", "--field", "region=eu-west-1", "--auth-file", "-", .. options])).ShouldSucceed();

    private async Task<JsonElement> JsonAsync(params string[] arguments) => JsonElement.Parse((await Cli.RunAsync([.. arguments, "-o", "json"])).ShouldSucceed().Output);
}
