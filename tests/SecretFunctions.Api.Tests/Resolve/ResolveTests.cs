using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Resolve;

public abstract class ResolveTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task An_automation_gets_what_it_was_assigned_with_where_it_came_from()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "s3cret \"é\u0001"));
        await Operator.VariableAsync("dev/OTHER", "not assigned");
        var crew = await Host.AutomationAsync("crew");

        var reply = (await crew.PostAsync("/v1/resolve", "{}")).ShouldBe(200);

        var fingerprint = (string)reply.Json["sources"]![0]!["fingerprint"]!;
        fingerprint.ShouldMatch("^[0-9a-f]{12}$");
        reply.ShouldBe(200, $$"""
            {"variables":{"KEY":"s3cret \"é\u0001"},
             "sources":[{"key":"KEY","scope":"organization","from":"vault","credential":null,"secret":null,"version":"1","fingerprint":"{{fingerprint}}",
                         "fetchedAt":"2026-01-02T03:04:05Z","stale":false}],
             "resolvedAt":"2026-01-02T03:04:05Z"}
            """);
        reply.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_assigned_is_an_empty_map()
    {
        await Operator.AutomationAsync("crew");
        await Operator.VariableAsync("dev/KEY", "1");
        (await (await Host.AutomationAsync("crew")).PostAsync("/v1/resolve", "{}"))
            .ShouldBe(200, """{"variables":{},"sources":[],"resolvedAt":"2026-01-02T03:04:05Z"}""");
    }

    [Fact]
    public async Task One_failure_withholds_all_and_every_failed_key_is_named()
    {
        await Operator.AutomationWithAsync("crew", ("A", "canary-a"), ("B", "1"), ("C", "1"));
        await Operator.DeleteReplyAsync("/v1/variables/dev/B");
        await Operator.DeleteReplyAsync("/v1/variables/dev/C");

        var failed = (await Operator.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(424, "resolve.failed");
        failed.Errors.ShouldBe(["variable.not_found B", "variable.not_found C"]);
        failed.Json["errors"]!.AsArray().ShouldAllBe(error => error!["hint"] != null);
        failed.Body.ShouldNotContain("canary-a");

        var partial = (await Operator.PostAsync("/v1/resolve", """{"automation":"crew","partial":true}""")).ShouldBe(200);
        Reply.ShouldBeJson(partial.Json["variables"], """{"A":"canary-a"}""");
        partial.Errors.ShouldBe(["variable.not_found B", "variable.not_found C"]);
    }

    [Fact]
    public async Task The_narrower_scope_wins_and_a_persons_own_variable_comes_last()
    {
        var ann = await Host.MemberAsync("ann@example.org");
        await ann.AutomationAsync("crew");
        (string Scope, string Kind)[] scopes =
            [("automation:crew", "automation"), ("project:default", "project"), ("organization", "organization"), ("personal", "personal")];
        foreach (var (scope, _) in scopes)
        {
            await ann.VariableAsync($"dev/KEY?scope={scope}", scope);
        }

        await ann.AssignAsync("crew", "dev", [.. scopes.Reverse().Select(scope => $"KEY {scope.Kind}")]);
        var crew = await Host.KeyMadeByAsync(ann, "automation", "crew");
        foreach (var (scope, _) in scopes)
        {
            (await crew.ResolvedAsync("{}")).ShouldBe($"KEY={scope}");
            await ann.DeleteReplyAsync($"/v1/variables/dev/KEY?scope={scope}");
        }

        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
    }

    [Fact]
    public async Task Tags_keep_variables_carrying_at_least_one()
    {
        await Operator.VariableAsync("dev/A", "1", "backend", "eu");
        await Operator.VariableAsync("dev/B", "1", "frontend");
        await Operator.VariableAsync("dev/C", "1");
        await Operator.AutomationAsync("crew");
        await Operator.AssignAsync("crew", "dev", "A", "B", "C");
        (await Operator.ResolvedAsync("""{"automation":"crew","tags":[]}""")).ShouldBe("A=1 B=1 C=1");
        (await Operator.ResolvedAsync("""{"automation":"crew","tags":["eu","frontend"]}""")).ShouldBe("A=1 B=1");
        (await Operator.ResolvedAsync("""{"automation":"crew","tags":["asia"]}""")).ShouldBe("");
        (await Operator.PostAsync("/v1/resolve", """{"tags":["No Tag"]}""")).ShouldBeProblem(400, "resolve.tags_invalid");
    }

    [Fact]
    public async Task Without_an_automation_a_member_gets_what_they_may_use()
    {
        var ann = await Host.MemberAsync("ann@example.org");
        await Operator.ProjectAsync("web");
        await ann.VariableAsync("dev/A?scope=personal", "own");
        await ann.VariableAsync("dev/A", "organization's");
        await ann.VariableAsync("dev/A?scope=project:web", "web's");
        await ann.VariableAsync("dev/B?scope=personal", "own");
        (await ann.ResolvedAsync("{}")).ShouldBe("A=organization's B=own");
        (await ann.ResolvedAsync("""{"project":"web"}""")).ShouldBe("A=web's B=own");
        (await Operator.ResolvedAsync("{}")).ShouldBe("A=organization's");
        (await ann.ResolvedAsync("""{"environment":"prod"}""")).ShouldBe("");
    }

    [Fact]
    public async Task A_kickoff_is_recorded_and_checked()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        await Operator.ResolvedAsync("""{"automation":"crew","kickoff":{"id":"run-42","kind":"crew","triggeredBy":"Ann@example.org"}}""");
        var recorded = (await Operator.GetReplyAsync("/v1/audit-events?limit=1")).Json["items"]![0];
        Reply.ShouldBeJson(recorded!["kickoff"], """{"id":"run-42","kind":"crew","triggeredBy":"ann@example.org"}""");

        (await Operator.PostAsync("/v1/resolve", """{"kickoff":{"kind":"lunch"}}""")).ShouldBeProblem(400, "kickoff.kind_unknown");
        (await Operator.PostAsync("/v1/resolve", """{"kickoff":{"triggeredBy":"someone"}}""")).ShouldBeProblem(400, "kickoff.triggered_by_invalid");
        (await Operator.PostAsync("/v1/resolve", $$$"""{"kickoff":{"id":"{{{new string('x', 201)}}}"}}""")).ShouldBeProblem(400, "kickoff.id_invalid");
    }

    [Fact]
    public async Task What_is_not_there_is_said()
    {
        (await Operator.PostAsync("/v1/resolve", """{"automation":"crew"}""")).ShouldBeProblem(404, "automation.not_found");
        (await Operator.PostAsync("/v1/resolve", """{"automation":"crew","project":"default"}""")).ShouldBeProblem(400, "resolve.project_not_applicable");
    }

    public sealed class Direct() : ResolveTests(Head.Direct);

    public sealed class BehindARouter() : ResolveTests(Head.BehindARouter);
}
