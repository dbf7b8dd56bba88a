using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Variables;

public abstract class VersionTests(Head head) : ApiTest(head)
{
    private const string Path = "/v1/variables/dev/KEY";

    [Fact]
    public async Task Earlier_values_are_listed_without_being_shown_and_come_back_as_new_versions()
    {
        await Operator.VariableAsync("dev/KEY", "first");
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        await Operator.VariableAsync("dev/KEY", "second");
        (await Operator.GetReplyAsync($"{Path}/versions")).ShouldBe(200, """
            {"items":[
              {"version":2,"current":true,"sealed":false,"createdAt":"2026-01-02T03:04:06Z","createdBy":"service:operator"},
              {"version":1,"current":false,"sealed":false,"createdAt":"2026-01-02T03:04:05Z","createdBy":"service:operator"}],"nextCursor":null}
            """);

        ((int)(await Operator.PostAsync($"{Path}/versions/1/restore")).ShouldBe(200).Json["version"]!).ShouldBe(3);
        (await Operator.PostAsync($"{Path}/reveal")).ShouldBe(200, """{"value":"first","version":3}""");
        (await Operator.GetReplyAsync($"{Path}/versions")).Items.ShouldBe(["3", "2", "1"]);
    }

    [Fact]
    public async Task Ten_versions_are_kept()
    {
        for (var i = 1; i <= 12; i++)
        {
            await Operator.VariableAsync("dev/KEY", $"value {i}");
        }

        (await Operator.GetReplyAsync($"{Path}/versions")).Items.ShouldBe(["12", "11", "10", "9", "8", "7", "6", "5", "4", "3"]);
        (await Operator.PostAsync($"{Path}/versions/2/restore")).ShouldBeProblem(404, "variable.version_not_found");
        (await Operator.PostAsync($"{Path}/versions/3/restore")).ShouldBe(200);
        (await Operator.PostAsync($"{Path}/reveal")).ShouldBe(200, """{"value":"value 3","version":13}""");
    }

    [Theory]
    [InlineData("0", 404, "variable.version_not_found")]
    [InlineData("2", 404, "variable.version_not_found")]
    [InlineData("-1", 400, "variable.version_invalid")]
    [InlineData("one", 400, "variable.version_invalid")]
    [InlineData("99999999999999999999", 400, "variable.version_invalid")]
    public async Task What_is_not_a_kept_version_is_not_restored(string version, int status, string code)
    {
        await Operator.VariableAsync("dev/KEY", "1");
        (await Operator.PostAsync($"{Path}/versions/{version}/restore")).ShouldBeProblem(status, code);
        (await Operator.GetReplyAsync($"{Path}/versions")).Items.ShouldBe(["1"]);
    }

    public sealed class Direct() : VersionTests(Head.Direct);

    public sealed class BehindARouter() : VersionTests(Head.BehindARouter);
}
