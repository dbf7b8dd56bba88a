using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>What an automation is given of its owner's own is by that owner's word: the credential, and the assignments. To be named an owner is nothing.</summary>
public abstract class OwnersWordTests(Head head) : ApiTest(head)
{
    private HttpClient _ann = null!;
    private HttpClient _mallory = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _ann = await Host.MemberWithAsync("ann@example.org", "admin");
        _mallory = await Host.MemberWithAsync("mallory@example.org", "admin");
        await _ann.VariableAsync("dev/KEY?scope=personal", "ann's");
    }

    [Fact]
    public async Task What_a_member_makes_for_others_is_lent_to_only_when_they_say_so()
    {
        await _mallory.AutomationAsync("theirs");
        await _ann.AutomationAsync("anns");
        await Operator.MemberAsync("bob@example.org", "member");
        foreach (var (type, name, lent) in new[] { ("automation", "theirs", false), ("service", "ci", false), ("member", "bob@example.org", false), ("automation", "anns", true), ("member", "ann@example.org", true) })
        {
            var permissions = type == "service" ? ""","permissions":{"secret_values":"view"}""" : "";
            var made = (await (type == "member" && name[0] == 'b' ? Operator : _ann).PostAsync("/v1/api-keys", $$"""{"name":"k","principal":{"type":"{{type}}","name":"{{name}}"}{{permissions}}}""")).ShouldBe(201);
            ((string?)made.Json["personalOf"]).ShouldBe(lent ? "ann@example.org" : null);
        }
    }

    [Fact]
    public async Task Nobody_makes_an_automation_open_what_is_anothers_by_naming_them_its_owner()
    {
        await _mallory.AutomationAsync("crew");
        var made = (await _ann.PostAsync("/v1/api-keys", """{"name":"ci","principal":{"type":"automation","name":"crew"}}""")).ShouldBe(201);
        var crew = Host.Client((string)made.Json["key"]!);
        await _mallory.AssignAsync("crew", "dev", "KEY personal");
        (await _mallory.PatchAsync("/v1/automations/crew", """{"owner":"ann@example.org"}""")).ShouldBe(200);
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");

        // Not even with a key that was lent to, by mistake.
        (await _ann.PutAsync($"/v1/api-keys/{made.Json["id"]}/personal", "")).ShouldBeNothing();
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");

        // It takes the owner, who writes the list themselves; and then it holds until there is another.
        await _ann.AssignAsync("crew", "dev", "KEY personal");
        (await crew.ResolvedAsync("{}")).ShouldBe("KEY=ann's");
        await _mallory.VariableAsync("dev/SHARED", "1");
        await _mallory.AssignAsync("crew", "dev", "KEY personal", "SHARED");
        (await crew.ResolvedAsync("{}")).ShouldBe("KEY=ann's SHARED=1");
        (await _mallory.PatchAsync("/v1/automations/crew", """{"owner":"mallory@example.org"}""")).ShouldBe(200);
        (await _mallory.PatchAsync("/v1/automations/crew", """{"owner":"ann@example.org"}""")).ShouldBe(200);
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
        (await Operator.GetReplyAsync("/v1/audit-events?action=automation.put&limit=1")).Json["items"]![0]!["target"]!["owner"]!.GetValue<string>().ShouldBe("ann@example.org");
    }

    [Fact]
    public async Task The_owner_alone_assigns_what_is_personal()
    {
        const string items = """{"items":[{"key":"KEY","scope":"personal"}]}""";
        await _ann.AutomationAsync("crew");
        foreach (var other in new[] { _mallory, Operator })
        {
            (await other.PutAsync("/v1/automations/crew/assignments", items)).ShouldBeProblem(403, "assignment.not_allowed").Errors.ShouldBe(["assignment.personal_owner_only KEY"]);
        }

        var asAnn = await Host.KeyMadeByAsync(_mallory, "member", "ann@example.org");
        (await asAnn.PutAsync("/v1/automations/crew/assignments", items)).ShouldBeProblem(403, "assignment.not_allowed").Errors.ShouldBe(["personal.not_own KEY"]);
        (await _ann.PutAsync("/v1/automations/crew/assignments", items)).ShouldBe(201);
        (await asAnn.PutAsync("/v1/automations/crew/assignments", items)).ShouldBe(200);
        (await (await Host.KeyMadeByAsync(_ann, "automation", "crew")).ResolvedAsync("{}")).ShouldBe("KEY=ann's");

        // Where there is no owner it is for whichever member calls.
        await Operator.AutomationAsync("shared");
        await Operator.AssignAsync("shared", "dev", "KEY personal");
        (await _ann.ResolvedAsync("""{"automation":"shared"}""")).ShouldBe("KEY=ann's");
    }

    [Fact]
    public async Task The_first_personal_assignment_makes_the_owners_credential_their_own()
    {
        await _mallory.AutomationAsync("crew");
        await _mallory.AssignAsync("crew", "dev", "KEY personal");
        await _mallory.VariableAsync("dev/KEY?scope=personal", "mallory's");
        (await (await Host.KeyMadeByAsync(_mallory, "automation", "crew")).ResolvedAsync("{}")).ShouldBe("KEY=mallory's");
        (await (await Host.KeyMadeByAsync(Operator, "member", "mallory@example.org")).GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
    }

    [Fact]
    public async Task A_narrow_credential_gives_takes_and_resolves_no_more_than_it_was_left()
    {
        await _ann.AutomationAsync("crew");
        await _ann.AssignAsync("crew", "dev", "KEY personal");
        var wide = (await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"crew"}}""")).ShouldBe(201).Json["id"];
        var own = (await _ann.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"ann@example.org"}}""")).ShouldBe(201).Json["id"];
        var narrow = Host.Client(await _ann.KeyAsync("""{"name":"k","principal":{"type":"member","name":"ann@example.org"},"projects":["default"]}"""));

        (await narrow.PutAsync($"/v1/api-keys/{wide}/personal", "")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await narrow.DeleteReplyAsync($"/v1/api-keys/{own}")).ShouldBeProblem(403, "access.grant_exceeds_own");
        ((string?)(await narrow.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"crew"}}""")).ShouldBe(201).Json["personalOf"]).ShouldBeNull();
        (await narrow.PostAsync("/v1/variables/dev/KEY/reveal?scope=personal")).ShouldBeProblem(403, "access.project_not_allowed");
        (await narrow.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(424, "resolve.failed");
        var same = (await narrow.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"ann@example.org"},"projects":["default"]}""")).ShouldBe(201).Json["id"];
        (await narrow.DeleteReplyAsync($"/v1/api-keys/{same}")).ShouldBeNothing();
        (await _ann.PutAsync($"/v1/api-keys/{wide}/personal", "")).ShouldBeNothing();
        (await _ann.DeleteReplyAsync($"/v1/api-keys/{own}")).ShouldBeNothing();
    }

    public sealed class Direct() : OwnersWordTests(Head.Direct);

    public sealed class BehindARouter() : OwnersWordTests(Head.BehindARouter);
}
