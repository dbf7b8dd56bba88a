using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>Every reason Entra ID has to refuse a token leads an admin to the likely cause.</summary>
public sealed class EntraFailureTests : AzureTest
{
    [Fact]
    public async Task A_wrong_client_secret_is_often_its_id()
    {
        var failure = (await ReadAsync(Open(Fixture.Provider, Fixture.Connect(authentic: false)), "any")).ShouldFail(ProviderFailure.AuthenticationFailed);

        failure.ProviderCode.ShouldBe("AADSTS7000215");
        failure.Hint.ShouldNotBeNull().ShouldContain("id was pasted instead of its value");
    }

    [Fact]
    public async Task An_expired_client_secret_is_named_as_such()
    {
        Entra.AddApplication(AzureFixture.ClientId, "client-secret~expiring", Clock.GetUtcNow());
        var failure = (await ReadAsync(Open(Fixture.Provider, Fixture.Connect(secret: "client-secret~expiring")), "any"))
            .ShouldFail(ProviderFailure.AuthenticationFailed);

        failure.ProviderCode.ShouldBe("AADSTS7000222");
        failure.Detail.ShouldContain("expired");
    }

    [Fact]
    public async Task An_unknown_application_points_at_the_client_id()
    {
        var connection = Fixture.Connect(clientId: "00000000-aaaa-bbbb-cccc-00000000ffff");
        var failure = (await ReadAsync(Open(Fixture.Provider, connection), "any")).ShouldFail(ProviderFailure.AuthenticationFailed);

        failure.ProviderCode.ShouldBe("AADSTS700016");
        failure.Hint.ShouldNotBeNull().ShouldContain("clientId");
    }

    [Fact]
    public async Task An_unknown_tenant_points_at_the_tenant_id()
    {
        var connection = Fixture.Connect(tenantId: "00000000-dead-beef-0000-000000000000");
        var failure = (await ReadAsync(Open(Fixture.Provider, connection), "any")).ShouldFail(ProviderFailure.AuthenticationFailed);

        failure.ProviderCode.ShouldBe("AADSTS90002");
        failure.Hint.ShouldNotBeNull().ShouldContain("tenantId");
    }

    [Theory]
    [InlineData(400, 90038, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(400, 900432, ProviderFailure.AuthenticationFailed, "same cloud")]
    [InlineData(400, 700011, ProviderFailure.AuthenticationFailed, "clientId")]
    [InlineData(401, 70001, ProviderFailure.AuthenticationFailed, "Enable")]
    [InlineData(401, 7000112, ProviderFailure.AuthenticationFailed, "Enable")]
    [InlineData(400, 500011, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(400, 650057, ProviderFailure.AuthenticationFailed, "tenantId")]
    [InlineData(400, 53003, ProviderFailure.AuthenticationFailed, "policy")]
    [InlineData(401, 70025, ProviderFailure.TrustRejected, "federated credential")]
    [InlineData(400, 70021, ProviderFailure.TrustRejected, "federated credential")]
    [InlineData(401, 700211, ProviderFailure.TrustRejected, "issuer")]
    [InlineData(401, 700212, ProviderFailure.TrustRejected, "audience")]
    [InlineData(401, 700213, ProviderFailure.TrustRejected, "subject")]
    [InlineData(401, 7002138, ProviderFailure.TrustRejected, "case")]
    [InlineData(401, 700024, ProviderFailure.TrustRejected, "clock")]
    [InlineData(401, 700027, ProviderFailure.TrustRejected, "discovery")]
    [InlineData(400, 90006, ProviderFailure.Unreachable, "nothing needs to be changed")]
    [InlineData(400, 90012, ProviderFailure.Unreachable, "nothing needs to be changed")]
    [InlineData(400, 90024, ProviderFailure.Unreachable, "nothing needs to be changed")]
    [InlineData(400, 90033, ProviderFailure.Unreachable, "nothing needs to be changed")]
    [InlineData(400, 50196, ProviderFailure.Throttled, "nothing needs to be changed")]
    [InlineData(400, 99999999, ProviderFailure.AuthenticationFailed, "Look the code up")]
    public async Task Each_number_has_a_code_and_a_hint(int status, int number, string code, string hint)
    {
        Entra.Faults.AnswerNext(status, EntraDouble.ErrorBody("invalid_client", number, "Contoso-specific text."));
        var failure = (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(code);

        failure.ProviderCode.ShouldBe($"AADSTS{number}");
        failure.Hint.ShouldNotBeNull().ShouldContain(hint, Case.Insensitive);
        failure.ToString().ShouldNotContain("Contoso");
    }

    [Theory]
    [InlineData("<html>not Entra ID</html>")]
    [InlineData("{\"error\":\"invalid_client\",\"error_codes\":\"none\"}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task A_refusal_in_another_form_is_a_refusal_all_the_same(string body)
    {
        Entra.Faults.AnswerNext(401, body);
        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.AuthenticationFailed).ProviderCode.ShouldBeNull();
    }

    [Fact]
    public async Task A_token_endpoint_that_throttles_says_how_long_to_wait()
    {
        Entra.Faults.AnswerNext(429, EntraDouble.ErrorBody("temporarily_unavailable", 90055, "Too many requests."), retryAfter: TimeSpan.FromSeconds(9));
        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.Throttled).RetryAfter.ShouldBe(TimeSpan.FromSeconds(9));
        Entra.Requests.ShouldBeEmpty("the fault answered the one request, and nothing was repeated");
    }

    [Fact]
    public async Task A_token_endpoint_in_trouble_is_unreachable()
    {
        Entra.Faults.Down = true;
        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.Unreachable);

        Entra.Faults.Down = false;
        Entra.Faults.AnswerNext(503, "<html>busy</html>", "text/html");
        Entra.Faults.AnswerNext(503, "<html>busy</html>", "text/html");
        (await Open().AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.Unreachable);
    }
}
