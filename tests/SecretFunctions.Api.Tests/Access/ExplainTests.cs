using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

public abstract class ExplainTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Whoever_asks_is_told_which_rule_decides()
    {
        await Operator.ProjectAsync("web");
        await Operator.AutomationAsync("crew", "web");
        await Operator.RoleAsync("web-dev", ["web"], ["dev"], "secret_values: view", "environment_variables: manage");
        var ann = await Host.MemberWithAsync("ann@example.org", "member", "web-dev");
        var crew = await Host.AutomationAsync("crew");
        var service = await Host.ServiceAsync("ci", "cache: view");
        foreach (var (client, question, allowed, rule, code) in new[]
        {
            (Operator, "keys:manage", true, "operator", null),
            (ann, "environment_variables:view", true, "role 'member'", null),
            (ann, "environment_variables:view:prod:project:web", true, "role 'member'", null),
            (ann, "environment_variables:manage:dev:project:web", true, "role 'web-dev'", null),
            (ann, "secret_values:view:dev:automation:crew", true, "role 'web-dev'", null),
            (ann, "secret_values:view:prod:project:web", false, "role 'web-dev'", "access.environment_not_allowed"),
            (ann, "secret_values:view:dev", false, "role 'web-dev'", "access.project_not_allowed"),
            (ann, "secret_values:view:dev:project:default", false, "role 'web-dev'", "access.project_not_allowed"),
            (ann, "secret_values:view::project:web", true, "role 'web-dev'", null),
            (ann, "environment_variables:manage::project:web", false, "role 'web-dev'", "access.environment_not_allowed"),
            (ann, "members:view", false, "no grant", "access.permission_missing"),
            (ann, "secret_values:manage:dev:automation:crew", false, "no grant", "access.permission_missing"),
            (ann, "secret_values:view:dev:automation:none", false, "place", "automation.not_found"),
            (ann, "environment_variables:manage:dev:personal", true, "personal", null),
            (service, "cache:view", true, "the API key", null),
            (service, "cache:manage", false, "no grant", "access.permission_missing"),
            (service, "environment_variables:view:dev:personal", false, "personal", "scope.personal_needs_member"),
            (crew, "secret_values:view:dev", true, "automation", null),
            (crew, "secret_values:view:dev:automation:crew", true, "automation", null),
            (crew, "secret_values:view:dev:automation:none", false, "automation", "access.automation_only_itself"),
            (crew, "automations:view", false, "automation", "access.automation_only_itself"),
        })
        {
            var explanation = (await client.GetReplyAsync($"/v1/whoami?explain={question}")).ShouldBe(200).Json["explanation"]!;
            ((bool)explanation["allowed"]!, (string?)explanation["rule"], (string?)explanation["code"]).ShouldBe((allowed, rule, code), question);
            ((string?)explanation["detail"]).ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Theory]
    [InlineData("everything")]
    [InlineData("keys")]
    [InlineData("keys:all")]
    [InlineData("nothing:view")]
    [InlineData("keys:view:NOT")]
    [InlineData("keys:view:dev:somewhere")]
    [InlineData("keys:view:dev:project:")]
    public async Task What_is_no_question_is_refused(string question) =>
        (await Operator.GetReplyAsync($"/v1/whoami?explain={question}")).ShouldBeProblem(400, "explain.invalid");

    public sealed class Direct() : ExplainTests(Head.Direct);

    public sealed class BehindARouter() : ExplainTests(Head.BehindARouter);
}
