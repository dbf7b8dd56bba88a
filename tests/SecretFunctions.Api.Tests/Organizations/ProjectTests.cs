using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Organizations;

public abstract class ProjectTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task A_project_is_made_read_changed_and_listed()
    {
        const string web = """{"name":"web","displayName":"Web","description":"The shop","createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}""";
        (await Operator.PutAsync("/v1/projects/web", """{"displayName":"Web","description":"The shop"}""")).ShouldBe(201, web);
        (await Operator.GetReplyAsync("/v1/projects/web")).ShouldBe(200, web);

        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        const string shop = """{"name":"web","displayName":"Shop","description":null,"createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:05:05Z","updatedBy":"service:operator"}""";
        (await Operator.PutAsync("/v1/projects/web", """{"displayName":"Shop"}""")).ShouldBe(200, shop);
        var list = (await Operator.GetReplyAsync("/v1/projects")).ShouldBe(200);
        list.Items.ShouldBe(["default", "web"]);
        Reply.ShouldBeJson(list.Json["items"]![1], shop);
    }

    [Fact]
    public async Task A_deleted_projects_name_stays_reserved_until_it_is_released()
    {
        await Operator.ProjectAsync("web");
        (await Operator.DeleteReplyAsync("/v1/projects/web")).ShouldBeNothing();
        (await Operator.GetReplyAsync("/v1/projects/web")).ShouldBeProblem(404, "project.not_found");
        (await Operator.GetReplyAsync("/v1/projects")).Items.ShouldBe(["default"]);
        (await Operator.PutAsync("/v1/projects/web", "{}")).ShouldBeProblem(409, "name.reserved");

        (await Operator.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeNothing();
        (await Operator.PutAsync("/v1/projects/web", "{}")).ShouldBe(201);
    }

    [Fact]
    public async Task A_project_in_use_is_not_deleted()
    {
        await Operator.ProjectAsync("web");
        await Operator.AutomationAsync("crew", "web");
        (await Operator.DeleteReplyAsync("/v1/projects/web")).ShouldBeProblem(409, "project.in_use");

        (await Operator.DeleteReplyAsync("/v1/automations/crew")).ShouldBeNothing();
        await Operator.VariableAsync("dev/KEY?scope=project:web", "1");
        (await Operator.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeProblem(409, "project.in_use");

        (await Operator.DeleteReplyAsync("/v1/variables/dev/KEY?scope=project:web")).ShouldBeNothing();
        (await Operator.DeleteReplyAsync("/v1/projects/web")).ShouldBeNothing();
    }

    [Fact]
    public async Task There_is_nothing_to_delete_where_nothing_was()
    {
        (await Operator.DeleteReplyAsync("/v1/projects/web")).ShouldBeProblem(404, "project.not_found");
        (await Operator.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeProblem(404, "project.not_found");
    }

    public sealed class Direct() : ProjectTests(Head.Direct);

    public sealed class BehindARouter() : ProjectTests(Head.BehindARouter);
}
