using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Conjur;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Conjur;

public sealed class ConjurWithWorkloadIdentityContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock)
    {
        var issuer = new TestIssuer(clock);
        await issuer.StartAsync();
        return await ConjurFederationFixture.StartAsync(issuer);
    }
}

/// <summary>Logins at authn-jwt.</summary>
public sealed class ConjurFederationTests : FederationContract
{
    private ConjurFederationFixture Conjur => (ConjurFederationFixture)Fixture;

    [Theory]
    [InlineData(401, "", "HTTP 401", ProviderFailure.TrustRejected, "Conjur's log")]
    [InlineData(403, "", "HTTP 403", ProviderFailure.TrustRejected, "webservice conjur/authn-jwt/SERVICE")]
    [InlineData(404, "", "HTTP 404", ProviderFailure.TrustRejected, "serviceId")]
    [InlineData(422, """{"error":{"code":"argument_error","message":"secret text"}}""", "argument_error", ProviderFailure.InvalidRequest, "id")]
    [InlineData(429, "", "HTTP 429", ProviderFailure.Throttled, "limits")]
    [InlineData(502, "", "HTTP 502", ProviderFailure.Unreachable, "tried again")]
    public async Task A_refused_login_says_why(int status, string body, string providerCode, string code, string hint)
    {
        Conjur.Double.Faults.AnswerNext(status, body);
        var failure = (await Open(Fixture.Issuer.For(FederationFixture.Billing)).AuthenticateAsync(CancellationToken.None)).ShouldFail(code);

        failure.ProviderCode.ShouldBe(providerCode);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("secret text");
        ShouldHoldNoToken(failure.ToString());
    }

    [Fact]
    public async Task The_login_names_service_and_account_and_no_host()
    {
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldHoldText();
        Conjur.Conjur.Requests[0].ShouldBe("login authn-jwt/secretfunctions");

        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing), ("serviceId", "another")))).ShouldFail(ProviderFailure.TrustRejected);
    }

    [Fact]
    public async Task A_host_without_the_privilege_is_told_from_an_unknown_one()
    {
        Conjur.Conjur.Jwt.SetHost(FederationFixture.Billing, new ConjurJwtHost(new Dictionary<string, string>(), MayAuthenticate: false));
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("HTTP 403");

        Conjur.Conjur.Jwt.SetHost(FederationFixture.Billing, new ConjurJwtHost(new Dictionary<string, string> { ["environment"] = "prod" }));
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("HTTP 401");
    }

    [Theory]
    [InlineData("address", "https://conjur.example")]
    [InlineData("account", "another")]
    public async Task A_token_goes_to_the_configurations_address_and_account_alone(string field, string value)
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var connection = Fixture.Connect(tokens, (field, value));
        Fixture.Provider.Validate(connection).ShouldHaveSingleItem().Field.ShouldBe(field);

        await using var store = Fixture.Provider.Open(connection);
        (await ReadAsync(store)).ShouldFail(ProviderFailure.InvalidRequest);
        tokens.Count.ShouldBe(0);
        Conjur.Conjur.Requests.ShouldBeEmpty();
    }

    private protected override async Task<FederationFixture> StartAsync(TestIssuer issuer) => await ConjurFederationFixture.StartAsync(issuer);
}
