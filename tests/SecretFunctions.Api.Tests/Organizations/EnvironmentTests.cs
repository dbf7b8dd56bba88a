using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Organizations;

public abstract class EnvironmentTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Dev_staging_and_prod_are_there_and_others_can_be_added()
    {
        (await Operator.GetReplyAsync("/v1/environments")).ShouldBe(200).Items.ShouldBe(["dev", "prod", "staging"]);
        (await Operator.PutAsync("/v1/environments/qa", """{"displayName":"QA"}""")).ShouldBe(
            201,
            """{"name":"qa","displayName":"QA","description":null,"createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}""");
        (await Operator.GetReplyAsync("/v1/environments/qa")).ShouldBe(200);
        await Operator.VariableAsync("qa/KEY", "1");
    }

    [Fact]
    public async Task An_environment_with_variables_is_not_deleted()
    {
        (await Operator.PutAsync("/v1/environments/qa", "{}")).ShouldBe(201);
        await Operator.VariableAsync("qa/KEY", "1");
        (await Operator.DeleteReplyAsync("/v1/environments/qa")).ShouldBeProblem(409, "environment.in_use");

        (await Operator.DeleteReplyAsync("/v1/variables/qa/KEY")).ShouldBeNothing();
        (await Operator.DeleteReplyAsync("/v1/environments/qa")).ShouldBeNothing();
        (await Operator.GetReplyAsync("/v1/environments/qa")).ShouldBeProblem(404, "environment.not_found");
        (await Operator.DeleteReplyAsync("/v1/environments/qa")).ShouldBeProblem(404, "environment.not_found");
    }

    [Fact]
    public async Task An_environment_is_not_deleted_while_a_later_one_of_its_name_would_inherit_something()
    {
        (await Operator.PutAsync("/v1/environments/qa", "{}")).ShouldBe(201);
        await Operator.AutomationAsync("crew");
        await Operator.VariableAsync("qa/KEY", "1");
        await Operator.AssignAsync("crew", "qa", "KEY");
        (await Operator.DeleteReplyAsync("/v1/variables/qa/KEY")).ShouldBeNothing();
        (await Operator.DeleteReplyAsync("/v1/environments/qa")).ShouldBeProblem(409, "environment.in_use");

        await Operator.AssignAsync("crew", "qa");
        (await Operator.DeleteReplyAsync("/v1/environments/qa")).ShouldBeNothing();
    }

    [Fact]
    public async Task Environments_share_nothing()
    {
        await Operator.AutomationAsync("crew");
        await Operator.VariableAsync("dev/KEY", "dev's");
        await Operator.VariableAsync("prod/KEY", "prod's");
        await Operator.AssignAsync("crew", "dev", "KEY");

        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=dev's");
        (await Operator.ResolvedAsync("""{"automation":"crew","environment":"prod"}""")).ShouldBe("");
        (await Operator.PutAsync("/v1/automations/crew/assignments?environment=staging", """{"items":[{"key":"KEY"}]}"""))
            .ShouldBeProblem(400, "assignment.invalid").Errors.ShouldBe(["assignment.variable_not_found items[0]"]);
    }

    [Fact]
    public async Task An_unknown_environment_is_named_wherever_it_is_used()
    {
        await Operator.AutomationAsync("crew");
        (await Operator.PutAsync("/v1/variables/qa/KEY", """{"value":"1"}""")).ShouldBeProblem(404, "environment.not_found");
        (await Operator.ImportAsync("/v1/variables/qa/import", "KEY=1")).ShouldBeProblem(404, "environment.not_found");
        (await Operator.GetReplyAsync("/v1/variables?environment=qa")).ShouldBeProblem(404, "environment.not_found");
        (await Operator.GetReplyAsync("/v1/automations/crew/assignments?environment=qa")).ShouldBeProblem(404, "environment.not_found");
        (await Operator.PutAsync("/v1/automations/crew/assignments?environment=qa", """{"items":[]}""")).ShouldBeProblem(404, "environment.not_found");
        (await Operator.PostAsync("/v1/automations/crew/snapshots", """{"environment":"qa"}""")).ShouldBeProblem(400, "environment.not_found");
        (await Operator.PostAsync("/v1/resolve", """{"environment":"qa"}""")).ShouldBeProblem(400, "environment.not_found");
        (await Operator.PostAsync("/v1/render", """{"environment":"qa","templates":{}}""")).ShouldBeProblem(400, "environment.not_found");
        await Operator.MemberAsync("a@example.org");
        (await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"a@example.org"},"environments":["qa"]}"""))
            .ShouldBeProblem(400, "environment.not_found");
    }

    public sealed class Direct() : EnvironmentTests(Head.Direct);

    public sealed class BehindARouter() : EnvironmentTests(Head.BehindARouter);
}
