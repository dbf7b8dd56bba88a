using System.Text.Json.Nodes;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

public sealed class AwsTrustTests
{
    private const string Provider = "arn:aws:iam::123456789012:oidc-provider/secrets.example.com";

    [Fact]
    public void The_chosen_subject_is_admitted_and_nobody_else()
    {
        var config = Trusting.Config("aws");
        var evaluator = Evaluator(config, Trusting.Crew);

        evaluator.Admits(Provider, Trusting.Issuer, config.Audience, Trusting.Crew.ToString()).ShouldBeTrue();
        foreach (var stranger in new[]
        {
            Trusting.Subject("web", "prod", "crew2"), Trusting.Subject("web", "prod", "cre"), Trusting.Subject("web", "dev", "crew"), Trusting.Subject("shop", "prod", "crew"),
            Trusting.Subject("web", "prod", "crew", "acme2"), Trusting.Crew.Cut(SubjectScope.Environment), Trusting.Crew.Cut(SubjectScope.Organization),
        })
        {
            evaluator.Admits(Provider, Trusting.Issuer, config.Audience, stranger.ToString()).ShouldBeFalse(stranger.ToString());
        }

        evaluator.Admits(Provider, Trusting.Issuer, "another", Trusting.Crew.ToString()).ShouldBeFalse();
        evaluator.Admits(Provider, "https://secrets.example.org", config.Audience, Trusting.Crew.ToString()).ShouldBeFalse();
        evaluator.Admits("arn:aws:iam::123456789012:oidc-provider/secrets.example.org", Trusting.Issuer, config.Audience, Trusting.Crew.ToString()).ShouldBeFalse();
    }

    [Fact]
    public void Several_subjects_are_listed_and_compared_exactly()
    {
        var config = Trusting.Config("aws");
        var other = Trusting.Subject("web", "prod", "other");
        var policy = Trusting.Print(config, Trusting.Crew, other);

        policy.Subjects.ShouldBe([Trusting.Crew.ToString(), other.ToString()]);
        policy.Document(TrustFormat.Json).ShouldNotContain("StringLike");
        var evaluator = new IamEvaluator(policy.ParseJson());
        evaluator.Admits(Provider, Trusting.Issuer, config.Audience, other.ToString()).ShouldBeTrue();
        evaluator.Admits(Provider, Trusting.Issuer, config.Audience, Trusting.Subject("web", "prod", "third").ToString()).ShouldBeFalse();
    }

    [Fact]
    public void More_than_a_policy_holds_are_admitted_by_what_they_begin_with()
    {
        var config = Trusting.Config("aws");
        var policy = Trusting.Print(config, [.. Trusting.Many(), .. Trusting.Many(project: "shop")]);
        var evaluator = new IamEvaluator(policy.ParseJson());

        policy.Subjects.ShouldBe(["org:acme:project:web:environment:prod:automation:*", "org:acme:project:shop:environment:prod:automation:*"]);
        evaluator.Admits(Provider, Trusting.Issuer, config.Audience, Trusting.Crew.ToString()).ShouldBeTrue();
        foreach (var stranger in new[] { Trusting.Subject("web", "dev", "crew"), Trusting.Subject("web2", "prod", "crew"), Trusting.Subject("web", "prod", "crew", "acme2") })
        {
            evaluator.Admits(Provider, Trusting.Issuer, config.Audience, stranger.ToString()).ShouldBeFalse(stranger.ToString());
        }

        var coarse = Trusting.Print(config, [.. Enumerable.Range(0, 40).SelectMany(static number => Trusting.Many(2, environment: $"env-{number}"))]);
        coarse.Subjects.ShouldBe(["org:acme:project:web:environment:*"]);
        var coarsest = Trusting.Print(config, [.. Enumerable.Range(0, 80).SelectMany(static number => Trusting.Many(2, project: $"a-project-{number}"))]);
        coarsest.Subjects.ShouldBe(["org:acme:project:*"]);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(200)]
    public void A_trust_policy_is_never_longer_than_aws_takes(int count) =>
        Trusting.Print(Trusting.Config("aws"), Trusting.Many(count)).ParseJson().ToJsonString().Length.ShouldBeLessThanOrEqualTo(2048);

    [Fact]
    public void Odd_text_admits_what_it_says()
    {
        var config = Trusting.Config("aws", audience: Trusting.Odd);
        var evaluator = Evaluator(config, Trusting.Crew);

        evaluator.Admits(Provider, Trusting.Issuer, Trusting.Odd, Trusting.Crew.ToString()).ShouldBeTrue();
        evaluator.Admits(Provider, Trusting.Issuer, Trusting.Odd.Replace('*', 'x'), Trusting.Crew.ToString()).ShouldBeFalse();
    }

    [Fact]
    public void Account_partition_path_and_an_issuer_with_a_path_are_the_real_ones()
    {
        var policy = Trusting.Print(
            "https://example.com/secrets", Trusting.Config("aws", fields: ("roleArn", "arn:aws-us-gov:iam::210987654321:role/team/one/reader")), Trusting.Crew);

        var statement = policy.ParseJson()["Statement"]![0]!;
        ((string?)statement["Principal"]!["Federated"]).ShouldBe("arn:aws-us-gov:iam::210987654321:oidc-provider/example.com/secrets");
        ((string?)statement["Condition"]!["StringEquals"]!["example.com/secrets:sub"]).ShouldBe(Trusting.Crew.ToString());
        var commands = policy.Document(TrustFormat.Cli);
        commands.ShouldContain("aws iam create-role --role-name 'reader' --path '/team/one/' ");
        commands.ShouldContain("--url 'https://example.com/secrets' --client-id-list '[\"sts.amazonaws.com\"]'");
        commands.ShouldNotContain("thumbprint-list");
        policy.Document(TrustFormat.Terraform).ShouldContain("  default     = \"/team/one/\"\n");
    }

    [Fact]
    public void Permissions_read_secrets_and_nothing_more()
    {
        var statements = Trusting.Print(Trusting.Config("aws"), Trusting.Crew).ParseJson("permissions policy")["Statement"]!.AsArray();

        statements.SelectMany(static statement => statement!["Action"]!.AsArray()).Select(static action => (string)action!).Order().ShouldBe(
            ["secretsmanager:BatchGetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:ListSecrets"]);
        ((string?)statements[0]!["Resource"]).ShouldBe($"arn:aws:secretsmanager:*:123456789012:secret:{AwsTrust.Placeholder}/*");
    }

    [Theory]
    [InlineData("https://secrets.example.com:8443", true)]
    [InlineData("https://secrets.example.com", false)]
    public void A_port_in_the_issuer_is_warned_of(string issuer, bool warned) =>
        Trusting.Print(issuer, Trusting.Config("aws"), Trusting.Crew).Codes().Contains("trust_policy.issuer_port").ShouldBe(warned);

    private static IamEvaluator Evaluator(WorkloadIdentityConfig config, params TokenSubject[] subjects) =>
        new((JsonObject)Trusting.Print(config, subjects).ParseJson().DeepClone());
}
