using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>Who may test a configuration, and how it is asked for.</summary>
public abstract class DoctorRequestTests(Head head) : IdentityApiTest(head)
{
    private const string Test = $"{Configs}/main/test";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Cloud.Put("openai", "canary-value-77");
        await Operator.AutomationAsync("crew");
        (await PutConfigAsync()).ShouldBe(201);
        (await PutCredentialAsync()).ShouldBe(201);
    }

    [Fact]
    public async Task What_to_test_with_is_in_the_query_or_in_the_body_which_wins()
    {
        (await SubjectAsync("?automation=crew", null)).ShouldEndWith(":environment:dev:automation:crew");
        (await SubjectAsync("?automation=crew&environment=prod&credential=main", "{}")).ShouldEndWith(":environment:prod:automation:crew");
        (await SubjectAsync("", """{"automation":"crew","environment":"staging","credential":"main"}""")).ShouldEndWith(":environment:staging:automation:crew");
        (await SubjectAsync("?automation=none&environment=prod", """{"automation":"crew","environment":"dev"}""")).ShouldEndWith(":environment:dev:automation:crew");

        (await Operator.PatchAsync($"{Configs}/main", """{"subjectScope":"project"}""")).ShouldBe(200);
        (await SubjectAsync("?project=default", null)).ShouldBe("org:default:project:default");
        (await SubjectAsync("", """{"project":"default"}""")).ShouldBe("org:default:project:default");
    }

    [Fact]
    public async Task A_request_that_is_wrong_is_no_outcome()
    {
        (await Operator.PostAsync($"{Configs}/none/test?automation=crew")).ShouldBeProblem(404, "workload_identity.not_found");
        (await Operator.PostAsync($"{Configs}/NONE/test?automation=crew")).ShouldBeProblem(400, "name.invalid");
        (await Operator.PostAsync(Test)).ShouldBeProblem(400, "workload_identity.no_automation").Json["hint"]!.ToString().ShouldContain("?automation=NAME");
        (await Operator.PostAsync($"{Test}?automation=none")).ShouldBeProblem(400, "automation.not_found");
        (await Operator.PostAsync($"{Test}?automation=UP")).ShouldBeProblem(400, "name.invalid");
        (await Operator.PostAsync($"{Test}?automation=crew&environment=none")).ShouldBeProblem(400, "environment.not_found");
        (await Operator.PostAsync($"{Test}?automation=crew&project=default")).ShouldBeProblem(400, "query.invalid");
        (await Operator.PostAsync($"{Test}?automation=crew&credential=none")).ShouldBeProblem(400, "credential.not_found");
        (await Operator.PostAsync($"{Test}?automation=crew", """{"secret":"#x"}""")).ShouldBeProblem(400, "reference.secret_invalid");
        (await Operator.PostAsync($"{Test}?automation=crew", """{"token":true}""")).ShouldBeProblem(400, "body.invalid");
        Cloud.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_takes_the_right_to_manage_configurations_and_to_read_that_to_manage_credentials()
    {
        const string read = """{"automation":"crew","secret":"openai"}""";
        var viewer = await Host.MemberAsync("viewer@example.org", "workload_identity_configs: view", "secret_providers: manage");
        var manager = await Host.MemberAsync("manager@example.org", "workload_identity_configs: manage", "secret_providers: view");
        var both = await Host.MemberAsync("both@example.org", "workload_identity_configs: manage", "secret_providers: manage");

        (await viewer.PostAsync(Test, read)).ShouldBeProblem(403, "access.permission_missing");
        (await manager.PostAsync(Test, read)).ShouldBeProblem(403, "access.permission_missing");
        (await manager.PostAsync($"{Test}?automation=crew")).ShouldBe(200);
        (await both.PostAsync(Test, read)).ShouldBe(200);
        (await (await Host.AutomationAsync("crew")).PostAsync($"{Test}?automation=crew")).ShouldBeProblem(403, "access.automation_only_itself");
        (await Host.Anonymous.PostAsync(Test)).ShouldBe(401);
        Cloud.Exchanged.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Another_organizations_configuration_is_nobodys()
    {
        await Host.OrganizationAsync("acme");

        (await Host.OperatorOf("acme").PostAsync($"{Test}?automation=crew")).ShouldBeProblem(404, "workload_identity.not_found");
    }

    [Fact]
    public async Task Out_of_scope_no_token_is_made_and_none_is_shown()
    {
        (await Operator.PatchAsync($"{Configs}/main", """{"environments":["prod"]}""")).ShouldBe(200);

        var report = (await Operator.PostAsync($"{Test}?automation=crew")).ShouldBe(200).Json;

        report.ToJsonString().ShouldStartWith("""{"ok":false,"identity":null,"token":null,"checks":[{"name":"subject","ok":false,"code":"reference.config_out_of_scope","providerCode":null,"detail":""");
        Cloud.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_in_the_audit_log_with_each_token_that_was_made()
    {
        await Operator.PostAsync(Test, """{"automation":"crew","secret":"openai"}""");

        var log = (await Operator.GetReplyAsync("/v1/audit-events?limit=2")).ShouldBe(200).Json["items"]!.AsArray();

        const string subject = "org:default:project:default:environment:dev:automation:crew";
        Reply.ShouldBeJson(log[0]!["target"], $$"""{"config":"main","automation":"crew","environment":"dev","subject":"{{subject}}","secret":"openai","failed":"discovery"}""");
        (log[0]!["action"]!.ToString(), log[0]!["outcome"]!.ToString()).ShouldBe(("workload_identity.test", "failure"));
        log[1]!["action"]!.ToString().ShouldBe("token.mint");
        Reply.ShouldBeJson(log[1]!["target"], $$"""{"audience":"https://reader.example.com","subject":"{{subject}}","config":"main","purpose":"test"}""");
    }

    private async Task<string> SubjectAsync(string query, string? body)
    {
        var reply = body is null ? await Operator.PostAsync(Test + query) : await Operator.PostAsync(Test + query, body);
        return reply.ShouldBe(200).Json["token"]!["claims"]!["sub"]!.ToString();
    }

    public sealed class Direct() : DoctorRequestTests(Head.Direct);

    public sealed class BehindARouter() : DoctorRequestTests(Head.BehindARouter);
}
