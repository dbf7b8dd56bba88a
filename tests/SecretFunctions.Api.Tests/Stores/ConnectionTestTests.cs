using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>"Test connection": every symptom is an answer of status 200 with a code, the store's own code, and the way out.</summary>
public sealed class ConnectionTestTests : StoresTest
{
    [Theory]
    [InlineData("aws-secrets-manager", "arn:aws:iam::123456789012:user/reader")]
    [InlineData("azure-key-vault", "application 12345678-aaaa-bbbb-cccc-123456789012 (object 99999999-aaaa-bbbb-cccc-123456789012)")]
    [InlineData("google-secret-manager", "reader@acme-prod.iam.gserviceaccount.com")]
    [InlineData("hashicorp-vault", "token-reader")]
    [InlineData("cyberark-conjur", "host/data/secretfunctions")]
    [InlineData("1password-connect", null)]
    public async Task What_works_says_so_step_by_step_and_as_whom(string provider, string? identity)
    {
        await ReferAsync("A", provider, "a-1");
        var secret = (string)(await Operator.GetReplyAsync("/v1/variables/dev/A")).Json["reference"]!["secret"]!;

        var report = (await TestAsync(provider, secret)).Json;

        ((bool)report["ok"]!).ShouldBeTrue();
        ((string?)report["identity"]).ShouldBe(identity);
        Steps(report).ShouldBe(["reach ok", "authenticate ok", "list ok", "read ok"]);
        report.ToJsonString().ShouldNotContain("a-1");
    }

    [Fact]
    public async Task A_wrong_client_secret()
    {
        await PutCredentialAsync("azure-key-vault", static credential => credential["auth"]!["clientSecret"] = "canary-its-id-perhaps");
        await ShouldFailAsync("azure-key-vault", "authenticate provider.authentication_failed AADSTS7000215", "create a new client secret");
    }

    [Fact]
    public async Task An_expired_client_secret()
    {
        Stores.Entra.AddApplication(AllStores.AzureClient, AllStores.AzureSecret, Clock.GetUtcNow());
        await PutCredentialAsync("azure-key-vault");
        await ShouldFailAsync("azure-key-vault", "authenticate provider.authentication_failed AADSTS7000222", "Create a new client secret");
    }

    [Fact]
    public async Task An_unknown_application()
    {
        await PutCredentialAsync("azure-key-vault", static credential => credential["auth"]!["clientId"] = "00000000-0000-0000-0000-000000000000");
        await ShouldFailAsync("azure-key-vault", "authenticate provider.authentication_failed AADSTS700016", "clientId");
    }

    [Fact]
    public async Task An_unknown_tenant()
    {
        await PutCredentialAsync("azure-key-vault", static credential => credential["auth"]!["tenantId"] = "00000000-0000-0000-0000-000000000000");
        await ShouldFailAsync("azure-key-vault", "authenticate provider.authentication_failed AADSTS90002", "tenantId");
    }

    [Theory]
    [InlineData(VaultAccess.NoRole, "ForbiddenByRbac", "Key Vault Secrets User")]
    [InlineData(VaultAccess.NoPolicy, "AccessDenied", "az keyvault set-policy")]
    public async Task A_missing_role_or_policy_fails_the_read_and_not_the_list(VaultAccess access, string providerCode, string hint)
    {
        (Stores.Azure.Reads, Stores.Azure.Lists) = (access, access);
        await PutCredentialAsync("azure-key-vault");

        var report = (await TestAsync("azure-key-vault", "a")).Json;

        Steps(report).ShouldBe(["reach ok", "authenticate ok", "list ok", $"read provider.permission_denied {providerCode}"]);
        ((string)report["checks"]![2]!["detail"]!).ShouldContain("autocomplete");
        ((string)report["checks"]![3]!["hint"]!).ShouldContain(hint);
        ((bool)(await TestAsync("azure-key-vault")).Json["ok"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task A_blocked_network()
    {
        Stores.Azure.Firewall = true;
        await PutCredentialAsync("azure-key-vault");
        await ShouldFailAsync("azure-key-vault", "authenticate provider.permission_denied ForbiddenByFirewall", "network rules");
    }

    [Theory]
    [InlineData("hashicorp-vault", "address")]
    [InlineData("cyberark-conjur", "address")]
    [InlineData("1password-connect", "address")]
    [InlineData("azure-key-vault", "vaultUrl")]
    public async Task An_address_where_nothing_answers(string provider, string field)
    {
        await PutCredentialAsync(provider, credential => credential[field] = "https://127.0.0.1:1");
        await ShouldFailAsync(provider, "reach provider.unreachable ", "Check the address");
    }

    [Fact]
    public async Task A_wrong_access_key()
    {
        await PutCredentialAsync("aws-secrets-manager", static credential => credential["auth"]!["secretAccessKey"] = "canary-wrong");
        await ShouldFailAsync("aws-secrets-manager", "authenticate provider.authentication_failed SignatureDoesNotMatch", "");
    }

    [Fact]
    public async Task A_service_account_that_was_deleted()
    {
        await PutCredentialAsync("google-secret-manager");
        Stores.Google.Accounts.DeleteAccount("reader@acme-prod.iam.gserviceaccount.com");
        await ShouldFailAsync("google-secret-manager", "authenticate provider.authentication_failed invalid_grant", "");
    }

    [Theory]
    [InlineData("hashicorp-vault", "token", "authenticate provider.authentication_failed invalid token")]
    [InlineData("cyberark-conjur", "apiKey", "authenticate provider.authentication_failed HTTP 401")]
    [InlineData("1password-connect", "token", "authenticate provider.authentication_failed HTTP 401")]
    public async Task A_wrong_key_or_token(string provider, string field, string expected)
    {
        await PutCredentialAsync(provider, credential => credential["auth"]![field] = "canary-wrong");
        await ShouldFailAsync(provider, expected, "");
    }

    [Theory]
    [InlineData("aws-secrets-manager")]
    [InlineData("azure-key-vault")]
    [InlineData("google-secret-manager")]
    [InlineData("hashicorp-vault")]
    [InlineData("cyberark-conjur")]
    public async Task Not_being_allowed_to_list_is_no_failure_and_autocomplete_says_why(string provider)
    {
        await ReferAsync("A", provider, "a-1");
        Stores.AwsKey.Permissions.Deny("secretsmanager:ListSecrets");
        Stores.Azure.Lists = VaultAccess.NoRole;
        Stores.Google.Secrets.Permissions.Remove("secretmanager.secrets.list");
        (Stores.Vault.DenyLists, Stores.Conjur.DenyLists) = (true, true);

        var report = (await TestAsync(provider)).Json;
        var names = (await Operator.GetReplyAsync($"/v1/provider-credentials/{provider}/secrets?prefix=a")).ShouldBe(200).Json;

        ((bool)report["ok"]!).ShouldBeTrue(report.ToJsonString());
        Steps(report).ShouldBe(["reach ok", "authenticate ok", "list ok"]);
        ((bool)names["complete"]!).ShouldBeFalse();
        names["items"]!.AsArray().ShouldBeEmpty();
        ((string)names["detail"]!).ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Autocomplete_names_what_begins_so(string provider)
    {
        (await PutCredentialAsync(provider)).ShouldBe(201);
        foreach (var name in new[] { "db-password", "db-user", "mail" })
        {
            Stores.Put(provider, name, "v");
        }

        (await Operator.GetReplyAsync($"/v1/provider-credentials/{provider}/secrets?prefix=db"))
            .ShouldBe(200, """{"items":["db-password","db-user"],"complete":true,"detail":null}""");
    }

    [Fact]
    public async Task A_store_that_never_answers_is_not_waited_for_longer_than_an_admin_would()
    {
        await PutCredentialAsync("hashicorp-vault");
        var arrived = Stores.Vault.Faults.HangNext();

        var testing = TestAsync("hashicorp-vault");
        await arrived;
        Clock.Advance(TimeSpan.FromSeconds(15));

        Steps((await testing).Json).ShouldBe(["reach provider.timeout "]);
    }

    [Fact]
    public async Task A_request_that_is_wrong_is_no_outcome()
    {
        await PutCredentialAsync("hashicorp-vault");

        (await Operator.PostAsync("/v1/provider-credentials/nobodys/test")).ShouldBeProblem(404, "credential.not_found");
        (await Operator.PostAsync("/v1/provider-credentials/hashicorp-vault/test", """{"secret":"#x"}""")).ShouldBeProblem(400, "reference.secret_invalid");
        var viewer = await Host.MemberAsync("viewer@example.org", "secret_providers: view");
        (await viewer.PostAsync("/v1/provider-credentials/hashicorp-vault/test")).ShouldBe(403);
        (await viewer.GetReplyAsync("/v1/provider-credentials/hashicorp-vault/secrets")).ShouldBe(200);
    }

    private async Task<Reply> TestAsync(string credential, string? secret = null) => (secret is null
        ? await Operator.PostAsync($"/v1/provider-credentials/{credential}/test")
        : await Operator.PostAsync($"/v1/provider-credentials/{credential}/test", new JsonObject { ["secret"] = secret }.ToJsonString())).ShouldBe(200);

    /// <param name="last">The step that failed, with code and the store's own code.</param>
    private async Task ShouldFailAsync(string credential, string last, string hint)
    {
        var report = (await TestAsync(credential)).Json;
        ((bool)report["ok"]!).ShouldBeFalse();
        report["identity"].ShouldBeNull();
        Steps(report)[^1].ShouldBe(last);
        ((string)report["checks"]!.AsArray()[^1]!["detail"]!).ShouldNotBeNullOrWhiteSpace();
        ((string)report["checks"]!.AsArray()[^1]!["hint"]!).ShouldContain(hint);
        report.ToJsonString().ShouldNotContain("canary");
    }

    private static string[] Steps(JsonNode report) =>
        [.. report["checks"]!.AsArray().Select(static check => $"{check!["name"]} {((bool)check["ok"]! ? "ok" : $"{check["code"]} {check["providerCode"]}")}")];
}
