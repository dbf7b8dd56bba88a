using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Providers.Tests.Google;

public sealed class SecretManagerTests : GoogleTest
{
    [Fact]
    public async Task A_version_is_pinned_by_number_or_alias_and_always_told_as_its_number()
    {
        Secrets.Put("api", "one"u8);
        Secrets.SetAlias("api", "stable");
        Secrets.Put("api", "two"u8);
        var store = Open();

        (await ReadAsync(store, "api", "stable")).ShouldHoldText().ShouldBe("one");
        (await ReadAsync(store, "api", "1")).ShouldHoldText().ShouldBe("one");
        (await ReadAsync(store, "api", "latest")).ShouldHoldText().ShouldBe("two");
        (await VersionAsync(store, "api")).ShouldSucceed().ShouldBe("2");
        (await VersionAsync(store, "api", "stable")).ShouldSucceed().ShouldBe("1");
        using var payload = (await ReadAsync(store, "api", "stable")).ShouldSucceed();
        payload.Version.ShouldBe("1");
    }

    [Fact]
    public async Task Regional_secrets_are_others_than_the_global_ones_of_the_same_name()
    {
        Secrets.Put("api", "global"u8);
        Secrets.Put("api", "regional"u8, "europe-west1");
        Secrets.Put("only-there", "v"u8, "europe-west1");
        var regional = Open(Fixture.Connect(Fixture.Key, "europe-west1"));

        (await ReadAsync(Open(), "api")).ShouldHoldText().ShouldBe("global");
        (await ReadAsync(regional, "api")).ShouldHoldText().ShouldBe("regional");
        (await VersionAsync(regional, "only-there")).ShouldSucceed().ShouldBe("1");
        (await ListAsync(regional, "", 10)).ShouldSucceed().Names.Select(name => name.Name).ShouldBe(["api", "only-there"]);
        (await ReadAsync(Open(), "only-there")).ShouldFail(ProviderFailure.SecretNotFound).Hint.ShouldNotBeNull().ShouldContain("location");
    }

    [Theory]
    [InlineData(null, "https://secretmanager.googleapis.com/v1/projects/acme-prod/secrets/api/versions/latest:access")]
    [InlineData("europe-west1", "https://secretmanager.europe-west1.rep.googleapis.com/v1/projects/acme-prod/locations/europe-west1/secrets/api/versions/latest:access")]
    public void Each_location_has_a_host_of_its_own(string? location, string expected) =>
        SecretFunctions.Providers.Google.SecretManagerAddress.Of("acme-prod", location, endpointOverride: null)
            .Version(At("api"), ":access").AbsoluteUri.ShouldBe(expected);

    [Fact]
    public async Task A_value_that_does_not_match_its_checksum_is_not_handed_out()
    {
        Secrets.Put("api", "v"u8);
        Secrets.Corrupts = true;
        var failure = (await ReadAsync(Open(), "api")).ShouldFail(ProviderFailure.Unreachable);

        failure.Detail.ShouldContain("checksum");
        failure.IsTransient().ShouldBeTrue("a damaged answer is worth another try");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        Secrets.Put("keystore", [0x30, 0x82, 0xff, 0x00]);

        (await ReadAsync(Open(), "keystore")).ShouldFail(ProviderFailure.NotText).Hint.ShouldNotBeNull().ShouldContain("base64");
    }

    [Theory]
    [InlineData("DISABLED")]
    [InlineData("DESTROYED")]
    public async Task The_newest_version_counts_even_when_it_cannot_be_used(string state)
    {
        Secrets.Put("api", "one"u8);
        Secrets.Put("api", "two"u8);
        Secrets.SetState("api", state);
        var store = Open();

        (await ReadAsync(store, "api")).ShouldFail(ProviderFailure.SecretDisabled).ProviderCode.ShouldBe("FAILED_PRECONDITION");
        (await VersionAsync(store, "api")).ShouldFail(ProviderFailure.SecretDisabled).Detail.ShouldContain(state, Case.Insensitive);
        (await ReadAsync(store, "api", "1")).ShouldHoldText().ShouldBe("one");
    }

    [Fact]
    public async Task Missing_and_forbidden_cannot_be_told_apart_and_the_hint_names_both()
    {
        Secrets.Put("api", "v"u8);
        Fixture.DenyReads();
        var store = Open();
        var there = (await ReadAsync(store, "api")).ShouldFail(ProviderFailure.PermissionDenied);
        var missing = (await ReadAsync(store, "nope")).ShouldFail(ProviderFailure.PermissionDenied);

        there.Hint.ShouldBe(missing.Hint);
        there.Hint.ShouldNotBeNull().ShouldContain("name");
        there.Hint.ShouldContain("roles/secretmanager.secretAccessor");
    }

    [Fact]
    public async Task Without_the_right_to_list_there_is_a_hint_and_reading_goes_on()
    {
        Secrets.Put("api", "v"u8);
        Fixture.DenyLists();
        var store = Open();

        (await ListAsync(store, "", 10)).ShouldFail(ProviderFailure.PermissionDenied).Hint.ShouldNotBeNull().ShouldContain("roles/secretmanager.viewer");
        (await ReadAsync(store, "api")).ShouldHoldText().ShouldBe("v");
    }

    [Fact]
    public async Task With_the_accessor_role_alone_a_version_is_read()
    {
        Secrets.Put("api", "v"u8);
        Secrets.Permissions.Remove("secretmanager.versions.get");
        var store = Open();
        (await VersionAsync(store, "api")).ShouldSucceed().ShouldBe("1");
        Google.ForgetRequests();

        (await VersionAsync(store, "api")).ShouldSucceed().ShouldBe("1");
        Google.Requests.ShouldHaveSingleItem("the refused request is not repeated").ShouldStartWith("access");
    }

    [Fact]
    public async Task A_disabled_api_says_how_to_enable_it()
    {
        Secrets.ApiDisabled = true;
        var failure = (await ReadAsync(Open(), "api")).ShouldFail(ProviderFailure.PermissionDenied);

        failure.ProviderCode.ShouldBe("SERVICE_DISABLED");
        failure.Hint.ShouldNotBeNull().ShouldContain("gcloud services enable");
    }

    [Theory]
    [InlineData(403, "PERMISSION_DENIED", "Secret Manager API has not been used in project 1 before", null, ProviderFailure.PermissionDenied, "gcloud services enable")]
    [InlineData(400, "FAILED_PRECONDITION", "Contoso-specific text.", null, ProviderFailure.SecretDisabled, "key")]
    [InlineData(400, "INVALID_ARGUMENT", "Contoso-specific text.", null, ProviderFailure.InvalidRequest, "projectId")]
    [InlineData(404, "NOT_FOUND", "Contoso-specific text.", null, ProviderFailure.SecretNotFound, "projectId")]
    [InlineData(429, "RESOURCE_EXHAUSTED", "Contoso-specific text.", "RATE_LIMIT_EXCEEDED", ProviderFailure.Throttled, "cacheTtlSeconds")]
    [InlineData(500, "INTERNAL", "Contoso-specific text.", null, ProviderFailure.Unreachable, "outages")]
    [InlineData(503, "UNAVAILABLE", "Contoso-specific text.", null, ProviderFailure.Unreachable, "outages")]
    [InlineData(504, "DEADLINE_EXCEEDED", "Contoso-specific text.", null, ProviderFailure.Timeout, "outages")]
    [InlineData(302, "FOUND", "Contoso-specific text.", null, ProviderFailure.InvalidRequest, "Something else answers")]
    public async Task Each_refusal_has_a_code_and_a_hint(int status, string google, string message, string? reason, string code, string hint)
    {
        var store = Open();
        await store.AuthenticateAsync(CancellationToken.None);
        Google.Faults.AnswerNext(status, GoogleSecrets.ErrorBody(status, google, message, reason));
        var failure = (await ReadAsync(store, "api")).ShouldFail(code);

        failure.ProviderCode.ShouldBe(reason ?? google);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.Detail.ShouldContain("api");
        failure.ToString().ShouldNotContain("Contoso");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"name\":\"projects/1/secrets/api/versions/1\"}")]
    [InlineData("{\"name\":\"projects/1/secrets/api/versions/latest\",\"payload\":{\"data\":\"dg==\"}}")]
    [InlineData("{\"name\":\"projects/1/secrets/api/versions/1\",\"payload\":{\"data\":\"*\"}}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("<html>")]
    public async Task A_success_in_another_form_is_never_a_value(string body)
    {
        var store = Open();
        await store.AuthenticateAsync(CancellationToken.None);
        Google.Faults.AnswerNext(200, body);

        (await ReadAsync(store, "api")).ShouldFail(ProviderFailure.InvalidRequest);
    }

    [Fact]
    public async Task A_refusal_in_another_form_goes_by_its_status()
    {
        var store = Open();
        await store.AuthenticateAsync(CancellationToken.None);
        foreach (var body in (string[])["", "null", "[]", "{\"error\":\"text\"}", "{\"error\":{\"details\":[null]}}", "<html>"])
        {
            Google.Faults.AnswerNext(403, body);
            (await ReadAsync(store, "api")).ShouldFail(ProviderFailure.PermissionDenied).ProviderCode.ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_listing_follows_its_pages_and_reads_no_more_than_it_needs()
    {
        Secrets.PageSize = 10;
        for (var i = 0; i < 60; i++)
        {
            Secrets.Put($"secret-{i:00}", "v"u8);
        }

        Secrets.Put("a-secret-5", "v"u8);
        var store = Open();
        (await ListAsync(store, "secret-", 1000)).ShouldSucceed().Names.Count.ShouldBe(60);
        Google.ForgetRequests();
        var some = (await ListAsync(store, "secret-", 15)).ShouldSucceed();

        some.Names.Count.ShouldBe(15);
        some.Complete.ShouldBeFalse();
        Google.Requests.Count.ShouldBe(2);
        (await ListAsync(store, "secret-5", 1000)).ShouldSucceed().Names.Count.ShouldBe(10, "a name that only contains the text is left out");
    }

    [Theory]
    [InlineData("projects/other/secrets/api")]
    [InlineData("../../other")]
    [InlineData("api:access")]
    [InlineData("a.b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("")]
    public async Task A_name_no_project_can_have_never_becomes_a_request(string name)
    {
        var store = Open();

        Fixture.Provider.ValidateAddress(At(name)).ShouldNotBeNull().Code.ShouldBe(ProviderFailure.InvalidRequest);
        (await ReadAsync(store, name)).ShouldFail(ProviderFailure.InvalidRequest);
        (await VersionAsync(store, "fine", name)).ShouldFail(ProviderFailure.InvalidRequest);
        (await ListAsync(store, name + "?x=&", 10)).ShouldSucceed().Names.ShouldBeEmpty();
        Google.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("projectId", "acme-prod", true)]
    [InlineData("projectId", "example.com:acme", true)]
    [InlineData("projectId", "123456789012", true)]
    [InlineData("projectId", "a/b", false)]
    [InlineData("projectId", "", false)]
    [InlineData("location", "europe-west1", true)]
    [InlineData("location", "attacker.example", false)]
    [InlineData("location", "x/y", false)]
    [InlineData("location", "europe-west1\n", false)]
    public void A_setting_becomes_part_of_an_address_only_where_it_can(string field, string text, bool taken) =>
        (Fixture.Provider.Settings.Single(setting => setting.Name == field).Check(text) is null).ShouldBe(taken);

    /// <summary>RFC 3720 appendix B.4, and the value every CRC catalogue gives as the check.</summary>
    [Theory]
    [InlineData("313233343536373839", 0xe3069283)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8a9136aa)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62a8ab43)]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46dd794e)]
    [InlineData("", 0u)]
    public void The_checksum_is_the_published_one(string bytes, uint expected) =>
        SecretFunctions.Providers.Google.Crc32C.Of(Convert.FromHexString(bytes)).ShouldBe(expected);
}
