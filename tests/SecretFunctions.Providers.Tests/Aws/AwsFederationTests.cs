using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Aws;

public sealed class AwsWithWorkloadIdentityContractTests : SecretProviderContract
{
    protected override async Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock)
    {
        var issuer = new TestIssuer(clock);
        await issuer.StartAsync();
        return await AwsFederationFixture.StartAsync(issuer, logs);
    }
}

/// <summary>AssumeRoleWithWebIdentity.</summary>
public sealed class AwsFederationTests : FederationContract
{
    public static TheoryData<string, string, int, string, string> Rows => new()
    {
        { "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403, ProviderFailure.TrustRejected, "Federated principal" },
        { "AccessDenied", "Not authorized to perform sts:TagSession", 403, ProviderFailure.TrustRejected, "add sts:TagSession" },
        { "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://i.example", 400, ProviderFailure.TrustRejected, "create-open-id-connect-provider" },
        { "InvalidIdentityToken", "Incorrect token audience", 400, ProviderFailure.TrustRejected, "add-client-id" },
        { "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider", 400, ProviderFailure.TrustRejected, "reachable from the internet" },
        { "InvalidIdentityToken", "Something else.", 400, ProviderFailure.TrustRejected, "signature" },
        { "ExpiredTokenException", "Token expired", 400, ProviderFailure.TrustRejected, "clock" },
        { "IDPCommunicationError", "", 400, ProviderFailure.Unreachable, "tried again" },
        { "IDPRejectedClaim", "", 403, ProviderFailure.TrustRejected, "claims" },
        { "RegionDisabledException", "", 403, ProviderFailure.AuthenticationFailed, "enable-region" },
        { "MalformedPolicyDocument", "", 400, ProviderFailure.InvalidRequest, "role ARN" },
        { "PackedPolicyTooLarge", "", 400, ProviderFailure.InvalidRequest, "session tags" },
        { "ValidationError", "", 400, ProviderFailure.InvalidRequest, "role ARN" },
        { "Throttling", "Rate exceeded", 400, ProviderFailure.Throttled, "cacheTtlSeconds" },
    };

    private AwsFederationFixture Aws => (AwsFederationFixture)Fixture;

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_refusal_of_the_token_has_one_failure(string code, string message, int status, string failure, string hint)
    {
        Aws.Aws.RefuseNextSts(code, message, status);
        var refused = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(failure);

        refused.ProviderCode.ShouldBe(code);
        refused.Hint.ShouldNotBeNull().ShouldContain(hint);
        refused.IsTransient().ShouldBe(failure is ProviderFailure.Unreachable or ProviderFailure.Throttled);
        (refused.Detail + refused.Hint).ShouldNotContain("{");
        ShouldHoldNoToken(refused.ToString());
    }

    [Fact]
    public async Task The_exchange_is_unsigned_and_names_the_subject_in_the_session()
    {
        string? authorization = null;
        Aws.Aws.Faults.Next(context =>
        {
            authorization = context.Request.Headers.Authorization.ToString();
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        var store = Open(Fixture.Issuer.For(FederationFixture.Billing));
        (await ReadAsync(store)).ShouldFail(ProviderFailure.Unreachable);
        authorization.ShouldBe("");

        await ReadAsync(store);
        Aws.Aws.Requests[0].ShouldBe($"AssumeRoleWithWebIdentity {Aws.Role.Arn} as billing-6dbec6ca35ce");
    }

    [Theory]
    [InlineData("org:acme:project:web:environment:prod:automation:a%3Ab c", "a-b-c-")]
    [InlineData("org:acme", "acme-")]
    public async Task A_session_is_named_after_the_subjects_last_name(string subject, string start)
    {
        Aws.Aws.Identities.AddRole("reader", Aws.Trust with { SubjectsLike = ["*"] });
        (await ReadAsync(Open(Fixture.Issuer.For(subject)))).ShouldHoldText();
        var session = Aws.Aws.Identities.WebSessions.ShouldHaveSingleItem().Arn.Split('/')[^1];
        session.ShouldStartWith(start);
        session.Length.ShouldBe(start.Length + 12);
    }

    [Fact]
    public async Task A_subject_as_long_as_AWS_takes_is_taken_and_a_longer_or_shorter_one_not_sent()
    {
        Aws.Aws.Identities.AddRole("reader", Aws.Trust with { SubjectsLike = ["*"] });
        (await ReadAsync(Open(Fixture.Issuer.For("org:" + new string('o', 251))))).ShouldHoldText();
        Aws.Aws.Identities.WebSessions[0].Arn.Split('/')[^1].Length.ShouldBe(64);

        Aws.Aws.ForgetRequests();
        (await ReadAsync(Open(Fixture.Issuer.For("org:" + new string('o', 252))))).ShouldFail(ProviderFailure.InvalidRequest).Hint!.ShouldContain("subjectScope");
        (await ReadAsync(Open(Fixture.Issuer.For("org:a")))).ShouldFail(ProviderFailure.InvalidRequest);
        var bulky = Fixture.Issuer.For(FederationFixture.Billing);
        bulky.Claims["bulk"] = new string('b', 20_000);
        (await ReadAsync(Open(bulky))).ShouldFail(ProviderFailure.InvalidRequest).Detail.ShouldContain("20000");
        Aws.Aws.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Session_tags_need_to_be_allowed()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        tokens.Claims["https://aws.amazon.com/tags"] = new JsonObject
        {
            ["principal_tags"] = new JsonObject { ["Project"] = new JsonArray("web"), ["Automation"] = new JsonArray("billing") },
            ["transitive_tag_keys"] = new JsonArray("Project"),
        };
        (await ReadAsync(Open(tokens))).ShouldHoldText();
        Aws.Aws.Identities.WebSessions.ShouldHaveSingleItem().Tags["Project"].ShouldBe("web");

        Aws.Aws.Identities.AddRole("reader", Aws.Trust with { AllowsTags = false });
        (await ReadAsync(Open(tokens))).ShouldFail(ProviderFailure.TrustRejected).Hint!.ShouldContain("sts:TagSession");
    }

    [Fact]
    public async Task Each_part_of_the_trust_is_compared_exactly()
    {
        foreach (var trust in new[]
        {
            Aws.Trust with { Audience = "sts.amazonaws.com.cn" },
            Aws.Trust with { Issuer = Fixture.Issuer.Issuer + "/" },
            Aws.Trust with { SubjectsLike = [FederationFixture.Billing.ToUpperInvariant()] },
            Aws.Trust with { SubjectsLike = ["org:acme:project:web:environment:prod:automation:billin"] },
        })
        {
            Aws.Aws.Identities.AddRole("reader", trust);
            (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected).ProviderCode.ShouldBe("AccessDenied");
        }

        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing), ("roleArn", "arn:aws:iam::123456789012:role/nobody"))))
            .ShouldFail(ProviderFailure.TrustRejected).Detail.ShouldContain("role/nobody");
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:role/secretfunctions", true)]
    [InlineData("arn:aws-cn:iam::123456789012:role/path/secretfunctions", true)]
    [InlineData("arn:aws:iam::12345678901:role/secretfunctions", false)]
    [InlineData("arn:aws:iam::123456789012:user/secretfunctions", false)]
    [InlineData("arn:aws:iam::123456789012:role/secretfunctions\n", false)]
    [InlineData("secretfunctions", false)]
    public void A_role_is_given_by_its_ARN(string arn, bool good) =>
        (Fixture.Provider.Federation!.Fields.ShouldHaveSingleItem().Check(arn) is null).ShouldBe(good);

    [Fact]
    public void A_role_of_another_partition_than_the_region_is_refused_when_written()
    {
        var connection = Fixture.Connect(Fixture.Issuer.For(FederationFixture.Billing), ("roleArn", "arn:aws-cn:iam::123456789012:role/reader"));
        Fixture.Provider.Validate(connection).ShouldHaveSingleItem().Field.ShouldBe("auth.config");
    }

    private protected override async Task<FederationFixture> StartAsync(TestIssuer issuer) => await AwsFederationFixture.StartAsync(issuer, Logs);
}
