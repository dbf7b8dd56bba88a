using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Audit;

public abstract class AuditEventTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task A_resolve_leaves_one_event_that_names_every_variable_and_no_value()
    {
        await Operator.AutomationWithAsync("crew", ("A", "canary-value"), ("B", "1"));
        await Operator.DeleteReplyAsync("/v1/variables/dev/B");
        var crew = await Host.AutomationAsync("crew");
        await crew.PostAsync("/v1/resolve", """{"partial":true,"kickoff":{"id":"run-42","kind":"crew"}}""");

        var reply = await Operator.GetReplyAsync("/v1/audit-events?limit=1");
        var item = reply.Json["items"]![0]!;
        Reply.ShouldBeJson(item, $$"""
            {"id":"{{item["id"]}}","at":"2026-01-02T03:04:05Z","actor":{"type":"automation","name":"crew","apiKey":"{{item["actor"]!["apiKey"]}}" },
             "authentication":{"type":"api-key"},
             "action":"variable.resolve",
             "target":{"environment":"dev","automation":"crew","variables":[
               {"key":"A","scope":"organization","from":"vault","version":"1","outcome":"success"},
               {"key":"B","scope":"","outcome":"variable.not_found"}]},
             "outcome":"partial","kickoff":{"id":"run-42","kind":"crew","triggeredBy":null},
             "address":null,"requestId":"{{item["requestId"]}}",
             "chain":"{{item["chain"]}}","number":{{item["number"]}},"previousHash":"{{item["previousHash"]}}","hash":"{{item["hash"]}}" }
            """);
        (await Operator.GetReplyAsync("/v1/audit-events")).Body.ShouldNotContain("canary-value");
    }

    [Fact]
    public async Task An_event_says_how_its_actor_was_recognized_and_which_request_it_was()
    {
        await Operator.ProjectAsync("web");
        await Operator.ProjectAsync("shop");
        await (await Host.MemberAsync("ann@example.org")).ProjectAsync("books");

        var events = (await Operator.GetReplyAsync("/v1/audit-events")).Json["items"]!.AsArray().Where(static item => (string)item!["action"]! == "project.put").ToArray();
        events.Select(static item => (string)item!["authentication"]!["type"]!).ShouldBe(["api-key", "operator-key", "operator-key"]);
        events.Select(static item => (string)item!["requestId"]!).ShouldBeUnique();
    }

    [Fact]
    public async Task Every_change_is_recorded_with_who_made_it_newest_first()
    {
        var ann = await Host.MemberAsync("ann@example.org");
        await ann.ProjectAsync("web");
        await ann.PatchAsync("/v1/projects/web", """{"displayName":"Web"}""");
        await ann.VariableAsync("dev/KEY", "1");
        await ann.PostAsync("/v1/variables/dev/KEY/reveal");
        await ann.PostAsync("/v1/variables/dev/KEY/versions/1/restore");
        await ann.ImportAsync("/v1/variables/dev/import", "OTHER=1");
        await ann.DeleteReplyAsync("/v1/projects/web");

        var events = (await Operator.GetReplyAsync("/v1/audit-events")).Json["items"]!.AsArray();
        events.Select(item => $"{item!["actor"]!["type"]}:{item["actor"]!["name"]} {item["action"]}").Take(7).ShouldBe(
        [
            "member:ann@example.org project.delete",
            "member:ann@example.org variable.import",
            "member:ann@example.org variable.restore",
            "member:ann@example.org variable.reveal",
            "member:ann@example.org variable.put",
            "member:ann@example.org project.put",
            "member:ann@example.org project.put",
        ]);
    }

    [Fact]
    public async Task What_is_refused_changes_nothing_and_is_no_change_in_the_log()
    {
        var before = (await Operator.GetReplyAsync("/v1/audit-events")).Items.Count();
        await Operator.PutAsync("/v1/projects/Web", "{}");
        await Operator.PutAsync("/v1/variables/dev/KEY", """{"value":"a\u0000b"}""");
        (await Operator.GetReplyAsync("/v1/audit-events")).Items.Count().ShouldBe(before);
    }

    public sealed class Direct() : AuditEventTests(Head.Direct);

    public sealed class BehindARouter() : AuditEventTests(Head.BehindARouter);
}
