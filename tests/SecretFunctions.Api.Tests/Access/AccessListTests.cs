using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>A variable with an access list is for those on it. That narrows what people may, and gives nothing.</summary>
public abstract class AccessListTests(Head head) : ApiTest(head)
{
    private const string Variable = "/v1/variables/dev/KEY";
    private const string List = """[{"member":"ann@example.org","role":"admin"},{"member":"bob@example.org","role":"member"}]""";

    private HttpClient _ann = null!;
    private HttpClient _bob = null!;
    private HttpClient _eve = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _ann = await Host.MemberWithAsync("ann@example.org", "admin");
        _bob = await Host.MemberWithAsync("bob@example.org", "admin");
        _eve = await Host.MemberWithAsync("eve@example.org", "owner");
        (await _ann.PutAsync(Variable, $$"""{"value":"1","access":{{List}}}""")).ShouldBe(201);
    }

    [Fact]
    public async Task It_is_used_by_those_on_it_and_changed_by_its_admins()
    {
        Reply.ShouldBeJson((await _eve.GetReplyAsync(Variable)).ShouldBe(200).Json["access"], List);
        foreach (var user in new[] { _ann, _bob })
        {
            (await user.PostAsync($"{Variable}/reveal")).ShouldBe(200);
            (await user.ResolvedAsync("{}")).ShouldBe("KEY=1");
        }

        (await _ann.PatchAsync(Variable, """{"description":"x"}""")).ShouldBe(200);
        foreach (var (client, action) in new[] { _bob, _eve, Operator }.SelectMany(client => Changes(client).Select(change => (client, change))))
        {
            (await action()).ShouldBeProblem(403, "access.not_listed");
            _ = client;
        }

        foreach (var outsider in new[] { _eve, Operator })
        {
            (await outsider.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
            (await outsider.ResolvedAsync("{}")).ShouldBe("");
            (await outsider.PostAsync("/v1/render", """{"templates":{"t":"{{KEY}}"}}""")).ShouldBeProblem(424, "template.unknown_key");
        }

        (await _bob.DeleteReplyAsync(Variable)).ShouldBeProblem(403, "access.not_listed");
        (await _eve.DeleteReplyAsync(Variable)).ShouldBeNothing();
    }

    [Fact]
    public async Task At_a_kickoff_it_is_for_the_person_behind_it()
    {
        await Operator.AutomationAsync("crew", owner: "bob@example.org");
        (await _eve.PutAsync("/v1/automations/crew/assignments", """{"items":[{"key":"KEY"}]}""")).ShouldBeProblem(403, "assignment.not_allowed").Errors.ShouldBe(["access.not_listed KEY"]);
        await _bob.AssignAsync("crew", "dev", "KEY");
        (await _eve.PutAsync("/v1/automations/crew/assignments", """{"items":[{"key":"KEY"}]}""")).ShouldBe(200);
        var crew = await Host.AutomationAsync("crew");

        (await crew.ResolvedAsync("{}")).ShouldBe("KEY=1");
        (await _ann.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=1");
        (await _eve.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.access_restricted KEY"]);
        (await _eve.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBeProblem(424, "resolve.failed");
        var snapshot = (string)(await _ann.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        (await _bob.ResolvedAsync($$"""{"automation":"crew","snapshot":"{{snapshot}}"}""")).ShouldBe("KEY=1");
        (await _eve.PostAsync("/v1/resolve", $$"""{"automation":"crew","snapshot":"{{snapshot}}"}""")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.access_restricted KEY"]);

        (await Operator.PatchAsync("/v1/automations/crew", """{"owner":"eve@example.org"}""")).ShouldBe(200);
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.access_restricted KEY"]);
    }

    [Fact]
    public async Task It_gives_nothing()
    {
        await Operator.MemberAsync("low@example.org", "member");
        (await _ann.PatchAsync(Variable, """{"access":[{"member":"low@example.org","role":"admin"}]}""")).ShouldBe(200);
        var low = await Host.KeyMadeByAsync(Operator, "member", "low@example.org");
        (await low.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.permission_missing");
        (await low.PatchAsync(Variable, "{}")).ShouldBeProblem(403, "access.permission_missing");
        (await _ann.PatchAsync(Variable, """{"description":"x"}""")).ShouldBeProblem(403, "access.not_listed");
    }

    [Fact]
    public async Task Who_has_the_email_later_is_not_on_it()
    {
        (await Operator.DeleteReplyAsync("/v1/members/bob@example.org")).ShouldBeNothing();
        var later = await Host.MemberWithAsync("bob@example.org", "admin");
        (await later.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
        (await _ann.PatchAsync(Variable, """{"description":"still"}""")).ShouldBe(200);
        (await later.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
        (await _ann.PatchAsync(Variable, """{"access":null}""")).ShouldBe(200);
        (await later.PostAsync($"{Variable}/reveal")).ShouldBe(200);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"member":"ann@example.org","role":"member"}]""")]
    [InlineData("""[{"member":"nobody@example.org","role":"admin"}]""")]
    [InlineData("""[{"member":"ann@example.org","role":"admin"},{"member":"ANN@example.org","role":"member"}]""")]
    [InlineData("""[{"member":"ann@example.org","role":"owner"}]""")]
    [InlineData("""[{"member":"ann","role":"admin"}]""")]
    public async Task A_list_that_cannot_be_is_refused(string access) =>
        (await _ann.PutAsync("/v1/variables/dev/OTHER", $$"""{"value":"1","access":{{access}}}""")).ShouldBeProblem(400, "variable.access_invalid");

    private static IEnumerable<Func<Task<Reply>>> Changes(HttpClient client) =>
    [
        () => client.PutAsync(Variable, """{"value":"2"}"""),
        () => client.PatchAsync(Variable, """{"description":"y"}"""),
        () => client.PatchAsync(Variable, """{"access":null}"""),
        () => client.PostAsync($"{Variable}/versions/1/restore"),
        () => client.ImportAsync("/v1/variables/dev/import", "KEY=1"),
        () => client.ImportAsync("/v1/variables/dev/import?dryRun=true", "KEY=2"),
    ];

    public sealed class Direct() : AccessListTests(Head.Direct);

    public sealed class BehindARouter() : AccessListTests(Head.BehindARouter);
}
