using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Federation;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Providers.Tests.Google;

public sealed class GoogleWithWorkloadIdentityContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock)
    {
        var issuer = new TestIssuer(clock);
        await issuer.StartAsync();
        return await GoogleFederationFixture.StartAsync(issuer, impersonates: true);
    }
}

/// <summary>The pool's principals have rights of their own.</summary>
public sealed class GoogleFederationTests : FederationContract
{
    private GoogleFederationFixture Google => (GoogleFederationFixture)Fixture;

    [Theory]
    [InlineData(400, "invalid_request", "Invalid value for \"audience\".", ProviderFailure.InvalidRequest, "not of its pool")]
    [InlineData(400, "invalid_target", "", ProviderFailure.TrustRejected, "disabled, deleted")]
    [InlineData(400, "invalid_grant", "Error connecting to the given credential's issuer.", ProviderFailure.TrustRejected, "wait some minutes")]
    [InlineData(400, "invalid_grant", "The audience in ID Token [x] does not match.", ProviderFailure.TrustRejected, "allowed audiences")]
    [InlineData(400, "invalid_grant", "The issuer in ID Token x does not match the expected ones.", ProviderFailure.TrustRejected, "issuer-uri")]
    [InlineData(400, "invalid_grant", "ID Token issued at 1 is stale to sign-in.", ProviderFailure.TrustRejected, "clock")]
    [InlineData(400, "invalid_grant", "Something new.", ProviderFailure.TrustRejected, "signature")]
    [InlineData(401, "unauthorized_client", "The given credential is rejected by the attribute condition.", ProviderFailure.TrustRejected, "CEL")]
    [InlineData(401, "unauthorized_client", "Something new.", ProviderFailure.TrustRejected, "mapping")]
    [InlineData(400, "something_new", "Contoso.", ProviderFailure.TrustRejected, "Look the provider code up")]
    [InlineData(429, "rate_limited", "", ProviderFailure.Throttled, "nothing needs to be changed")]
    [InlineData(503, "backend_error", "", ProviderFailure.Unreachable, "nothing needs to be changed")]
    public async Task A_refused_exchange_says_why(int status, string error, string description, string code, string hint)
    {
        Google.Double.Faults.AnswerNext(status, new JsonObject { ["error"] = error, ["error_description"] = description }.ToJsonString());
        var failure = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(code);

        failure.ProviderCode.ShouldBe(error);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("Contoso");
        ShouldHoldNoToken(failure.ToString());
    }

    [Theory]
    [InlineData(403, "<html>no</html>")]
    [InlineData(400, "[]")]
    [InlineData(302, "")]
    [InlineData(200, "{}")]
    [InlineData(200, "<html>hotel</html>")]
    public async Task What_is_not_an_answer_of_Google_is_said_to_be_none(int status, string body)
    {
        Google.Double.Faults.AnswerNext(status, body);
        var failure = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.InvalidRequest);
        failure.ProviderCode.ShouldBeNull();
    }

    [Fact]
    public async Task A_provider_that_is_disabled_or_not_there_is_named()
    {
        Google.Google.Pools.SetProvider(Google.Trusted with { Disabled = true });
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("invalid_target");
        Google.Google.Pools.SetProvider(Google.Trusted with { AllowedAudiences = ["secretfunctions"] });
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).Hint!.ShouldContain("allowed audiences");
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing), (FederationTarget.Audience, "secretfunctions")))).ShouldHoldText();
    }

    [Fact]
    public async Task A_subject_over_127_characters_is_Googles_to_refuse_and_ours_to_explain()
    {
        var failure = (await ReadAsync(Open(Fixture.Issuer.For("org:" + new string('o', 124))))).ShouldFail(ProviderFailure.InvalidRequest);
        failure.Hint.ShouldNotBeNull().ShouldContain("subjectScope");
        (await ReadAsync(Open(Fixture.Issuer.For("org:" + new string('o', 123))))).ShouldHoldText();
    }

    [Theory]
    [InlineData("projects/123456789012/locations/global/workloadIdentityPools/pool/providers/oidc", null)]
    [InlineData("projects/123456789012/locations/global/workloadIdentityPools/pool", "/providers/")]
    [InlineData("projects/acme-prod/locations/global/workloadIdentityPools/pool/providers/oidc", "number")]
    [InlineData("//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/oidc", "NUMBER")]
    [InlineData("projects/1/locations/global/workloadIdentityPools/pool/providers/oidc\n", "NUMBER")]
    public void A_provider_is_given_by_its_full_name(string name, string? problem)
    {
        var said = Fixture.Provider.Federation!.Fields[0].Check(name);
        (said is null).ShouldBe(problem is null);
        said?.ShouldContain(problem!);
    }

    [Theory]
    [InlineData("reader@acme-prod.iam.gserviceaccount.com", true)]
    [InlineData("123456789012-compute@developer.gserviceaccount.com", true)]
    [InlineData("reader@acme.com.acme-prod.iam.gserviceaccount.com", true)]
    [InlineData("reader", false)]
    [InlineData("someone@example.org", false)]
    [InlineData("a/b@acme-prod.iam.gserviceaccount.com", false)]
    [InlineData("..@acme-prod.iam.gserviceaccount.com", false)]
    public void A_service_account_is_given_by_its_address(string email, bool good) =>
        (Fixture.Provider.Federation!.Fields[1].Check(email) is null).ShouldBe(good);

    private protected override async Task<FederationFixture> StartAsync(TestIssuer issuer) => await GoogleFederationFixture.StartAsync(issuer, impersonates: false);
}

/// <summary>Principals become a service account.</summary>
public sealed class GoogleImpersonationTests : FederationContract
{
    private GoogleFederationFixture Google => (GoogleFederationFixture)Fixture;

    [Theory]
    [InlineData(403, "PERMISSION_DENIED", "IAM_PERMISSION_DENIED", ProviderFailure.TrustRejected, "roles/iam.workloadIdentityUser")]
    [InlineData(403, "PERMISSION_DENIED", null, ProviderFailure.TrustRejected, "principal://iam.googleapis.com/")]
    [InlineData(403, "PERMISSION_DENIED", "SERVICE_DISABLED", ProviderFailure.PermissionDenied, "iamcredentials.googleapis.com")]
    [InlineData(404, "NOT_FOUND", null, ProviderFailure.TrustRejected, "serviceAccount")]
    [InlineData(401, "UNAUTHENTICATED", "ACCESS_TOKEN_TYPE_UNSUPPORTED", ProviderFailure.AuthenticationFailed, "disabled in between")]
    [InlineData(400, "INVALID_ARGUMENT", null, ProviderFailure.InvalidRequest, "serviceAccount")]
    [InlineData(418, "SOMETHING_NEW", null, ProviderFailure.AuthenticationFailed, "Look the provider code up")]
    [InlineData(429, "RESOURCE_EXHAUSTED", null, ProviderFailure.Throttled, "nothing needs to be changed")]
    [InlineData(503, "UNAVAILABLE", null, ProviderFailure.Unreachable, "nothing needs to be changed")]
    public async Task A_refused_impersonation_keeps_IAMs_reason(int status, string googles, string? reason, string code, string hint)
    {
        Google.Double.Faults.NextAt("/v1/projects/-/", async context =>
        {
            context.Response.StatusCode = status;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, GoogleSecrets.ErrorBody(status, googles, "Contoso.", reason));
        });
        var failure = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(code);

        failure.ProviderCode.ShouldBe(reason ?? googles);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        (failure.Detail + failure.Hint).ShouldNotContain("{");
        failure.ToString().ShouldNotContain("Contoso");
        ShouldHoldNoToken(failure.ToString());
    }

    [Fact]
    public async Task A_principal_without_the_role_is_told_which_to_grant_to_whom()
    {
        Google.Google.Pools.RevokeGrants();
        var failure = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected);
        failure.ProviderCode.ShouldBe("IAM_PERMISSION_DENIED");
        failure.Detail.ShouldContain(GoogleFederationFixture.Account);
        failure.Hint.ShouldNotBeNull().ShouldContain($"--member \"{Google.Trusted.Principal(FederationFixture.Billing)}\"");
    }

    [Fact]
    public async Task The_federated_token_is_good_for_IAM_alone()
    {
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldHoldText();
        Google.Google.Requests.Take(2).ShouldBe([
            $"exchange //iam.googleapis.com/{GoogleFederationFixture.ProviderName}", $"generateAccessToken {GoogleFederationFixture.Account}",
        ]);
    }

    private protected override async Task<FederationFixture> StartAsync(TestIssuer issuer) => await GoogleFederationFixture.StartAsync(issuer, impersonates: true);
}
