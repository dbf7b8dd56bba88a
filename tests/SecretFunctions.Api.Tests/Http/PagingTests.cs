using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Http;

public abstract class PagingTests(Head head) : ApiTest(head)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var name in "abcde")
        {
            await Operator.AutomationAsync($"{name}");
            await Operator.VariableAsync($"dev/{name}", "1", "even");
        }
    }

    [Theory]
    [InlineData("/v1/automations", 1)]
    [InlineData("/v1/automations?project=default", 2)]
    [InlineData("/v1/variables", 2)]
    [InlineData("/v1/variables?environment=dev&tag=even", 3)]
    [InlineData("/v1/variables?scope=organization", 5)]
    [InlineData("/v1/variables", 200)]
    public async Task Pages_follow_one_another_without_gap_or_repetition(string list, int limit) =>
        (await ReadAsync(list, limit)).ShouldBe(["a", "b", "c", "d", "e"]);

    [Fact]
    public async Task Audit_events_are_paged_newest_first()
    {
        var all = (await Operator.GetReplyAsync("/v1/audit-events?limit=200")).Items.ToArray();
        all.Length.ShouldBe(11);
        (await ReadAsync("/v1/audit-events", 2)).ShouldBe(all);
    }

    [Fact]
    public async Task A_cursor_from_elsewhere_is_refused()
    {
        await Host.OrganizationAsync("acme");
        var cursor = (await Operator.GetReplyAsync("/v1/automations?limit=2")).NextCursor!;
        (await Operator.GetReplyAsync($"/v1/automations?limit=3&cursor={cursor}")).Items.ShouldBe(["c", "d", "e"]);

        foreach (var elsewhere in new[]
        {
            await Operator.GetReplyAsync($"/v1/variables?cursor={cursor}"),
            await Operator.GetReplyAsync($"/v1/projects?cursor={cursor}"),
            await Operator.GetReplyAsync($"/v1/automations?project=default&cursor={cursor}"),
            await Host.OperatorOf("acme").GetReplyAsync($"/v1/automations?cursor={cursor}"),
        })
        {
            elsewhere.ShouldBeProblem(400, "cursor.invalid");
        }
    }

    [Fact]
    public async Task A_cursor_that_was_tampered_with_is_refused()
    {
        var cursor = (await Operator.GetReplyAsync("/v1/automations?limit=2")).NextCursor!;
        for (var i = 0; i < cursor.Length; i++)
        {
            var changed = cursor[..i] + (cursor[i] == 'A' ? 'B' : 'A') + cursor[(i + 1)..];
            (await Operator.GetReplyAsync($"/v1/automations?cursor={changed}")).ShouldBeProblem(400, "cursor.invalid");
        }

        foreach (var made in new[] { "x", "====", "%00", "a%20b", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", cursor + "A", cursor[..^2], new string('A', 10_000) })
        {
            (await Operator.GetReplyAsync($"/v1/automations?cursor={made}")).ShouldBeProblem(400, "cursor.invalid");
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("201")]
    [InlineData("-1")]
    [InlineData("ten")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    public async Task A_limit_is_from_1_to_200(string limit) =>
        (await Operator.GetReplyAsync($"/v1/automations?limit={limit}")).ShouldBeProblem(400, "limit.invalid");

    private async Task<List<string>> ReadAsync(string list, int limit)
    {
        var items = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await Operator.GetReplyAsync($"{list}{(list.Contains('?') ? '&' : '?')}limit={limit}{(cursor is null ? "" : $"&cursor={cursor}")}")).ShouldBe(200);
            page.Items.Count().ShouldBeLessThanOrEqualTo(limit);
            items.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return items;
    }

    public sealed class Direct() : PagingTests(Head.Direct);

    public sealed class BehindARouter() : PagingTests(Head.BehindARouter);
}
