using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>What is to be pasted into a cloud: for whom, and what is warned of.</summary>
public abstract class TrustPolicyTests(Head head) : IdentityApiTest(head)
{
    private const string Aws = """
        "cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader"
        """;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.ProjectAsync("web");
        await Operator.AutomationAsync("crew", "web");
        await Operator.AutomationAsync("second", "web");
        await Operator.AutomationAsync("other");
    }

    [Fact]
    public async Task It_has_the_real_issuer_audience_and_subject()
    {
        await PutAsync(Aws);
        var reply = await GetAsync("automation=crew&environment=prod");

        reply.Json["cloud"]!.ToString().ShouldBe("aws");
        reply.Json["issuer"]!.ToString().ShouldBe(ApiHost.Issuer);
        reply.Json["audience"]!.ToString().ShouldBe("sts.amazonaws.com");
        Subjects(reply).ShouldBe(["org:default:project:web:environment:prod:automation:crew"]);
        Codes(reply).ShouldBeEmpty();
        var document = reply.Json["documents"]![0]!;
        document["format"]!.ToString().ShouldBe("json");
        var statement = JsonNode.Parse(document["content"]!.ToString())!["Statement"]![0]!;
        statement["Condition"]!.ToJsonString().ShouldBe("""{"StringEquals":{"secrets.example.com:aud":"sts.amazonaws.com","secrets.example.com:sub":"org:default:project:web:environment:prod:automation:crew"}}""");
        statement["Principal"]!.ToJsonString().ShouldBe("""{"Federated":"arn:aws:iam::123456789012:oidc-provider/secrets.example.com"}""");
    }

    [Theory]
    [InlineData("", "", "web/dev/crew web/dev/second web/prod/crew web/prod/second web/staging/crew web/staging/second default/dev/other default/prod/other default/staging/other")]
    [InlineData("", "environment=prod", "web/prod/crew web/prod/second default/prod/other")]
    [InlineData("", "automation=crew", "web/dev/crew web/prod/crew web/staging/crew")]
    [InlineData("", "project=web&environment=dev", "web/dev/crew web/dev/second")]
    [InlineData(""","automations":["crew"],"environments":["prod"]""", "", "web/prod/crew")]
    [InlineData(""","scope":"projects","projects":["web"],"environments":["prod","dev"]""", "environment=dev", "web/dev/crew web/dev/second")]
    [InlineData(""","subjectScope":"environment","environments":["prod"]""", "", "default/prod web/prod")]
    [InlineData(",\"subjectScope\":\"environment\"", "automation=crew&environment=prod", "web/prod")]
    [InlineData(",\"subjectScope\":\"project\"", "", "default web")]
    [InlineData(""","subjectScope":"project","automations":["crew"]""", "", "web")]
    [InlineData(",\"subjectScope\":\"organization\"", "project=web", "")]
    public async Task It_is_for_those_whom_the_configuration_serves(string more, string query, string expected)
    {
        await PutAsync(Aws + more);
        string[] labels = ["project", "environment", "automation"];
        var subjects = expected.Split(' ').Select(subject => string.Concat(
            subject.Split('/', StringSplitOptions.RemoveEmptyEntries).Select((name, index) => $":{labels[index]}:{name}").Prepend("org:default")));
        Subjects(await GetAsync(query)).ShouldBe(subjects, ignoreOrder: true);
    }

    [Theory]
    [InlineData("", "automation=nobody", "automation.not_found")]
    [InlineData("", "project=nowhere", "project.not_found")]
    [InlineData("", "environment=nowhere", "environment.not_found")]
    [InlineData("", "automation=UP", "name.invalid")]
    [InlineData("", "automation=crew&project=web", "query.invalid")]
    [InlineData(""","automations":["crew"]""", "automation=second", "reference.config_out_of_scope")]
    [InlineData(""","scope":"projects","projects":["web"]""", "automation=other", "reference.config_out_of_scope")]
    [InlineData(""","scope":"projects","projects":["web"]""", "project=default", "reference.config_out_of_scope")]
    [InlineData(""","environments":["prod"]""", "automation=crew&environment=dev", "reference.config_out_of_scope")]
    public async Task Whom_it_cannot_be_for_is_said(string more, string query, string code)
    {
        await PutAsync(Aws + more);
        (await Operator.GetReplyAsync($"{Configs}/main/trust-policy?{query}")).ShouldBeProblem(400, code);
    }

    [Fact]
    public async Task Nobody_is_told_from_somebody_out_of_scope()
    {
        await Operator.ProjectAsync("empty");
        await PutAsync(Aws);
        (await Operator.GetReplyAsync($"{Configs}/main/trust-policy?project=empty")).ShouldBeProblem(400, "trust_policy.no_subjects");
        (await Operator.GetReplyAsync($"{Configs}/none/trust-policy")).ShouldBeProblem(404, "workload_identity.not_found");
        (await PutConfigAsync()).ShouldBe(200);
        (await Operator.GetReplyAsync($"{Configs}/main/trust-policy")).ShouldBeProblem(400, "trust_policy.cloud_unsupported");
    }

    [Theory]
    [InlineData("", "automation=crew&environment=prod", "")]
    [InlineData("", "automation=crew", "trust_policy.later_not_admitted")]
    [InlineData(""","environments":["prod"]""", "automation=crew", "")]
    [InlineData(""","automations":["crew"],"environments":["prod"]""", "", "")]
    [InlineData("", "", "trust_policy.later_not_admitted")]
    [InlineData(""","subjectScope":"environment","environments":["prod"]""", "project=web", "")]
    [InlineData(""","subjectScope":"environment","environments":["prod"],"automations":["crew"]""", "", "trust_policy.coarser_than_scope")]
    [InlineData(",\"subjectScope\":\"environment\"", "automation=crew&environment=prod", "trust_policy.coarser_than_selection")]
    [InlineData(",\"subjectScope\":\"project\"", "project=web", "trust_policy.no_environment")]
    [InlineData(""","subjectScope":"project","environments":["prod"]""", "project=web", "trust_policy.coarser_than_scope trust_policy.no_environment")]
    [InlineData(",\"subjectScope\":\"organization\"", "", "trust_policy.no_environment")]
    public async Task What_admits_more_than_one_would_think_is_warned_of(string more, string query, string codes)
    {
        await PutAsync(Aws + more);
        Codes(await GetAsync(query)).ShouldBe(codes.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Another_configuration_that_gives_the_same_subject_to_others_is_named()
    {
        await PutAsync(Aws + ""","subjectScope":"environment","environments":["prod"],"automations":["crew"]""");
        await PutAsync(Aws + ""","subjectScope":"environment","environments":["prod"],"automations":["second"]""", "sibling");
        await PutAsync(Aws + ""","subjectScope":"environment","environments":["prod"],"automations":["other"]""", "elsewhere");
        await PutAsync(Aws + ""","subjectScope":"environment","environments":["dev"]""", "dev");
        await PutAsync(Aws + ",\"subjectScope\":\"environment\",\"environments\":[\"prod\"],\"audience\":\"another\"", "another");

        var warnings = (await GetAsync("")).Json["warnings"]!.AsArray();
        var shared = warnings.Where(static warning => warning!["code"]!.ToString() == "trust_policy.audience_shared").ShouldHaveSingleItem()!;
        shared["detail"]!.ToString().ShouldContain("'sibling'");
        shared["hint"]!.ToString().ShouldContain("audience");
    }

    [Fact]
    public async Task Many_subjects_become_a_wildcard_that_is_warned_of()
    {
        for (var number = 0; number < 30; number++)
        {
            await Operator.AutomationAsync($"an-automation-with-a-longer-name-{number}", "web");
        }

        await PutAsync(Aws + ""","environments":["prod"],"scope":"projects","projects":["web"]""");
        var reply = await GetAsync("");
        Subjects(reply).ShouldBe(["org:default:project:web:environment:prod:automation:*"]);
        Codes(reply).ShouldBe(["trust_policy.wildcard"]);
    }

    [Theory]
    [InlineData("""
        "cloud":"google","workloadIdentityProvider":"projects/1/locations/global/workloadIdentityPools/pool/providers/service"
        """, "cli terraform")]
    [InlineData("""
        "cloud":"azure","tenantId":"11111111-1111-1111-1111-111111111111","clientId":"22222222-2222-2222-2222-222222222222"
        """, "cli bicep terraform")]
    [InlineData("""
        "cloud":"vault","address":"https://vault.example.com","role":"reader"
        """, "cli json")]
    [InlineData("""
        "cloud":"conjur","address":"https://conjur.example.com","account":"acme","serviceId":"service"
        """, "cli yaml yaml yaml yaml")]
    public async Task Every_cloud_has_its_forms(string fields, string formats)
    {
        await PutAsync(fields);
        var reply = await GetAsync("automation=crew&environment=prod");
        var documents = reply.Json["documents"]!.AsArray();

        documents.Select(static document => document!["format"]!.ToString()).ShouldBe(formats.Split(' '));
        documents.Select(static document => document!["name"]!.ToString()).ShouldBeUnique();
        var everything = string.Concat(documents.Select(static document => document!["content"]!.ToString()));
        everything.ShouldContain(ApiHost.Issuer);
        everything.ShouldContain(reply.Json["audience"]!.ToString());
        everything.ShouldContain(Subjects(reply).ShouldHaveSingleItem());
    }

    [Fact]
    public async Task Who_may_see_configurations_may_see_it()
    {
        await PutAsync(Aws);
        var viewer = await Host.MemberAsync("ann@example.org", "workload_identity_configs: view");
        (await viewer.GetReplyAsync($"{Configs}/main/trust-policy")).ShouldBe(200);
        var other = await Host.MemberAsync("ben@example.org", "secret_providers: manage");
        (await other.GetReplyAsync($"{Configs}/main/trust-policy")).ShouldBeProblem(403, "access.permission_missing");
        await Host.OrganizationAsync("acme");
        (await Host.OperatorOf("acme").GetReplyAsync($"{Configs}/main/trust-policy")).ShouldBeProblem(404, "workload_identity.not_found");
    }

    private async Task PutAsync(string fields, string name = "main") => (await Operator.PutAsync($"{Configs}/{name}", $"{{{fields}}}")).ShouldBe(201);

    private async Task<Reply> GetAsync(string query) => (await Operator.GetReplyAsync($"{Configs}/main/trust-policy?{query}")).ShouldBe(200);

    private static string[] Subjects(Reply reply) => [.. reply.Json["subjects"]!.AsArray().Select(static subject => subject!.ToString())];

    private static string[] Codes(Reply reply) => [.. reply.Json["warnings"]!.AsArray().Select(static warning => warning!["code"]!.ToString())];

    public sealed class Direct() : TrustPolicyTests(Head.Direct);

    public sealed class BehindARouter() : TrustPolicyTests(Head.BehindARouter);
}
