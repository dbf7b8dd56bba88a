using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Audit;

/// <summary>What the log can be asked, and what refused attempts leave in it.</summary>
public abstract class AuditTrailTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Every_filter_keeps_what_fits_and_nothing_else()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"), ("B", "1"));
        await Operator.AutomationWithAsync("flow", ("B", "1"));
        var crew = await Host.AutomationAsync("crew");
        await crew.PostAsync("/v1/resolve", """{"kickoff":{"id":"run-42","kind":"crew"}}""");
        await (await Host.AutomationAsync("flow")).PostAsync("/v1/resolve", """{"kickoff":{"id":"run-43","kind":"flow"}}""");
        await crew.PostAsync("/v1/resolve", """{"environment":"prod"}""");
        await (await Host.MemberAsync("ann@example.org")).ProjectAsync("web");

        (await ActionsAsync("actor=automation:crew&outcome=success&target=key:A")).ShouldBe(["automation:crew variable.resolve"]);
        (await ActionsAsync("action=variable.resolve&target=key:B")).ShouldBe(["automation:flow variable.resolve", "automation:crew variable.resolve"]);
        (await ActionsAsync("kickoff=run-43")).ShouldBe(["automation:flow variable.resolve"]);
        (await ActionsAsync("action=variable.resolve&target=environment:prod")).Count.ShouldBe(1);
        (await ActionsAsync("target=project:web")).ShouldBe(["member:ann@example.org project.put"]);
        (await ActionsAsync("actor=member:ann@example.org&from=2026-01-02T03:04:05Z&to=2026-01-02T03:04:06Z")).Count.ShouldBe(1);
        (await ActionsAsync("actor=member:ann@example.org&to=2026-01-02T03:04:05Z")).ShouldBeEmpty();
        (await ActionsAsync("from=2026-01-02T03:04:05.001Z")).ShouldBeEmpty();
        (await ActionsAsync("outcome=denied")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("target=key", "audit.filter_invalid")]
    [InlineData("target=:x", "audit.filter_invalid")]
    [InlineData("from=yesterday", "audit.filter_invalid")]
    [InlineData("to=2026-01-02", "audit.filter_invalid")]
    [InlineData("log=other", "audit.log_unknown")]
    public async Task A_filter_that_is_none_is_told(string query, string code)
    {
        (await Operator.GetReplyAsync($"/v1/audit-events?{query}")).ShouldBeProblem(400, code);
        (await Operator.GetReplyAsync($"/v1/audit-events/export?{query}")).ShouldBeProblem(400, code);
    }

    [Fact]
    public async Task A_filtered_list_has_pages_and_its_cursor_is_its_own()
    {
        for (var i = 0; i < 5; i++)
        {
            await Operator.ProjectAsync($"web{i}");
        }

        var first = await Operator.GetReplyAsync("/v1/audit-events?action=project.put&limit=2");
        var cursor = (string)first.Json["nextCursor"]!;
        var second = await Operator.GetReplyAsync($"/v1/audit-events?action=project.put&limit=2&cursor={cursor}");
        second.Json["items"]!.AsArray().Select(static item => (string)item!["target"]!["project"]!).ShouldBe(["web2", "web1"]);
        (await Operator.GetReplyAsync($"/v1/audit-events?action=project.delete&limit=2&cursor={cursor}")).ShouldBeProblem(400, "cursor.invalid");
    }

    [Fact]
    public async Task An_export_has_every_event_and_others_can_compute_its_chains()
    {
        await Operator.AutomationWithAsync("crew", ("A", "canary-value"), ("B", "1"));
        var crew = await Host.AutomationAsync("crew");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => crew.PostAsync("/v1/resolve", $$$"""{"kickoff":{"id":"Zoë \"{{{i}}}\"","kind":"crew"}}""")));
        await Operator.PostAsync("/v1/variables/dev/NONE/reveal");

        var export = await Operator.GetReplyAsync("/v1/audit-events/export");
        export.MediaType.ShouldBe("application/x-ndjson");
        export.Body.ShouldNotContain("canary-value");
        var count = export.Body.Count(static character => character == '\n');
        (await RecomputeAsync(export.Body)).ShouldStartWith($"{count} events in ");
        (await Operator.GetReplyAsync("/v1/audit-events/verify")).Json["events"]!.GetValue<long>().ShouldBe(count);
        await Should.ThrowAsync<InvalidOperationException>(() => RecomputeAsync(export.Body.Replace("\"A\"", "\"C\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_log_that_nobody_touched_verifies()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"));
        await (await Host.AutomationAsync("crew")).PostAsync("/v1/resolve", "{}");

        var reply = await Operator.GetReplyAsync("/v1/audit-events/verify");
        Reply.ShouldBeJson(reply.ShouldBe(200).Json, $$"""{"ok":true,"events":{{reply.Json["events"]}},"firstBroken":null,"checkpoint":null}""");
    }

    [Fact]
    public async Task What_a_recognized_caller_may_not_do_leaves_an_event_and_what_anybody_else_tries_none()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"));
        await Operator.AutomationAsync("flow");
        var crew = await Host.AutomationAsync("crew");
        (await crew.DeleteReplyAsync("/v1/variables/dev/A")).ShouldBe(403);
        (await crew.PostAsync("/v1/resolve", """{"automation":"flow"}""")).ShouldBe(403);
        (await crew.PostAsync("/v1/variables/dev/A/reveal")).ShouldBe(403);
        (await Host.Anonymous.DeleteReplyAsync("/v1/variables/dev/A")).ShouldBe(401);

        var denied = (await Operator.GetReplyAsync("/v1/audit-events?outcome=denied")).Json["items"]!.AsArray();
        denied.Select(static item => $"{item!["actor"]!["name"]} {item["action"]} {item["code"]} {item["target"]!.ToJsonString()}").ShouldBe(
        [
            """crew access.denied access.automation_only_itself {"operation":"revealVariable","environment":"dev","key":"A"}""",
            """crew variable.resolve access.automation_only_itself {"environment":"dev","automation":"flow"}""",
            """crew access.denied access.automation_only_itself {"operation":"deleteVariable","environment":"dev","key":"A"}""",
        ]);
    }

    [Fact]
    public async Task A_resolve_or_reveal_that_comes_to_nothing_leaves_an_event_with_its_code()
    {
        await Operator.PostAsync("/v1/resolve", """{"automation":"nobody"}""");
        await Operator.PostAsync("/v1/variables/dev/NONE/reveal");

        (await Operator.GetReplyAsync("/v1/audit-events?outcome=failure")).Json["items"]!.AsArray()
            .Select(static item => $"{item!["action"]} {item["code"]}").ShouldBe(["variable.reveal variable.not_found", "variable.resolve automation.not_found"]);
    }

    [Fact]
    public async Task The_deployments_own_log_is_its_operators()
    {
        await Operator.PostAsync("/v1/keys/signing/rotate");
        var events = (await Operator.GetReplyAsync("/v1/audit-events?log=deployment")).Json["items"]!.AsArray();
        events.ShouldContain(static item => (string)item!["action"]! == "signing-key.publish");
        (await Operator.GetReplyAsync("/v1/audit-events/verify?log=deployment")).Json["ok"]!.GetValue<bool>().ShouldBeTrue();
        foreach (var path in new[] { "", "/export", "/verify" })
        {
            (await (await Host.MemberAsync("ann@example.org")).GetReplyAsync($"/v1/audit-events{path}?log=deployment")).ShouldBeProblem(403, "access.operator_only");
        }
    }

    [Fact]
    public async Task The_uses_of_a_variable_are_listed_newest_first()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"), ("B", "1"));
        var crew = await Host.AutomationAsync("crew");
        await crew.PostAsync("/v1/resolve", """{"kickoff":{"id":"run-42","kind":"crew"}}""");
        await Operator.DeleteReplyAsync("/v1/variables/dev/B");
        await crew.PostAsync("/v1/resolve", "{}");
        await Operator.PostAsync("/v1/variables/dev/A/reveal");

        var uses = (await Operator.GetReplyAsync("/v1/variables/dev/A/usage")).ShouldBe(200).Json["items"]!.AsArray();
        uses.Select(static use => $"{use!["action"]} {use["actor"]!["name"]} {use["automation"]} {use["kickoff"]?["id"]} {use["version"]} {use["outcome"]}").ShouldBe(
        [
            "variable.reveal operator   1 success",
            "variable.resolve crew crew  1 withheld",
            "variable.resolve crew crew run-42 1 success",
        ]);
        uses.ShouldAllBe(static use => use!["ageSeconds"]!.GetValue<long>() == 0);
        (await Operator.GetReplyAsync("/v1/variables/dev/NONE/usage")).ShouldBeProblem(404, "variable.not_found");
        (await Operator.GetReplyAsync("/v1/variables/dev/A/usage?scope=project:default")).ShouldBeProblem(404, "variable.not_found");
        var page = await Operator.GetReplyAsync("/v1/variables/dev/A/usage?limit=1");
        (await Operator.GetReplyAsync($"/v1/variables/dev/A/usage?limit=1&cursor={page.Json["nextCursor"]}")).Json["items"]![0]!["outcome"]!.GetValue<string>().ShouldBe("withheld");
    }

    [Fact]
    public async Task The_uses_of_a_personal_variable_are_its_owners_alone()
    {
        var ann = await Host.MemberAsync("ann@example.org");
        var bob = await Host.MemberAsync("bob@example.org");
        foreach (var member in new[] { ann, bob })
        {
            await member.PutAsync("/v1/variables/dev/MINE?scope=personal", """{"value":"1"}""");
            await member.PostAsync("/v1/variables/dev/MINE/reveal?scope=personal");
        }

        (await ann.GetReplyAsync("/v1/variables/dev/MINE/usage?scope=personal")).ShouldBe(200).Json["items"]!.AsArray()
            .Select(static use => (string)use!["actor"]!["name"]!).ShouldBe(["ann@example.org"]);
    }

    [Fact]
    public async Task What_somebody_put_into_the_store_keeps_nobody_from_the_rest_and_is_named()
    {
        await Operator.VariableAsync("dev/A", "1");
        await Operator.PostAsync("/v1/variables/dev/A/reveal");
        string[] queries =
        [
            "/v1/audit-events", "/v1/audit-events?action=variable.reveal", "/v1/audit-events?target=key:A", "/v1/audit-events?kickoff=x&actor=y&from=2026-01-01T00:00:00Z",
            "/v1/variables/dev/A/usage",
        ];
        var before = new List<string>();
        foreach (var query in queries)
        {
            before.Add((await Operator.GetReplyAsync(query)).ShouldBe(200).Json["items"]!.ToJsonString());
        }

        var export = (await Operator.GetReplyAsync("/v1/audit-events/export")).Body;
        const string Target = "\"target\":{\"environment\":\"dev\",\"scope\":\"organization\",\"key\":\"A\"";
        const string Reveal = "\"action\":\"variable.reveal\",\"outcome\":\"success\"";
        await InsertAsync("{nothing of the kind}");
        await InsertAsync($"{{\"id\":\"\\ud800\",{Reveal},{Target}}}}}");
        await InsertAsync($"{{\"id\":\"\u00ff\",{Reveal},{Target}}}}}");
        await InsertAsync($"{{\"\\ud800\":1,{Reveal},{Target}}}}}");
        (await Operator.GetReplyAsync("/v1/audit-events/export")).ShouldBe(200).Body.ShouldBe(export);
        for (var i = 0; i < queries.Length; i++)
        {
            (await Operator.GetReplyAsync(queries[i])).ShouldBe(200).Json["items"]!.ToJsonString().ShouldBe(before[i]);
        }

        // Readable, and yet no events.
        await InsertAsync($"{{{Reveal},{Target}}}}}");
        await InsertAsync($"{{\"at\":7,\"actor\":[],\"kickoff\":1,{Reveal},{Target}}}}}");
        await InsertAsync($"{{\"at\":\"2026-01-02T03:04:05Z\",\"actor\":[],\"kickoff\":1,{Reveal},{Target},\"variables\":7}}}}");
        (await Operator.GetReplyAsync("/v1/audit-events/export")).ShouldBe(200);
        foreach (var query in queries)
        {
            (await Operator.GetReplyAsync(query)).ShouldBe(200);
        }

        (await Operator.GetReplyAsync("/v1/variables/dev/A/usage")).Json["items"]!.AsArray().Count.ShouldBe(1);
        (await Operator.GetReplyAsync("/v1/audit-events/verify")).ShouldBe(200).Json["ok"]!.GetValue<bool>().ShouldBeFalse();
    }

    private int _inserted;

    /// <summary>A row with one event, in no chain of ours, newer than all others.</summary>
    /// <param name="content">In Latin-1: it may be bytes that are no UTF-8.</param>
    private async Task InsertAsync(string content)
    {
        var hash = new string('A', 43);
        var data = Encoding.Latin1.GetBytes($"{content} {hash}\n#1 made-up 1 {hash} {hash}\n");
        var partition = await StoreDump.OrganizationIdAsync(Host, "default");
        var row = FormattableString.Invariant($"audit|{++_inserted:D19}|made-up|{long.MaxValue - 1:D19}");
        (await Host.Services.GetRequiredService<IEntityStore>().WriteAsync(partition, [EntityWrite.Insert(row, data)], CancellationToken.None)).Applied.ShouldBeTrue();
    }

    private async Task<List<string>> ActionsAsync(string query) =>
    [
        .. (await Operator.GetReplyAsync($"/v1/audit-events?{query}")).ShouldBe(200).Json["items"]!.AsArray()
            .Select(static item => $"{item!["actor"]!["type"]}:{item["actor"]!["name"]} {item["action"]}"),
    ];

    private static async Task<string> RecomputeAsync(string export)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(RepositoryPaths.Root, "tests", "node", "verify-audit-export.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start).ShouldNotBeNull();
        await using (var input = node.StandardInput.BaseStream)
        {
            await input.WriteAsync(System.Text.Encoding.UTF8.GetBytes(export));
        }

        var output = await node.StandardOutput.ReadToEndAsync();
        await node.WaitForExitAsync();
        return node.ExitCode == 0 ? output : throw new InvalidOperationException(await node.StandardError.ReadToEndAsync());
    }

    public sealed class Direct() : AuditTrailTests(Head.Direct);

    public sealed class BehindARouter() : AuditTrailTests(Head.BehindARouter);
}
