using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

public sealed class KeyVaultStoreTests : AzureTest
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Underscores_are_read_as_hyphens()
    {
        var version = Vault.Put("db-admin-password", "hunter2");
        var store = Open();

        (await ReadAsync(store, "db_admin_password")).ShouldHoldText().ShouldBe("hunter2");
        (await VersionAsync(store, "db_admin_password")).ShouldSucceed().ShouldBe(version);
        (await ListAsync(store, "db_admin", 10)).ShouldSucceed().Names.ShouldHaveSingleItem().Name.ShouldBe("db-admin-password");
        (await ReadAsync(store, "db_other")).ShouldFail(ProviderFailure.SecretNotFound).Detail.ShouldContain("db-other");
    }

    [Fact]
    public async Task A_secret_may_be_used_until_the_second_it_expires()
    {
        Vault.Put("lease", "v", expires: Clock.GetUtcNow() + Second);
        var store = Open();
        (await ReadAsync(store, "lease")).ShouldHoldText().ShouldBe("v");
        (await VersionAsync(store, "lease")).ShouldSucceed();

        Clock.Advance(Second);
        (await ReadAsync(store, "lease")).ShouldFail(ProviderFailure.SecretDisabled).Detail.ShouldContain("expired at 2026-01-02T03:04:06Z");
        (await VersionAsync(store, "lease")).ShouldFail(ProviderFailure.SecretDisabled);
    }

    [Fact]
    public async Task A_secret_may_be_used_from_the_second_it_becomes_valid()
    {
        Vault.Put("embargo", "v", notBefore: Clock.GetUtcNow() + Second);
        var store = Open();
        (await ReadAsync(store, "embargo")).ShouldFail(ProviderFailure.SecretDisabled).Detail.ShouldContain("not valid before 2026-01-02T03:04:06Z");
        (await VersionAsync(store, "embargo")).ShouldFail(ProviderFailure.SecretDisabled);

        Clock.Advance(Second);
        (await ReadAsync(store, "embargo")).ShouldHoldText().ShouldBe("v");
        (await VersionAsync(store, "embargo")).ShouldSucceed();
    }

    [Fact]
    public async Task The_current_version_is_the_one_created_last_in_whatever_order_and_on_whatever_page()
    {
        Vault.PageSize = 2;
        var last = "";
        for (var i = 0; i < 7; i++)
        {
            Clock.Advance(Second);
            last = Vault.Put("rotated", $"v{i}");
        }

        var store = Open();
        Vault.ForgetRequests();

        (await VersionAsync(store, "rotated")).ShouldSucceed().ShouldBe(last);
        Vault.Requests.ShouldNotContain("get rotated", "no value was fetched");
        (await ReadAsync(store, "rotated")).ShouldHoldText().ShouldBe("v6");
    }

    [Fact]
    public async Task Versions_of_one_second_are_told_apart_by_the_vault()
    {
        for (var i = 0; i < 5; i++)
        {
            var last = Vault.Put("hasty", $"v{i}");
            (await VersionAsync(Open(), "hasty")).ShouldSucceed().ShouldBe(last);
        }
    }

    [Fact]
    public async Task A_disabled_newest_version_is_a_failure_and_not_the_one_before()
    {
        var enabled = Vault.Put("half", "old");
        Clock.Advance(Second);
        Vault.Put("half", "new");
        Vault.Disable("half");
        var store = Open();

        (await VersionAsync(store, "half")).ShouldFail(ProviderFailure.SecretDisabled);
        (await ReadAsync(store, "half")).ShouldFail(ProviderFailure.SecretDisabled);
        (await VersionAsync(store, "half", enabled)).ShouldSucceed().ShouldBe(enabled);
        (await ReadAsync(store, "half", enabled)).ShouldHoldText().ShouldBe("old");
    }

    [Fact]
    public async Task A_pinned_version_that_is_missing_is_named()
    {
        Vault.Put("pinned", "v");
        const string missing = "0123456789abcdef0123456789abcdef";

        (await VersionAsync(Open(), "pinned", missing)).ShouldFail(ProviderFailure.VersionNotFound).Detail.ShouldContain(missing);
    }

    [Theory]
    [InlineData(VaultAccess.NoRole)]
    [InlineData(VaultAccess.NoPolicy)]
    public async Task Without_the_right_to_list_a_version_is_read(VaultAccess lists)
    {
        var version = Vault.Put("watched", "v");
        Vault.Lists = lists;
        var store = Open();
        (await VersionAsync(store, "watched")).ShouldSucceed().ShouldBe(version);
        Vault.ForgetRequests();

        (await VersionAsync(store, "watched")).ShouldSucceed().ShouldBe(version);
        Vault.Requests.ShouldBe(["get watched"], "the refused request is not repeated");
        (await store.AuthenticateAsync(CancellationToken.None)).ShouldSucceed().ShouldBe(Fixture.Identity);
    }

    [Fact]
    public async Task A_listing_reads_no_more_pages_than_it_needs()
    {
        Vault.PageSize = 10;
        for (var i = 0; i < 60; i++)
        {
            Vault.Put($"secret-{i:00}", "v");
        }

        var store = Open();
        (await ListAsync(store, "", 1)).ShouldSucceed();
        Vault.ForgetRequests();
        var some = (await ListAsync(store, "secret", 15)).ShouldSucceed();

        some.Names.Count.ShouldBe(15);
        some.Complete.ShouldBeFalse();
        Vault.Requests.Count.ShouldBe(2);
        (await ListAsync(store, "secret-5", 1000)).ShouldSucceed().Names.Count.ShouldBe(10);
    }

    [Fact]
    public async Task One_token_serves_every_kind_of_call()
    {
        Vault.Put("many", "v");
        var store = Open();
        await store.AuthenticateAsync(CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ReadAsync(store, "many")));
        await ListAsync(store, "", 10);
        await VersionAsync(store, "many");

        Entra.Issued.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_revoked_before_its_time_is_renewed_once()
    {
        Vault.Put("any", "v");
        var store = Open();
        (await ReadAsync(store, "any")).ShouldHoldText();
        Vault.Faults.AnswerNext(401, KeyVaultDouble.ErrorBody("Unauthorized", "AKV10046: revoked."));

        (await ReadAsync(store, "any")).ShouldHoldText().ShouldBe("v");
        Entra.Issued.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_is_renewed_shortly_before_its_end()
    {
        Vault.Put("any", "v");
        var store = Open();
        (await ReadAsync(store, "any")).ShouldHoldText();
        Clock.Advance(TimeSpan.FromMinutes(54));
        (await ReadAsync(store, "any")).ShouldHoldText();
        Entra.Issued.Count.ShouldBe(1);

        Clock.Advance(TimeSpan.FromMinutes(1));
        (await ReadAsync(store, "any")).ShouldHoldText();
        Entra.Issued.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("https://attacker.example/secrets?api-version=7.4")]
    [InlineData("/secrets?api-version=7.4")]
    [InlineData("http://")]
    public async Task A_listing_leads_to_no_other_host(string nextLink)
    {
        var store = Open();
        await store.AuthenticateAsync(CancellationToken.None);
        Vault.Faults.AnswerNext(200, $$"""{"value":[],"nextLink":"{{nextLink}}"}""");

        (await ListAsync(store, "", 10)).ShouldFail(ProviderFailure.InvalidRequest);
    }

    [Fact]
    public async Task A_client_secret_of_any_characters_arrives_as_it_is()
    {
        const string awkward = "a+b&c=d%41 ~/é🔐\"?#";
        Entra.AddApplication(AzureFixture.ClientId, awkward);

        (await Open(Fixture.Provider, Fixture.Connect(secret: awkward)).AuthenticateAsync(CancellationToken.None)).ShouldSucceed();
    }

    [Fact]
    public async Task A_tenant_may_be_written_by_its_domain_name()
    {
        Vault.Put("any", "v");

        (await ReadAsync(Open(Fixture.Provider, Fixture.Connect(tenantId: Entra.TenantDomain)), "any")).ShouldHoldText().ShouldBe("v");
    }

    [Fact]
    public async Task Whatever_a_host_asks_for_it_gets_a_token_for_key_vaults_only()
    {
        Vault.Resource = "https://management.azure.com";
        Vault.Put("any", "v");
        (await ReadAsync(Open(), "any")).ShouldFail(ProviderFailure.AuthenticationFailed);

        var claims = Entra.Issued.Select(token => TestJwt.Read(token)!.Value.Claims).ToList();
        claims.ShouldNotBeEmpty();
        claims.ShouldAllBe(claim => (string)claim["aud"]! == "https://vault.azure.net");
    }

    [Theory]
    [InlineData("../keys/root")]
    [InlineData("a/b")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("")]
    public async Task A_name_no_vault_can_have_never_becomes_a_request(string name)
    {
        var store = Open();

        Fixture.Provider.ValidateAddress(At(name)).ShouldNotBeNull().Code.ShouldBe(ProviderFailure.InvalidRequest);
        (await ReadAsync(store, name)).ShouldFail(ProviderFailure.InvalidRequest);
        (await VersionAsync(store, "fine", name)).ShouldFail(ProviderFailure.InvalidRequest);
        Vault.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_of_127_letters_is_the_longest()
    {
        Fixture.Provider.ValidateAddress(At(new string('a', 126) + "_")).ShouldBeNull();
        Fixture.Provider.ValidateAddress(At(new string('a', 128))).ShouldNotBeNull();
    }
}
