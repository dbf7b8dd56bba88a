using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Azure;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Azure;

public sealed class AzureWithWorkloadIdentityContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock)
    {
        var issuer = new TestIssuer(clock);
        await issuer.StartAsync();
        return await AzureFederationFixture.StartAsync(issuer);
    }
}

/// <summary>Client assertions at Entra ID.</summary>
public sealed class AzureFederationTests : FederationContract
{
    private AzureFederationFixture Azure => (AzureFederationFixture)Fixture;

    [Theory]
    [InlineData(70025, ProviderFailure.TrustRejected, "az ad app federated-credential create")]
    [InlineData(70021, ProviderFailure.TrustRejected, "may not have arrived everywhere")]
    [InlineData(700211, ProviderFailure.TrustRejected, "may not have arrived everywhere")]
    [InlineData(700212, ProviderFailure.TrustRejected, "audience")]
    [InlineData(700213, ProviderFailure.TrustRejected, "may not have arrived everywhere")]
    [InlineData(7002138, ProviderFailure.TrustRejected, "with case")]
    [InlineData(700024, ProviderFailure.TrustRejected, "clock")]
    [InlineData(700027, ProviderFailure.TrustRejected, "discovery")]
    [InlineData(50027, ProviderFailure.TrustRejected, "RS256")]
    [InlineData(90002, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(90038, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(900432, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(700016, ProviderFailure.AuthenticationFailed, "clientId")]
    [InlineData(70001, ProviderFailure.AuthenticationFailed, "Enable")]
    [InlineData(500011, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(90033, ProviderFailure.Unreachable, "nothing needs to be changed")]
    [InlineData(50196, ProviderFailure.Throttled, "nothing needs to be changed")]
    [InlineData(99999999, ProviderFailure.AuthenticationFailed, "federated credential")]
    public async Task Each_number_has_a_code_and_a_hint(int number, string code, string hint)
    {
        Azure.Entra.Faults.AnswerNext(400, EntraDouble.ErrorBody("invalid_client", number, "Contoso-specific text."));
        var failure = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(code);

        failure.ProviderCode.ShouldBe($"AADSTS{number}");
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("Contoso");
        ShouldHoldNoToken(failure.ToString());
    }

    [Fact]
    public async Task A_subject_that_differs_in_case_is_told_from_another()
    {
        var shouting = FederationFixture.Billing.Replace("acme", "ACME", StringComparison.Ordinal);
        (await ReadAsync(Open(Fixture.Issuer.For(shouting)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("AADSTS7002138");
    }

    [Fact]
    public async Task An_application_without_federated_credentials_is_said_to_have_none()
    {
        Azure.Entra.RemoveFederatedCredentials();
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("AADSTS70025");

        Azure.Entra.AddFederatedCredential(AzureFixture.ClientId, Fixture.Issuer.Issuer + "/", FederationFixture.Billing);
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("AADSTS700211");
    }

    [Fact]
    public async Task Another_application_or_tenant_is_unknown()
    {
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing), ("clientId", "00000000-aaaa-bbbb-cccc-00000000ffff"))))
            .ShouldFail(ProviderFailure.AuthenticationFailed).ProviderCode.ShouldBe("AADSTS700016");
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing), ("tenantId", "00000000-dead-beef-0000-000000000000"))))
            .ShouldFail(ProviderFailure.AuthenticationFailed).ProviderCode.ShouldBe("AADSTS90002");
    }

    [Fact]
    public void One_subject_for_each_environment_is_the_default()
    {
        Fixture.Provider.Federation!.DefaultSubjectScope.ShouldBe(SubjectScope.Environment);
        Fixture.Provider.Federation.MaxSubjectLength.ShouldBe(600);
    }

    private protected override async Task<FederationFixture> StartAsync(TestIssuer issuer) => await AzureFederationFixture.StartAsync(issuer);
}
