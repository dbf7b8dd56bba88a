using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Automations;

public abstract class AutomationTests(Head head) : ApiTest(head)
{
    private const string At = "2026-01-02T03:04:05Z";

    [Fact]
    public async Task An_automation_is_made_read_and_replaced()
    {
        const string crew = $$"""{"name":"crew","project":"default","owner":"ann@example.org","displayName":"Crew","description":null,"createdAt":"{{At}}","updatedAt":"{{At}}","updatedBy":"service:operator"}""";
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"default","owner":"Ann@Example.org","displayName":"Crew"}""")).ShouldBe(201, crew);
        (await Operator.GetReplyAsync("/v1/automations/crew")).ShouldBe(200, crew);
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"default"}""")).ShouldBe(
            200, $$"""{"name":"crew","project":"default","owner":null,"displayName":null,"description":null,"createdAt":"{{At}}","updatedAt":"{{At}}","updatedBy":"service:operator"}""");
    }

    [Fact]
    public async Task A_member_owns_the_automations_they_make()
    {
        var ann = await Host.MemberAsync("ann@example.org");
        await ann.AutomationAsync("crew");
        ((string)(await ann.GetReplyAsync("/v1/automations/crew")).Json["owner"]!).ShouldBe("ann@example.org");
    }

    [Fact]
    public async Task Automations_are_listed_by_project()
    {
        await Operator.ProjectAsync("web");
        await Operator.AutomationAsync("one");
        await Operator.AutomationAsync("two", "web");
        (await Operator.GetReplyAsync("/v1/automations")).Items.ShouldBe(["one", "two"]);
        (await Operator.GetReplyAsync("/v1/automations?project=web")).Items.ShouldBe(["two"]);
    }

    [Fact]
    public async Task An_automation_needs_a_project_that_is_there_and_an_owner_that_can_be()
    {
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"web"}""")).ShouldBeProblem(400, "project.not_found");
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"Web!"}""")).ShouldBeProblem(400, "name.invalid");
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"default","owner":"nobody"}""")).ShouldBeProblem(400, "member.email_invalid");
        (await Operator.PutAsync("/v1/automations/Crew", """{"project":"default"}""")).ShouldBeProblem(400, "name.invalid");
        (await Operator.GetReplyAsync("/v1/automations/crew")).ShouldBeProblem(404, "automation.not_found");
    }

    [Fact]
    public async Task With_an_automation_goes_all_that_was_its_own_and_the_name_stays_reserved()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        await Operator.VariableAsync("dev/OWN?scope=automation:crew", "1");
        await Operator.PostAsync("/v1/automations/crew/snapshots", "{}");
        var crew = await Host.AutomationAsync("crew");
        (await crew.ResolvedAsync("{}")).ShouldBe("KEY=1");

        (await Operator.DeleteReplyAsync("/v1/automations/crew")).ShouldBeNothing();

        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(401, "auth.invalid");
        (await Operator.GetReplyAsync("/v1/api-keys")).ShouldBe(200, """{"items":[],"nextCursor":null}""");
        (await Operator.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(404, "automation.not_found");
        (await Operator.GetReplyAsync("/v1/variables/dev/OWN?scope=automation:crew")).ShouldBeProblem(404, "variable.not_found");
        (await Operator.PutAsync("/v1/automations/crew", """{"project":"default"}""")).ShouldBeProblem(409, "name.reserved");

        (await Operator.DeleteReplyAsync("/v1/automations/crew?release=true")).ShouldBeNothing();
        await Operator.AutomationAsync("crew");
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("");
        (await Operator.GetReplyAsync("/v1/automations/crew/snapshots")).Items.ShouldBeEmpty();
    }

    public sealed class Direct() : AutomationTests(Head.Direct);

    public sealed class BehindARouter() : AutomationTests(Head.BehindARouter);
}
