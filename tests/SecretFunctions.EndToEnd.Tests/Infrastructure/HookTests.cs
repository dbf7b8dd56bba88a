using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.EndToEnd.Tests.Infrastructure;

/// <summary>The hooks as azd runs them, with a management of Azure that is ours.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public sealed class HookTests : IAsyncLifetime
{
    private const string Vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-sf-abc";
    private const string App = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-secrets-abc";

    private readonly TemporaryFolder _folder = new();
    private readonly ManagementDouble _management = new();

    public async Task InitializeAsync()
    {
        await _management.StartAsync();
        await MakeProgramAsync("azd", $$"""
            [ "$1 $2 $3 $4" = 'auth token --output json' ] && printf '{\n  "token": "{{ManagementDouble.Token}}",\n  "expiresOn": "2030-01-01T00:00:00Z"\n}\n'
            """);
    }

    public async Task DisposeAsync()
    {
        await _management.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_first_key_goes_to_the_vault_once_and_into_no_log()
    {
        var first = (await ProvisionedAsync()).ShouldSucceed();
        var key = _management.Secret.ShouldNotBeNull();
        var second = (await ProvisionedAsync()).ShouldSucceed();

        // Long enough for BootstrapKey, and nothing to quote or escape anywhere.
        key.Length.ShouldBe(64);
        key.ShouldAllBe(letter => char.IsAsciiHexDigitLower(letter));
        _management.Secret.ShouldBe(key);
        _management.Requests.ShouldBe(["GET secret", "PUT secret", "POST refresh", "GET secret"]);
        first.Output.ShouldContain("az keyvault secret show --vault-name kv-sf-abc --name first-owner-key");
        second.Output.ShouldContain("already");
        (first.Output + first.Errors + second.Output + second.Errors).ShouldNotContain(key, Case.Sensitive, "this is no terminal");
    }

    [Fact]
    public async Task On_a_terminal_the_first_key_is_shown()
    {
        // script(1) brings the terminal.
        var outcome = (await Outcome.RunAsync(Provisioned("script", "-qec", Hook("postprovision"), "/dev/null"))).ShouldSucceed();

        outcome.Output.ShouldContain(_management.Secret.ShouldNotBeNull());
    }

    [Fact]
    public async Task No_process_has_the_key_or_the_token_as_an_argument()
    {
        // A curl that writes down how it was called, and calls the one after it on the path.
        await MakeProgramAsync("curl", $"printf '%s\\n' \"$@\" >> '{_folder.File("arguments")}'\nPATH=${{PATH#*:}} exec curl \"$@\"");

        (await ProvisionedAsync()).ShouldSucceed();

        var arguments = await File.ReadAllTextAsync(_folder.File("arguments"));
        arguments.ShouldContain("--data-binary");
        arguments.ShouldNotContain(_management.Secret.ShouldNotBeNull());
        arguments.ShouldNotContain(ManagementDouble.Token);
    }

    [Theory]
    [InlineData(403, "Azure answered 403 when asked for the first owner's key")]
    [InlineData(500, "Azure answered 500 when asked for the first owner's key")]
    public async Task What_Azure_refuses_is_told_and_nothing_is_made(int status, string words)
    {
        _management.Faults.AnswerNext(status, "{}");

        var outcome = await ProvisionedAsync();

        outcome.ExitCode.ShouldBe(1);
        outcome.Errors.ShouldContain(words);
        _management.Secret.ShouldBeNull();
    }

    [Fact]
    public async Task A_deleted_key_in_the_way_is_told_with_its_remedy()
    {
        _management.IsDeleted = true;

        var outcome = await ProvisionedAsync();

        outcome.ExitCode.ShouldBe(1);
        outcome.Errors.ShouldContain("az keyvault secret recover --vault-name kv-sf-abc --name first-owner-key");
    }

    [Fact]
    public async Task After_a_deployment_it_waits_until_the_service_is_ready_and_shows_the_first_request()
    {
        await using var server = await ServerProcess.StartAsync(_folder.File("data"));
        var url = server.Url.AbsoluteUri.TrimEnd('/');

        var outcome = (await DeployedAsync(url, url)).ShouldSucceed();

        outcome.Output.ShouldContain("Ready: {\"status\":\"ok\"");
        outcome.Output.ShouldContain($"Issuer: {url}");

        // What it shows works, pasted.
        var shown = outcome.Output.Split('\n').Single(static line => line.Contains("curl -sS", StringComparison.Ordinal));
        var pasted = Programs.Start("bash", ["-c", shown.Trim()], [KeyValuePair.Create("SF_KEY", server.Key.ShouldNotBeNull())]);
        (await Outcome.RunAsync(pasted)).ShouldSucceed().Output.ShouldContain("\"principal\"");
    }

    [Fact]
    public async Task Another_issuer_than_the_one_that_clouds_will_trust_is_told()
    {
        await using var server = await ServerProcess.StartAsync(_folder.File("data"), ("SecretFunctions__Issuer", "https://secrets.example.com"));
        var url = server.Url.AbsoluteUri.TrimEnd('/');

        var outcome = await DeployedAsync(url, url);

        outcome.ExitCode.ShouldBe(1);
        outcome.Errors.ShouldContain("names another issuer");
    }

    [Fact]
    public async Task A_service_that_does_not_get_ready_is_told()
    {
        var outcome = await DeployedAsync("http://127.0.0.1:1", "http://127.0.0.1:1", ("SECRETFUNCTIONS_READY_SECONDS", "-1"));

        outcome.ExitCode.ShouldBe(1);
        outcome.Errors.ShouldContain("is not ready");
    }

    private static string Hook(string name) => Path.Combine(InfrastructureFiles.Folder, "hooks", $"{name}.sh");

    private Task<Outcome> ProvisionedAsync() => Outcome.RunAsync(Provisioned("bash", Hook("postprovision")));

    private static Task<Outcome> DeployedAsync(string url, string issuer, params (string Name, string Value)[] more) => Outcome.RunAsync(Programs.Start("bash", [Hook("postdeploy")],
    [
        KeyValuePair.Create("SECRETFUNCTIONS_URL", url),
        KeyValuePair.Create("SECRETFUNCTIONS_ISSUER", issuer),
        KeyValuePair.Create("SECRETFUNCTIONS_FIRST_CURL", FirstCurl(url)),
        .. more.Select(static setting => KeyValuePair.Create(setting.Name, setting.Value)),
    ]));

    /// <summary>As main.bicep writes it.</summary>
    private static string FirstCurl(string url)
    {
        const string Start = "output SECRETFUNCTIONS_FIRST_CURL string = '";
        var from = InfrastructureFiles.Main.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return InfrastructureFiles.Main[from..InfrastructureFiles.Main.IndexOf("'\n", from, StringComparison.Ordinal)].Replace("${publicUrl}", url, StringComparison.Ordinal);
    }

    /// <summary>With the environment that azd gives a hook after provisioning, and an azd of ours on the path.</summary>
    private ProcessStartInfo Provisioned(string program, params string[] arguments)
    {
        var start = Programs.Start(program, arguments,
        [
            KeyValuePair.Create("AZURE_RESOURCE_MANAGER_URL", _management.Address.AbsoluteUri),
            KeyValuePair.Create("SECRETFUNCTIONS_VAULT_ID", Vault),
            KeyValuePair.Create("SECRETFUNCTIONS_VAULT", "kv-sf-abc"),
            KeyValuePair.Create("SECRETFUNCTIONS_APP_ID", App),
            KeyValuePair.Create("SECRETFUNCTIONS_FIRST_KEY_SECRET", "first-owner-key"),
        ]);
        start.Environment["PATH"] = $"{_folder.Path}:{start.Environment["PATH"]}";
        return start;
    }

    private async Task MakeProgramAsync(string name, string script)
    {
        await File.WriteAllTextAsync(_folder.File(name), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_folder.File(name), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>As much of Azure Resource Manager as a secret and the refreshing of references need.</summary>
    private sealed class ManagementDouble() : CloudDouble(https: false)
    {
        public const string Token = "canary-token-of-azd";

        public string? Secret { get; private set; }

        public bool IsDeleted { get; set; }

        protected override async Task HandleAsync(HttpContext context)
        {
            var (method, path) = (context.Request.Method, context.Request.Path.Value);
            Record($"{method} {path?.Split('/')[^1] switch { "first-owner-key" => "secret", var last => last }}");
            context.Response.StatusCode = context.Request.Headers.Authorization != $"Bearer {Token}" || !context.Request.Query.ContainsKey("api-version") ? 401
                : (method, path) switch
                {
                    ("GET", $"{Vault}/secrets/first-owner-key") => Secret is null ? 404 : 200,
                    ("PUT", $"{Vault}/secrets/first-owner-key") => IsDeleted ? 409 : await KeepAsync(context),
                    ("POST", $"{App}/config/configreferences/appsettings/refresh") => 200,
                    _ => 404,
                };
        }

        private async Task<int> KeepAsync(HttpContext context)
        {
            Secret = (string?)(await JsonNode.ParseAsync(context.Request.Body))!["properties"]!["value"];
            return 200;
        }
    }
}
