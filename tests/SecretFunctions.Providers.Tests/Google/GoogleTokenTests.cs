using System.Text.Json.Nodes;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Providers.Tests.Google;

/// <summary>Getting in: what a key may be, how tokens are kept, and why Google gives none.</summary>
public sealed class GoogleTokenTests : GoogleTest
{
    [Fact]
    public async Task A_deleted_key_is_told_from_a_deleted_account()
    {
        var failure = (await Open(Fixture.Connect(authentic: false)).AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.AuthenticationFailed);
        failure.ProviderCode.ShouldBe("invalid_grant");
        failure.Hint.ShouldNotBeNull().ShouldContain("key was deleted");

        Google.Accounts.DeleteAccount(GoogleFixture.Email);
        failure = (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.AuthenticationFailed);
        failure.ProviderCode.ShouldBe("invalid_grant");
        failure.Detail.ShouldContain("no such service account");
    }

    [Theory]
    [InlineData(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token", ProviderFailure.AuthenticationFailed, "clock")]
    [InlineData(400, "invalid_grant", "Contoso-specific text.", ProviderFailure.AuthenticationFailed, "enabled")]
    [InlineData(401, "unauthorized_client", "Contoso-specific text.", ProviderFailure.AuthenticationFailed, "enabled")]
    [InlineData(400, "disabled_client", "Contoso-specific text.", ProviderFailure.AuthenticationFailed, "Enable")]
    [InlineData(400, "something_new", "Contoso-specific text.", ProviderFailure.AuthenticationFailed, "service account exists")]
    [InlineData(429, "rate_limit_exceeded", "Contoso-specific text.", ProviderFailure.Throttled, "nothing needs to be changed")]
    public async Task Each_refusal_has_a_code_and_a_hint(int status, string error, string description, string code, string hint)
    {
        Google.Faults.AnswerNext(status, new JsonObject { ["error"] = error, ["error_description"] = description }.ToJsonString());
        var failure = (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(code);

        failure.ProviderCode.ShouldBe(error);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("Contoso");
    }

    [Theory]
    [InlineData(403, "<html>no</html>", ProviderFailure.AuthenticationFailed)]
    [InlineData(403, "{\"error\":{\"code\":403}}", ProviderFailure.AuthenticationFailed)]
    [InlineData(503, "<html>busy</html>", ProviderFailure.Unreachable)]
    [InlineData(302, "", ProviderFailure.InvalidRequest)]
    public async Task A_refusal_in_another_form_is_a_refusal_all_the_same(int status, string body, string code)
    {
        Google.Faults.AnswerNext(status, body, "text/html");
        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(code).ProviderCode.ShouldBeNull();
        Google.Requests.ShouldBeEmpty("the fault answered the one request, and nothing was repeated");
    }

    [Theory]
    [InlineData("<html>hotel</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_success_without_a_token_is_a_failure(string body)
    {
        Google.Faults.AnswerNext(200, body);
        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.InvalidRequest);
    }

    [Fact]
    public async Task One_token_serves_every_kind_of_call_until_shortly_before_its_end()
    {
        Secrets.Put("many", "v"u8);
        var store = Open();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ReadAsync(store, "many")));
        await ListAsync(store, "", 10);
        await VersionAsync(store, "many");
        Google.Accounts.Issued.Count.ShouldBe(1);

        Clock.Advance(TimeSpan.FromMinutes(57));
        (await ReadAsync(store, "many")).ShouldHoldText();
        Google.Accounts.Issued.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_store_that_was_replaced_ends_what_it_can_and_signs_nothing_more()
    {
        Secrets.Put("any", "v"u8);
        var store = Open();
        (await ReadAsync(store, "any")).ShouldHoldText();
        await store.DisposeAsync();
        (await ReadAsync(store, "any")).ShouldHoldText().ShouldBe("v", "a token in hand still serves a late reader");

        Clock.Advance(TimeSpan.FromHours(1));
        (await ReadAsync(store, "any")).ShouldFail(ProviderFailure.Unreachable);
        Google.Accounts.Issued.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_revoked_before_its_time_is_renewed_once()
    {
        Secrets.Put("any", "v"u8);
        var store = Open();
        (await ReadAsync(store, "any")).ShouldHoldText();
        Google.Accounts.RevokeTokens();

        (await ReadAsync(store, "any")).ShouldHoldText().ShouldBe("v");
        Google.Accounts.Issued.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_token_refused_twice_is_an_authentication_failure()
    {
        Secrets.Put("any", "v"u8);
        var store = Open();
        (await ReadAsync(store, "any")).ShouldHoldText();
        Google.Faults.AnswerNext(401, GoogleSecrets.ErrorBody(401, "UNAUTHENTICATED", "no", "ACCESS_TOKEN_EXPIRED"));
        Google.Faults.Next(context => Google.Accounts.AnswerTokenAsync(context));
        Google.Faults.AnswerNext(401, GoogleSecrets.ErrorBody(401, "UNAUTHENTICATED", "no", "ACCESS_TOKEN_EXPIRED"));

        (await ReadAsync(store, "any")).ShouldFail(ProviderFailure.AuthenticationFailed).ProviderCode.ShouldBe("ACCESS_TOKEN_EXPIRED");
    }

    [Fact]
    public async Task The_key_files_own_token_endpoint_is_not_asked()
    {
        // The double's keys name a foreign one; this succeeds only at the double's.
        ((string?)Fixture.Key["token_uri"]).ShouldBe("https://tokens.attacker.example/token");

        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldSucceed().ShouldBe(GoogleFixture.Email);
        Google.Requests.ShouldBe(["token"]);
    }

    [Theory]
    [InlineData("type", "authorized_user", "service_account")]
    [InlineData("type", "external_account", "service_account")]
    [InlineData("type", null, "service_account")]
    [InlineData("client_email", "", "client_email")]
    [InlineData("private_key", null, "private_key")]
    [InlineData("private_key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "private_key")]
    [InlineData("private_key", "not a key", "private_key")]
    public async Task A_file_that_is_no_service_accounts_key_is_refused_when_it_is_written(string member, string? value, string problem)
    {
        var file = (JsonObject)Fixture.Key.DeepClone();
        file[member] = value;
        var field = Fixture.Provider.AuthSchemes[0].Fields.ShouldHaveSingleItem();

        field.Check(Fixture.Key.ToJsonString()).ShouldBeNull();
        field.Check(file.ToJsonString()).ShouldNotBeNull().ShouldContain(problem);
        (await Open(Fixture.Connect(file)).AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.AuthenticationFailed);
        Google.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"type\":1}")]
    public void What_is_not_even_a_file_is_refused_too(string text) =>
        Fixture.Provider.AuthSchemes[0].Fields[0].Check(text).ShouldNotBeNull();

    [Fact]
    public void A_key_that_is_too_short_is_refused()
    {
        using var weak = System.Security.Cryptography.RSA.Create(1024);
        var file = (JsonObject)Fixture.Key.DeepClone();
        file["private_key"] = weak.ExportPkcs8PrivateKeyPem();

        Fixture.Provider.AuthSchemes[0].Fields[0].Check(file.ToJsonString()).ShouldNotBeNull().ShouldContain("2048");
    }
}
