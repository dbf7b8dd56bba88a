using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Organizations;

/// <summary>What belongs to another organization is not there: never forbidden, which would say that it is.</summary>
public abstract class TenancyTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Anothers_resources_are_answered_as_if_they_were_not_there()
    {
        await Operator.ProjectAsync("web");
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        var snapshot = (string)(await Operator.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        await Operator.MemberAsync("ann@example.org");
        (await Operator.PutAsync("/v1/roles/deployer", """{"permissions":{"automations":"manage"}}""")).ShouldBe(201);
        var keyId = (string)(await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"ann@example.org"}}""")).Json["id"]!;
        await Host.OrganizationAsync("acme");
        var other = Host.OperatorOf("acme");

        (await other.GetReplyAsync("/v1/projects/web")).ShouldBeProblem(404, "project.not_found");
        (await other.PatchAsync("/v1/projects/web", "{}")).ShouldBeProblem(404, "project.not_found");
        (await other.DeleteReplyAsync("/v1/projects/web")).ShouldBeProblem(404, "project.not_found");
        (await other.GetReplyAsync("/v1/automations/crew")).ShouldBeProblem(404, "automation.not_found");
        (await other.GetReplyAsync("/v1/automations/crew/assignments")).ShouldBeProblem(404, "automation.not_found");
        (await other.GetReplyAsync("/v1/automations/crew/snapshots")).ShouldBeProblem(404, "automation.not_found");
        (await other.GetReplyAsync($"/v1/automations/crew/snapshots/{snapshot}")).ShouldBeProblem(404, "snapshot.not_found");
        (await other.GetReplyAsync("/v1/variables/dev/KEY")).ShouldBeProblem(404, "variable.not_found");
        (await other.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBeProblem(404, "variable.not_found");
        (await other.GetReplyAsync("/v1/variables/dev/KEY/versions")).ShouldBeProblem(404, "variable.not_found");
        (await other.PostAsync("/v1/variables/dev/KEY/versions/1/restore")).ShouldBeProblem(404, "variable.not_found");
        (await other.DeleteReplyAsync("/v1/variables/dev/KEY")).ShouldBeProblem(404, "variable.not_found");
        (await other.GetReplyAsync("/v1/members/ann@example.org")).ShouldBeProblem(404, "member.not_found");
        (await other.PatchAsync("/v1/members/ann@example.org", "{}")).ShouldBeProblem(404, "member.not_found");
        (await other.DeleteReplyAsync("/v1/members/ann@example.org")).ShouldBeProblem(404, "member.not_found");
        (await other.GetReplyAsync("/v1/roles/deployer")).ShouldBeProblem(404, "role.not_found");
        (await other.DeleteReplyAsync("/v1/roles/deployer")).ShouldBeProblem(404, "role.not_found");
        (await other.PutAsync("/v1/members/bob@example.org", """{"roles":["deployer"]}""")).ShouldBeProblem(400, "member.invalid").Errors.ShouldBe(["role.not_found roles"]);
        (await other.GetReplyAsync($"/v1/api-keys/{keyId}")).ShouldBeProblem(404, "api_key.not_found");
        (await other.DeleteReplyAsync($"/v1/api-keys/{keyId}")).ShouldBeProblem(404, "api_key.not_found");
        (await other.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(404, "automation.not_found");
        (await other.PostAsync("/v1/render", """{"automation":"crew","templates":{}}""")).ShouldBeProblem(404, "automation.not_found");
        (await other.GetReplyAsync("/v1/audit-events")).Json["items"]!.AsArray()
            .Select(item => $"{item!["action"]} {item["outcome"]}").Distinct()
            .ShouldBe(["variable.render failure", "variable.resolve failure", "variable.reveal failure", "organization.put success"]);
    }

    [Fact]
    public async Task A_key_opens_its_own_organization_and_no_other()
    {
        var member = await Host.MemberAsync("ann@example.org");
        await Host.OrganizationAsync("acme");
        (await member.GetReplyAsync("/v1/whoami", ("X-Organization", "default"))).ShouldBe(200);
        (await member.GetReplyAsync("/v1/whoami", ("X-Organization", "acme"))).ShouldBeProblem(404, "organization.not_found");
        (await member.GetReplyAsync("/v1/whoami", ("X-Organization", "nobody"))).ShouldBeProblem(404, "organization.not_found");
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("ACME")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("é")]
    [InlineData("default,default")]
    [InlineData("..%2f")]
    public async Task The_operator_is_told_of_an_organization_that_is_not_one(string organization) =>
        (await Operator.GetReplyAsync("/v1/whoami", ("X-Organization", organization))).ShouldBeProblem(404, "organization.not_found");

    [Fact]
    public async Task An_organization_of_any_length_or_named_twice_is_refused()
    {
        (await Operator.GetReplyAsync("/v1/whoami", ("X-Organization", new string('a', 2000)))).ShouldBeProblem(404, "organization.not_found");
        (await Operator.GetReplyAsync("/v1/whoami", ("X-Organization", "default"), ("X-Organization", "default"))).ShouldBeProblem(404, "organization.not_found");
    }

    public sealed class Direct() : TenancyTests(Head.Direct);

    public sealed class BehindARouter() : TenancyTests(Head.BehindARouter);
}
