using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.EndToEnd.Tests.Stores;

/// <summary>Credentials with keys of their own, in every store.</summary>
public sealed class StoresTests : IAsyncLifetime
{
    private const string GoogleAccount = "reader@acme-prod.iam.gserviceaccount.com";

    private AllStores _stores = null!;
    private StoresServer _server = null!;

    public async Task InitializeAsync()
    {
        _stores = await AllStores.StartAsync(TimeProvider.System);
        _server = await StoresServer.StartAsync(_stores);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _stores.DisposeAsync();
    }

    [Fact]
    public async Task One_resolve_reads_from_all_six_stores_and_each_says_who_read()
    {
        (string Provider, string? Identity)[] expected =
        [
            ("aws-secrets-manager", "arn:aws:iam::123456789012:user/reader"),
            ("azure-key-vault", $"application {AllStores.AzureClient} (object 99999999-aaaa-bbbb-cccc-123456789012)"),
            ("google-secret-manager", GoogleAccount),
            ("hashicorp-vault", "token-reader"),
            ("cyberark-conjur", "host/data/secretfunctions"),
            ("1password-connect", null),
        ];
        var secrets = expected.Select((store, index) => _stores.Put(store.Provider, $"openai-{index}", $"value-{index}")).ToArray();
        foreach (var (index, (provider, _)) in expected.Index())
        {
            await _server.PutCredentialAsync(_stores.Credentials[provider]);
            await _server.ReferAsync($"K{index}", provider, secrets[index]);
        }

        var resolved = await _server.ResolveAsync("K0", "K1", "K2", "K3", "K4", "K5");

        resolved.ShouldBe(["K0=value-0", "K1=value-1", "K2=value-2", "K3=value-3", "K4=value-4", "K5=value-5"], ignoreOrder: true);
        foreach (var (index, (provider, identity)) in expected.Index())
        {
            await _server.ShouldReadAsync(provider, secrets[index], identity);
        }
    }

    [Fact]
    public async Task A_role_is_assumed_with_the_keys_where_one_is_named()
    {
        var role = _stores.Aws.Identities.AddRole("secrets", _stores.AwsKey);
        var secret = _stores.Put("aws-secrets-manager", "openai", "value");
        await PutChangedAsync("aws-secrets-manager", auth => auth["roleArn"] = role.Arn);

        await _server.ShouldReadAsync("aws-secrets-manager", secret, "arn:aws:sts::123456789012:assumed-role/secrets/secretfunctions-aws-secrets-manager");
    }

    [Theory]
    [InlineData("aws-secrets-manager", "secretAccessKey", "SignatureDoesNotMatch")]
    [InlineData("azure-key-vault", "clientSecret", "AADSTS7000215")]
    [InlineData("hashicorp-vault", "token", "invalid token")]
    [InlineData("cyberark-conjur", "apiKey", "HTTP 401")]
    [InlineData("1password-connect", "token", "HTTP 401")]
    public async Task A_wrong_key_is_told_by_the_stores_own_code(string provider, string field, string providerCode)
    {
        await PutChangedAsync(provider, auth => auth[field] = "canary-wrong");

        await _server.ShouldBeRefusedAsync(provider, providerCode);
    }

    [Fact]
    public async Task A_key_that_Google_does_not_know_is_told_by_Googles_own_code()
    {
        await PutChangedAsync("google-secret-manager", static auth => auth["serviceAccountKey"] = GoogleAccounts.ForgeKey(GoogleAccount));

        await _server.ShouldBeRefusedAsync("google-secret-manager", "invalid_grant");
    }

    [Fact]
    public async Task An_answer_that_is_not_Googles_is_a_failure_with_a_code_too()
    {
        _stores.Google.Faults.AnswerNext(502, "<html>canary</html>", "text/html");
        await _server.PutCredentialAsync(_stores.Credentials["google-secret-manager"]);

        var report = await _server.TestAsync("google-secret-manager");

        report["checks"]!.AsArray()[^1]!["code"]!.ToString().ShouldBe("provider.unreachable");
        report.ToJsonString().ShouldNotContain("canary");
    }

    private Task PutChangedAsync(string provider, Action<JsonObject> change)
    {
        var credential = _stores.Credentials[provider].DeepClone().AsObject();
        change(credential["auth"]!.AsObject());
        return _server.PutCredentialAsync(credential);
    }
}
