using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Automations;

public abstract class SnapshotTests(Head head) : ApiTest(head)
{
    private const string Path = "/v1/automations/crew/snapshots";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.AutomationWithAsync("crew", ("KEY", "pinned"));
    }

    [Fact]
    public async Task A_snapshot_keeps_its_values_through_every_later_change()
    {
        var id = (string)(await Operator.PostAsync(Path, "{}")).ShouldBe(201).Json["id"]!;
        var crew = await Host.AutomationAsync("crew");
        var pinned = $$"""{"snapshot":"{{id}}"}""";

        await Operator.VariableAsync("dev/KEY", "changed");
        (await crew.ResolvedAsync("{}")).ShouldBe("KEY=changed");
        (await crew.ResolvedAsync(pinned)).ShouldBe("KEY=pinned");

        await Operator.AssignAsync("crew", "dev");
        await Operator.DeleteReplyAsync("/v1/variables/dev/KEY");
        (await crew.ResolvedAsync("{}")).ShouldBe("");
        (await crew.ResolvedAsync(pinned)).ShouldBe("KEY=pinned");
        ((string)(await crew.PostAsync("/v1/resolve", pinned)).Json["sources"]![0]!["from"]!).ShouldBe("snapshot");
        (await crew.PostAsync("/v1/render", $$$"""{"snapshot":"{{{id}}}","templates":{"t":"<{{KEY}}>"}}""")).ShouldBe(200, """{"rendered":{"t":"<pinned>"}}""");
    }

    [Fact]
    public async Task A_snapshot_shows_what_it_holds_but_no_value()
    {
        var made = (await Operator.PostAsync(Path, """{"description":"v1"}""")).ShouldBe(201);
        var id = (string)made.Json["id"]!;
        var expected = $$"""
            {"id":"{{id}}","automation":"crew","environment":"dev","description":"v1",
             "variables":[{"key":"KEY","scope":"organization","from":"vault","credential":null,"secret":null,"version":"1"}],
             "createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}
            """;
        made.ShouldBe(201, expected);
        (await Operator.GetReplyAsync($"{Path}/{id}")).ShouldBe(200, expected).ETag.ShouldBe(made.ETag);
        (await Operator.GetReplyAsync(Path)).ShouldBe(200, $$"""{"items":[{{expected}}],"nextCursor":null}""");
    }

    [Fact]
    public async Task A_deleted_snapshot_resolves_no_more()
    {
        var id = (string)(await Operator.PostAsync(Path, "{}")).ShouldBe(201).Json["id"]!;
        (await Operator.DeleteReplyAsync($"{Path}/{id}", ("If-Match", "\"stale\""))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.DeleteReplyAsync($"{Path}/{id}")).ShouldBeNothing();
        (await Operator.PostAsync("/v1/resolve", $$"""{"automation":"crew","snapshot":"{{id}}"}""")).ShouldBeProblem(404, "snapshot.not_found");
        (await Operator.DeleteReplyAsync($"{Path}/{id}")).ShouldBeProblem(404, "snapshot.not_found");
    }

    [Fact]
    public async Task A_snapshot_is_good_for_its_own_automation_and_environment_alone()
    {
        var id = (string)(await Operator.PostAsync(Path, "{}")).ShouldBe(201).Json["id"]!;
        await Operator.AutomationAsync("other");
        (await Operator.PostAsync("/v1/resolve", $$"""{"automation":"other","snapshot":"{{id}}"}""")).ShouldBeProblem(404, "snapshot.not_found");
        (await Operator.PostAsync("/v1/resolve", $$"""{"automation":"crew","environment":"prod","snapshot":"{{id}}"}""")).ShouldBeProblem(404, "snapshot.not_found");
        (await Operator.PostAsync("/v1/resolve", $$"""{"snapshot":"{{id}}"}""")).ShouldBeProblem(400, "snapshot.needs_automation");
        (await Operator.PostAsync("/v1/resolve", """{"automation":"crew","snapshot":"../x"}""")).ShouldBeProblem(400, "snapshot.id_invalid");
    }

    [Fact]
    public async Task Nothing_is_pinned_while_a_variable_fails()
    {
        await Operator.DeleteReplyAsync("/v1/variables/dev/KEY");
        (await Operator.PostAsync(Path, "{}")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.not_found KEY"]);
        (await Operator.GetReplyAsync(Path)).Items.ShouldBeEmpty();
    }

    public sealed class Direct() : SnapshotTests(Head.Direct);

    public sealed class BehindARouter() : SnapshotTests(Head.BehindARouter);
}
