using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

public sealed class TrustWarningTests
{
    private static readonly TrustSelection One = new("crew", null, "prod");

    [Theory]
    [InlineData("aws", "https://secrets.example.com", "")]
    [InlineData("aws", "http://127.0.0.1:5000", "trust_policy.issuer_not_public")]
    [InlineData("aws", "https://localhost", "trust_policy.issuer_not_public")]
    [InlineData("google", "https://10.1.2.3", "trust_policy.issuer_not_public")]
    [InlineData("google", "https://172.32.0.1", "")]
    [InlineData("azure", "https://192.168.1.1/secrets", "trust_policy.issuer_not_public")]
    [InlineData("azure", "https://[fd00::1]", "trust_policy.issuer_not_public")]
    [InlineData("azure", "https://[2001:db8::1]", "")]
    [InlineData("aws", "https://secrets", "trust_policy.issuer_not_public")]
    [InlineData("aws", "https://secrets.corp.internal", "trust_policy.issuer_not_public")]
    [InlineData("vault", "https://secrets.corp.internal", "")]
    [InlineData("conjur", "https://10.1.2.3", "")]
    [InlineData("conjur", "http://127.0.0.1:5000", "trust_policy.issuer_not_public")]
    [InlineData("aws", "https://my-app.azurewebsites.net", "trust_policy.issuer_host_lent")]
    [InlineData("aws", "https://azurewebsites.net.example.com", "")]
    public void An_issuer_that_cannot_be_relied_on_is_warned_of(string cloud, string issuer, string code)
    {
        var config = Trusting.Config(cloud);
        TrustWarnings.Find(Trusting.Print(issuer, config, Trusting.Crew), config, One).Select(static warning => warning.Code)
            .ShouldBe(code.Length == 0 ? [] : [code]);
    }

    [Fact]
    public void Every_warning_says_what_to_do()
    {
        var config = Trusting.Config("aws", SubjectScope.Organization, projects: ["web"], automations: ["crew"], environments: ["prod"]);
        var warnings = TrustWarnings.Find(Trusting.Print("http://localhost:1", config, Trusting.Crew), config, One).ToArray();

        warnings.Select(static warning => warning.Code).ShouldBe(
            ["trust_policy.issuer_not_public", "trust_policy.coarser_than_scope", "trust_policy.no_environment", "trust_policy.coarser_than_selection"]);
        warnings.ShouldAllBe(static warning => warning.Hint.Length > 20 && warning.Detail.Length > 20);
        warnings[1].Detail.ShouldContain("projects and environments and automations");
    }
}
