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
        var crew = await Host.KeyMadeByAsync(_bob, "automation", "crew");

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
    public async Task Nobody_is_behind_a_kickoff_by_anybody_elses_word()
    {
        await _ann.AutomationAsync("crew");
        await _ann.AssignAsync("crew", "dev", "KEY");
        await Operator.AutomationAsync("other");
        await _ann.AssignAsync("other", "dev", "KEY");
        (await Operator.PatchAsync("/v1/automations/other", """{"owner":"ann@example.org"}""")).ShouldBe(200);

        // Lent to, so that all there is to say is whose word the assignments are.
        var service = (await _ann.PostAsync("/v1/api-keys", """{"name":"ci","principal":{"type":"service","name":"ci"},"permissions":{"secret_values":"view"}}""")).ShouldBe(201);
        (await _ann.PutAsync($"/v1/api-keys/{service.Json["id"]}/personal", "")).ShouldBeNothing();
        var lent = Host.Client((string)service.Json["key"]!);
        (await lent.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=1");
        (await lent.PostAsync("/v1/resolve", """{"automation":"other"}""")).ShouldBeProblem(424, "resolve.failed");

        // In turns, so that no plan of one serves another.
        var unlent = await Host.ServiceAsync("unlent", "secret_values: view");
        var crew = await Host.AutomationAsync("crew");
        var made = await Host.KeyMadeByAsync(_ann, "automation", "crew");
        var asAnn = await Host.KeyMadeByAsync(_eve, "member", "ann@example.org");
        for (var turn = 0; turn < 2; turn++)
        {
            (await made.ResolvedAsync("{}")).ShouldBe("KEY=1");
            (await _ann.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=1");
            foreach (var outsider in new[] { Operator, unlent, crew, asAnn, _eve })
            {
                (await outsider.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.access_restricted KEY"]);
            }
        }

        // Nor is a person, by a key or an issuer that somebody made for them.
        (await asAnn.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
        (await asAnn.ResolvedAsync("{}")).ShouldBe("");
        (await asAnn.PutAsync(Variable, """{"value":"2"}""")).ShouldBeProblem(403, "access.not_listed");
        (await asAnn.PutAsync("/v1/automations/other/assignments?environment=prod", """{"items":[]}""")).ShouldBe(201);
        (await (await Host.KeyMadeByAsync(_ann, "member", "ann@example.org")).PostAsync($"{Variable}/reveal")).ShouldBe(200);
    }

    [Fact]
    public async Task What_somebody_on_it_first_writes_makes_their_credential_their_own()
    {
        // Before that any of theirs does, since none is yet.
        var second = await Host.KeyMadeByAsync(Operator, "member", "bob@example.org");
        (await second.PostAsync($"{Variable}/reveal")).ShouldBe(200);
        await Operator.AutomationAsync("crew", owner: "bob@example.org");
        await _bob.AssignAsync("crew", "dev", "KEY");
        (await second.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
        (await second.PutAsync("/v1/variables/dev/X?scope=personal", """{"value":"1"}""")).ShouldBeProblem(403, "personal.not_own");
        (await _bob.PostAsync($"{Variable}/reveal")).ShouldBe(200);

        // Also by what they restore or import.
        var (carl, other) = (await Host.MemberWithAsync("carl@example.org", "admin"), await Host.MemberWithAsync("carl@example.org", "admin"));
        (await _ann.PatchAsync(Variable, """{"access":[{"member":"carl@example.org","role":"admin"},{"member":"ann@example.org","role":"admin"}]}""")).ShouldBe(200);
        (await carl.ImportAsync("/v1/variables/dev/import", "KEY=2")).ShouldBe(200);
        (await other.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
        var (dan, double_) = (await Host.MemberWithAsync("dan@example.org", "admin"), await Host.MemberWithAsync("dan@example.org", "admin"));
        (await _ann.PatchAsync(Variable, """{"access":[{"member":"dan@example.org","role":"admin"}]}""")).ShouldBe(200);
        (await dan.PostAsync($"{Variable}/versions/1/restore")).ShouldBe(200);
        (await double_.PostAsync($"{Variable}/reveal")).ShouldBeProblem(403, "access.not_listed");
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
