using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>Every bad setting stops the start: exit code 1, and one sentence on standard error that names it.</summary>
public sealed class BadSettingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.File("data");

    [Theory]
    [InlineData("Store", "foo", "SecretFunctions:Store must be 'sqlite' or 'tables'.")]
    [InlineData("ConsistencyWindowSeconds", "abc", "SecretFunctions:ConsistencyWindowSeconds must be a number.")]
    [InlineData("ConsistencyWindowSeconds", "-1", "SecretFunctions:ConsistencyWindowSeconds must be from 0 to 60.")]
    [InlineData("ConsistencyWindowSeconds", "NaN", "SecretFunctions:ConsistencyWindowSeconds must be from 0 to 60.")]
    [InlineData("BootstrapKey", "hunter2-too-short", "SecretFunctions:BootstrapKey must have 32 to 512 characters, none of them white space.")]
    [InlineData("Vault__VersionsKept", "0", "SecretFunctions:Vault:VersionsKept must be from 1 to 10.")]
    [InlineData("Vault__VersionsKept", "1.5", "SecretFunctions:Vault:VersionsKept must be a whole number.")]
    [InlineData("Vault", "hunter2", "SecretFunctions:Vault is a group of settings and has no value of its own.")]
    [InlineData("Limits__PrincipalRequestsPerSecond", "-1", "SecretFunctions:Limits:PrincipalRequestsPerSecond must be 0, or from 0.001 to 1000000.")]
    [InlineData("Limits__CostlyRequestsPerSecond", "NaN", "SecretFunctions:Limits:CostlyRequestsPerSecond must be 0, or from 0.001 to 1000000.")]
    [InlineData("Limits__OrganizationBurst", "0", "SecretFunctions:Limits:OrganizationBurst must be from 1 to 1000000.")]
    [InlineData("Stor", "hunter2", "SecretFunctions:Stor is not a setting: SecretFunctions has ")]
    [InlineData("Tables__Nam", "hunter2", "SecretFunctions:Tables:Nam is not a setting: SecretFunctions:Tables has ConnectionString, Endpoint, Name.")]
    [InlineData("Issuer", "https://hunter2.example/", "SecretFunctions:Issuer must not end in a slash")]
    [InlineData("SigningKeys__Bits", "1024", "SecretFunctions:SigningKeys:Bits must be 2048, 3072 or 4096.")]
    [InlineData("Root__KeyVaultKey", "hunter2", "SecretFunctions:Root:KeyVaultKey must be a key's address")]
    [InlineData("BootstrapKey", "@Microsoft.KeyVault(SecretUri=https://hunter2.vault.azure.net/secrets/first-owner-key)", "SecretFunctions:BootstrapKey is a reference that Azure did not resolve")]
    public async Task A_setting_is_named_and_its_value_is_not_repeated(string name, string value, string sentence) =>
        AssertRefused(await StartAsync(($"SecretFunctions__{name}", value)), sentence);

    [Theory]
    [InlineData(null, "exactly one of SecretFunctions:Tables:ConnectionString and SecretFunctions:Tables:Endpoint must be set.")]
    [InlineData("AccountName=a;hunter2", "SecretFunctions:Tables:ConnectionString has no NAME=VALUE in part 2.")]
    [InlineData("AccountName=a;AccountKey=hunter2!", "SecretFunctions:Tables:ConnectionString has an AccountKey that is not base64.")]
    public async Task Tables_need_a_connection_string_that_is_one(string? connection, string sentence) => AssertRefused(
        await StartAsync(("SecretFunctions__Store", "tables"), ("SecretFunctions__Tables__ConnectionString", connection ?? "")), sentence);

    [Theory]
    [InlineData("--urls must be addresses", "--urls", "hunter2")]
    [InlineData("--urls must be addresses", "--urls", "http://127.0.0.1:65536")]
    [InlineData("'--dat' is not an option", "--dat", "hunter2")]
    [InlineData("'--data' needs a value.", "--data")]
    [InlineData("Argument 1 is not an option", "hunter2")]
    [InlineData("set the environment variable SecretFunctions__BootstrapKey.", "--SecretFunctions:BootstrapKey=hunter2-hunter2-hunter2-hunter2-h")]
    [InlineData("Logging:LogLevel:Default must be one of Trace,", "--Logging:LogLevel:Default=hunter2")]
    public async Task An_argument_is_named_and_its_value_is_not_repeated(string sentence, params string[] arguments) =>
        AssertRefused(await ServerProcess.RunAsync(arguments), sentence);

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        await using var first = await ServerProcess.StartAsync(_folder.File("first"));
        var url = first.Url.AbsoluteUri.TrimEnd('/');

        AssertRefused(await ServerProcess.RunAsync(["--urls", url, "--data", Data]), url, "address already in use");
    }

    [Theory]
    [InlineData("Kestrel__Endpoints__Http__Url", "nonsense", "'nonsense'")]
    [InlineData("Kestrel__Certificates__Default__Path", "/absent.pem", "/absent.pem")]
    public async Task What_Kestrel_cannot_use_is_named(string name, string value, string word) =>
        AssertRefused(await ServerProcess.RunAsync(["--urls", "https://127.0.0.1:0", "--data", Data], (name, value)), "It cannot listen", word);

    [Fact]
    public async Task Tables_that_cannot_be_reached_are_named() => AssertRefused(
        await StartAsync(
            ("SecretFunctions__Store", "tables"),
            ("SecretFunctions__Tables__ConnectionString", "AccountName=a;AccountKey=aHVudGVyMg==;TableEndpoint=http://127.0.0.1:1/a")),
        "SecretFunctions:Store is 'tables'");

    [Fact]
    public async Task A_data_folder_that_is_a_file_is_named()
    {
        await File.WriteAllTextAsync(Data, "hunter2");

        AssertRefused(await StartAsync(), Data);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_is_named() =>
        AssertRefused(await ServerProcess.RunAsync(["--urls", "http://127.0.0.1:0", "--data", "/proc/secretfunctions"]), "/proc/secretfunctions");

    [Fact]
    public async Task A_file_that_is_not_a_database_is_named()
    {
        Directory.CreateDirectory(Data);
        var file = Path.Combine(Data, "secretfunctions.db");
        await File.WriteAllTextAsync(file, string.Concat(Enumerable.Repeat("hunter2 ", 1000)));

        AssertRefused(await StartAsync(), file, "is not an SQLite database");
    }

    [Fact]
    public async Task A_root_key_that_others_can_read_is_named()
    {
        var rootKey = await MakeDataAsync();
        File.SetUnixFileMode(rootKey, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        AssertRefused(await StartAsync(), rootKey, "chmod 600");
    }

    [Fact]
    public async Task A_root_key_that_is_gone_is_not_made_up_again()
    {
        var rootKey = await MakeDataAsync();
        File.Delete(rootKey);

        AssertRefused(await StartAsync(), rootKey, "is missing");
        File.Exists(rootKey).ShouldBeFalse();
    }

    [Fact]
    public async Task A_root_key_of_other_data_is_refused()
    {
        var rootKey = await MakeDataAsync();
        await using (var other = await ServerProcess.StartAsync(_folder.File("other")))
        {
            await other.StopAsync();
        }

        File.Copy(Path.Combine(_folder.File("other"), "root.key"), rootKey, overwrite: true);

        AssertRefused(await StartAsync(), "restore the root key");
    }

    [Fact]
    public async Task A_root_key_file_that_holds_something_else_is_named_and_not_quoted()
    {
        var rootKey = await MakeDataAsync();
        await File.WriteAllTextAsync(rootKey, "secretfunctions-root-key-v1:hunter2");

        AssertRefused(await StartAsync(), rootKey, "does not hold a root key");
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertRefused(Outcome outcome, params string[] words)
    {
        outcome.ExitCode.ShouldBe(1, outcome.Errors);
        var lines = outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(1, outcome.Errors);
        lines[0].ShouldStartWith("SecretFunctions cannot start. ");
        lines[0].ShouldEndWith(".");
        foreach (var word in words)
        {
            lines[0].ShouldContain(word);
        }

        (outcome.Errors + outcome.Output).ShouldNotContain("hunter2");
        outcome.Output.ShouldNotContain("   at ", Case.Sensitive, "no stack trace");
    }

    private Task<Outcome> StartAsync(params (string, string)[] environment) =>
        ServerProcess.RunAsync(["--urls", "http://127.0.0.1:0", "--data", Data], environment);

    /// <returns>The root key's file.</returns>
    private async Task<string> MakeDataAsync()
    {
        await using var server = await ServerProcess.StartAsync(Data);
        await server.StopAsync();
        return Path.Combine(Data, "root.key");
    }
}
