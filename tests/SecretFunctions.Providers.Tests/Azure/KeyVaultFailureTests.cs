using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>Every way a vault can refuse leads an admin to the likely cause.</summary>
public sealed class KeyVaultFailureTests : AzureTest
{
    [Fact]
    public async Task A_missing_role_says_which_one_to_grant()
    {
        Vault.Put("openai", "v");
        Vault.Reads = VaultAccess.NoRole;
        var failure = (await ReadAsync(Open(), "openai")).ShouldFail(ProviderFailure.PermissionDenied);

        failure.ProviderCode.ShouldBe("ForbiddenByRbac");
        failure.Hint.ShouldNotBeNull().ShouldContain("Key Vault Secrets User");
    }

    [Fact]
    public async Task A_vault_with_access_policies_says_so()
    {
        Vault.Put("openai", "v");
        Vault.Reads = VaultAccess.NoPolicy;
        var failure = (await ReadAsync(Open(), "openai")).ShouldFail(ProviderFailure.PermissionDenied);

        failure.ProviderCode.ShouldBe("AccessDenied");
        failure.Hint.ShouldNotBeNull().ShouldContain("set-policy");
    }

    [Fact]
    public async Task A_blocked_network_is_told_from_a_missing_role()
    {
        Vault.Put("openai", "v");
        Vault.Firewall = true;
        var store = Open();
        var failure = (await ReadAsync(store, "openai")).ShouldFail(ProviderFailure.PermissionDenied);

        failure.ProviderCode.ShouldBe("ForbiddenByFirewall");
        failure.Hint.ShouldNotBeNull().ShouldContain("network rules");
        failure.ToString().ShouldNotContain("203.0.113.7");
        (await store.AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.PermissionDenied).ProviderCode.ShouldBe("ForbiddenByFirewall");
    }

    [Fact]
    public async Task A_disabled_secret_is_disabled_and_not_forbidden()
    {
        Vault.Put("openai", "v");
        Vault.Disable("openai");

        (await ReadAsync(Open(), "openai")).ShouldFail(ProviderFailure.SecretDisabled).ProviderCode.ShouldBe("SecretDisabled");
    }

    [Fact]
    public async Task A_vault_of_another_tenant_refuses_our_token()
    {
        Vault.Resource = "https://vault.azure.cn";
        var failure = (await ReadAsync(Open(), "openai")).ShouldFail(ProviderFailure.AuthenticationFailed);

        failure.ProviderCode.ShouldBe("Unauthorized");
        failure.Hint.ShouldNotBeNull().ShouldContain("tenantId");
    }

    [Theory]
    [InlineData(403, "Forbidden", "ForbiddenByConnection", ProviderFailure.PermissionDenied, "private endpoint")]
    [InlineData(403, "Forbidden", "ForbiddenByPolicy", ProviderFailure.PermissionDenied, "access policy")]
    [InlineData(403, "Forbidden", "SomethingNew", ProviderFailure.PermissionDenied, "Key Vault Secrets User")]
    [InlineData(403, "Forbidden", null, ProviderFailure.PermissionDenied, "Key Vault Secrets User")]
    [InlineData(404, "SecretNotFound", null, ProviderFailure.SecretNotFound, "underscores")]
    [InlineData(400, "BadParameter", null, ProviderFailure.InvalidRequest, "version")]
    [InlineData(429, "Throttled", null, ProviderFailure.Throttled, "cacheTtlSeconds")]
    [InlineData(408, "RequestTimeout", null, ProviderFailure.Timeout, "outages")]
    [InlineData(504, "GatewayTimeout", null, ProviderFailure.Timeout, "outages")]
    [InlineData(503, "ServiceUnavailable", null, ProviderFailure.Unreachable, "outages")]
    [InlineData(302, "Moved", null, ProviderFailure.InvalidRequest, "Something else answers")]
    public async Task Each_refusal_has_a_code_and_a_hint(int status, string outer, string? inner, string code, string hint)
    {
        Vault.Put("warm", "v");
        var store = Open();
        (await ReadAsync(store, "warm")).ShouldHoldText();
        Vault.Faults.AnswerNext(status, KeyVaultDouble.ErrorBody(outer, "Contoso-specific text.", inner));
        var failure = (await ReadAsync(store, "warm")).ShouldFail(code);

        failure.ProviderCode.ShouldBe(inner ?? outer);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("Contoso");
    }

    [Theory]
    [InlineData("The user, group or application was not found on any access policy")]
    [InlineData("The application does not have secrets get permission on key vault 'x'")]
    public async Task An_older_vault_tells_its_access_policies_by_the_text_alone(string text)
    {
        Vault.Put("warm", "v");
        var store = Open();
        (await ReadAsync(store, "warm")).ShouldHoldText();
        Vault.Faults.AnswerNext(403, KeyVaultDouble.ErrorBody("Forbidden", text));

        (await ReadAsync(store, "warm")).ShouldFail(ProviderFailure.PermissionDenied).Hint.ShouldNotBeNull().ShouldContain("set-policy");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"id\":\"https://x.vault.azure.net/secrets/warm/1\"}")]
    [InlineData("{\"value\":\"v\"}")]
    [InlineData("{\"value\":\"v\",\"id\":\"https://x.vault.azure.net/secrets/warm\"}")]
    [InlineData("{\"value\":1,\"id\":\"https://x.vault.azure.net/secrets/warm/1\"}")]
    [InlineData("[1,2]")]
    [InlineData("not json")]
    public async Task A_success_without_a_value_is_never_an_empty_secret(string body)
    {
        Vault.Put("warm", "v");
        var store = Open();
        (await ReadAsync(store, "warm")).ShouldHoldText();
        Vault.Faults.AnswerNext(200, body);

        (await ReadAsync(store, "warm")).ShouldFail(ProviderFailure.InvalidRequest).Hint.ShouldNotBeNull().ShouldContain("vaultUrl");
    }
}
