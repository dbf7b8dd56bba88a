using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.HashiCorp;

public sealed class VaultWithWorkloadIdentityContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock)
    {
        var issuer = new TestIssuer(clock);
        await issuer.StartAsync();
        return await VaultFederationFixture.StartAsync(issuer);
    }
}

/// <summary>JWT logins.</summary>
public sealed class VaultFederationTests : FederationContract
{
    private VaultFederationFixture Vault => (VaultFederationFixture)Fixture;

    [Theory]
    [InlineData(400, "role \"x\" could not be found", "could not be found", ProviderFailure.TrustRejected, "vault list auth/MOUNT/role")]
    [InlineData(400, "missing role", "missing role", ProviderFailure.TrustRejected, "default_role")]
    [InlineData(400, "role with oidc role_type is not allowed", "role with oidc role_type is not allowed", ProviderFailure.TrustRejected, "role_type=jwt")]
    [InlineData(400, "audience claim found in JWT but no audiences bound to the role", "no audiences bound to the role", ProviderFailure.TrustRejected, "bound_audiences")]
    [InlineData(400, "error validating token: invalid subject (sub) claim", "invalid subject (sub) claim", ProviderFailure.TrustRejected, "bound_subject")]
    [InlineData(400, "error validating claims: sub claim does not match bound subject", "sub claim does not match bound subject", ProviderFailure.TrustRejected, "bound_subject")]
    [InlineData(400, "error validating claims: claim \"project\" does not match", "error validating claims", ProviderFailure.TrustRejected, "bound_claims")]
    [InlineData(400, "claim \"email\" not found in token", "not found in token", ProviderFailure.TrustRejected, "user_claim=sub")]
    [InlineData(400, "error validating token: invalid issued at (iat) claim: token issued in the future", "token issued in the future", ProviderFailure.TrustRejected, "clocks")]
    [InlineData(400, "error validating token: error performing discovery", "error performing discovery", ProviderFailure.TrustRejected, "oidc_discovery_ca_pem")]
    [InlineData(400, "error validating token: something new", "error validating token", ProviderFailure.TrustRejected, "issuer, audience, signature or times")]
    [InlineData(400, "something new", "HTTP 400", ProviderFailure.TrustRejected, "Vault's log")]
    [InlineData(400, "source address unauthorized through CIDR restrictions on the role", "unauthorized through CIDR", ProviderFailure.TrustRejected, "token_bound_cidrs")]
    [InlineData(403, "permission denied", "HTTP 403", ProviderFailure.TrustRejected, "vault auth list")]
    [InlineData(404, "no handler for route", "HTTP 404", ProviderFailure.TrustRejected, "vault auth list")]
    [InlineData(429, "rate limit quota exceeded", "HTTP 429", ProviderFailure.Throttled, "quota")]
    [InlineData(503, "Vault is sealed", "HTTP 503", ProviderFailure.Unreachable, "sealed")]
    public async Task A_refused_login_says_why(int status, string message, string providerCode, string code, string hint)
    {
        Vault.Double.Faults.AnswerNext(status, new JsonObject { ["errors"] = new JsonArray(message) }.ToJsonString());
        var failure = (await ReadAsync(OpenAs())).ShouldFail(code);

        failure.ProviderCode.ShouldBe(providerCode);
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        ShouldHoldNoToken(failure.ToString());
    }

    [Fact]
    public async Task The_method_may_be_mounted_elsewhere()
    {
        Vault.Vault.Jwt.Mount = "teams/oidc";
        (await ReadAsync(OpenAs())).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("HTTP 403");
        (await ReadAsync(OpenAs(("mount", "/teams/oidc/")))).ShouldHoldText();
        Vault.Vault.Requests.ShouldContain("login teams/oidc");
    }

    [Fact]
    public async Task A_mount_that_is_left_out_is_the_usual_one() => (await ReadAsync(OpenAs(("mount", null)))).ShouldHoldText();

    [Fact]
    public async Task Roles_are_told_apart()
    {
        (await ReadAsync(OpenAs(("role", "nobody")))).ShouldFail(ProviderFailure.TrustRejected).Detail.ShouldContain("\"nobody\"");
        foreach (var (role, code) in new[]
        {
            (Vault.TrustedRole with { RoleType = "oidc" }, "role with oidc role_type is not allowed"),
            (Vault.TrustedRole with { BoundAudiences = [] }, "no audiences bound to the role"),
            (Vault.TrustedRole with { BoundSubject = FederationFixture.Search }, "invalid subject (sub) claim"),
            (Vault.TrustedRole with { UserClaim = "email" }, "not found in token"),
        })
        {
            Vault.Vault.Jwt.SetRole(VaultFederationFixture.Role, role);
            (await ReadAsync(OpenAs())).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe(code);
        }
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(61, false)]
    public async Task Vaults_clock_may_be_a_minute_ahead(int seconds, bool good)
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        Vault.Describe(tokens);
        var minted = tokens.Create(Fixture.Audience);
        Clock.Advance(tokens.Lifetime + TimeSpan.FromSeconds(seconds));

        (await ReadAsync(Open(new Minted(minted)))).Failure?.ProviderCode.ShouldBe(good ? null : "token is expired");
        Fixture.Subjects.Count.ShouldBe(good ? 1 : 0);
    }

    [Theory]
    [InlineData("https://vault.example")]
    [InlineData("https://127.0.0.1:1")]
    public async Task A_token_goes_to_the_configurations_address_alone(string address)
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var connection = Fixture.Connect(tokens, ("address", address));
        var entry = Fixture.Provider.Validate(connection).ShouldHaveSingleItem();
        entry.Field.ShouldBe("address");

        await using var store = Fixture.Provider.Open(connection);
        (await ReadAsync(store)).ShouldFail(ProviderFailure.InvalidRequest);
        tokens.Count.ShouldBe(0);
        Vault.Vault.Requests.ShouldBeEmpty();
    }

    private protected override async Task<FederationFixture> StartAsync(TestIssuer issuer) => await VaultFederationFixture.StartAsync(issuer);

    private ISecretStore OpenAs(params (string Name, string? Value)[] target)
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        return Open(tokens, target);
    }

    private sealed class Minted(string token) : ISubjectTokenSource
    {
        public Task<Result<SecretValue>> MintAsync(string audience, CancellationToken cancellationToken) =>
            Task.FromResult<Result<SecretValue>>(new SecretValue(Encoding.ASCII.GetBytes(token)));
    }
}
