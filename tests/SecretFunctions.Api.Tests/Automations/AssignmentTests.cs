using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Automations;

public abstract class AssignmentTests(Head head) : ApiTest(head)
{
    private const string Path = "/v1/automations/crew/assignments";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.AutomationAsync("crew");
        await Operator.VariableAsync("dev/KEY", "1");
    }

    [Fact]
    public async Task The_whole_list_is_written_and_read_in_one_environment()
    {
        const string empty = """{"automation":"crew","environment":"dev","items":[],"updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}""";
        (await Operator.GetReplyAsync(Path)).ShouldBe(200, empty);

        const string one = """{"automation":"crew","environment":"dev","items":[{"key":"KEY","scope":"organization"}],"updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}""";
        (await Operator.PutAsync(Path, """{"items":[{"key":"KEY"}]}""")).ShouldBe(201, one);
        (await Operator.GetReplyAsync($"{Path}?environment=dev")).ShouldBe(200, one);
        (await Operator.GetReplyAsync($"{Path}?environment=prod")).Json["items"]!.AsArray().ShouldBeEmpty();
        (await Operator.PutAsync(Path, """{"items":[]}""")).ShouldBe(200, empty);
    }

    [Fact]
    public async Task Every_wrong_item_is_named_and_nothing_is_assigned()
    {
        await Operator.ProjectAsync("other");
        await Operator.VariableAsync("dev/THEIRS?scope=project:other", "1");
        (await Operator.PutAsync(Path, """
            {"items":[
              {"key":"KEY"},
              {"key":"MISSING"},
              {"key":"1BAD"},
              {"key":"THEIRS","scope":"project:other"},
              {"key":"THEIRS","scope":"project"},
              {"key":"KEY","scope":"everything"},
              {"key":"KEY","scope":"organization"}]}
            """)).ShouldBeProblem(400, "assignment.invalid").Errors.ShouldBe(
            [
                "assignment.variable_not_found items[1]",
                "variable.key_invalid items[2]",
                "assignment.foreign_scope items[3]",
                "assignment.variable_not_found items[4]",
                "assignment.foreign_scope items[5]",
                "assignment.duplicate items[6]",
            ]);
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("");
    }

    [Fact]
    public async Task A_list_can_be_changed_only_as_it_was_read()
    {
        var first = (await Operator.PutAsync(Path, """{"items":[{"key":"KEY"}]}""", ("If-None-Match", "*"))).ShouldBe(201).ETag;
        (await Operator.PutAsync(Path, """{"items":[]}""", ("If-None-Match", "*"))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.PutAsync(Path, """{"items":[]}""", ("If-Match", first))).ShouldBe(200);
        (await Operator.PutAsync(Path, """{"items":[{"key":"KEY"}]}""", ("If-Match", first))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("");
    }

    public sealed class Direct() : AssignmentTests(Head.Direct);

    public sealed class BehindARouter() : AssignmentTests(Head.BehindARouter);
}
