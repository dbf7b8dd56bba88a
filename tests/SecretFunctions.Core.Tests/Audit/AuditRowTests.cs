using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;

namespace SecretFunctions.Core.Tests.Audit;

public sealed class AuditRowTests
{
    private static readonly byte[] First = """[{"key":"A","outcome":"success"}]"""u8.ToArray();
    private static readonly byte[] Second = """[{"key":"B","outcome":"success"}]"""u8.ToArray();

    [Fact]
    public void Events_come_back_in_their_order_each_with_its_own_list()
    {
        var row = new AuditRow();
        AddAll(row, Event("1", First), Event("2", Second), Event("3", default), Event("4", First), Event("5", Second));

        var events = Read(row.Data).Select(static json => JsonDocument.Parse(json).RootElement).ToArray();

        events.Select(static found => found.GetProperty("action").GetString()).ShouldBe(["1", "2", "3", "4", "5"]);
        events.Select(ListOf).ShouldBe([First, Second, null, First, Second]);
    }

    [Fact]
    public void A_list_that_events_share_stands_once_in_the_row()
    {
        var row = new AuditRow();
        AddAll(row, [.. Enumerable.Range(0, 100).Select(static number => Event($"{number}", First))]);

        Encoding.UTF8.GetString(row.Data.Span).Split("\"key\":\"A\"").Length.ShouldBe(2);
        Read(row.Data).Count.ShouldBe(100);
    }

    [Fact]
    public void An_event_that_talks_of_lists_is_not_taken_for_one_that_names_one()
    {
        const string Trap = "\"variables\":{\"line\":0}";
        var row = new AuditRow();
        AddAll(row, Event("list", First), Event(Trap, default) with { Target = [new("variables", Trap)] }, Event(Trap, Second));

        var events = Read(row.Data).Select(static json => JsonDocument.Parse(json).RootElement).ToArray();

        events[1].GetProperty("action").GetString().ShouldBe(Trap);
        events[1].GetProperty("target").GetProperty("variables").GetString().ShouldBe(Trap);
        ListOf(events[2]).ShouldBe(Second);
    }

    [Fact]
    public void A_row_that_is_used_again_keeps_nothing()
    {
        var row = new AuditRow();
        AddAll(row, Event("before", First));
        row.Clear();
        AddAll(row, Event("after", First));

        row.Events.ShouldBe(1);
        ListOf(JsonDocument.Parse(Read(row.Data).ShouldHaveSingleItem()).RootElement).ShouldBe(First);
    }

    [Fact]
    public void Rows_with_their_lists_in_place_are_read_as_they_are()
    {
        var line = """{"id":"1","action":"variable.resolve","target":{"automation":"a","variables":[{"key":"A"}]},"outcome":"success"}""";

        Encoding.UTF8.GetString(Read(Encoding.UTF8.GetBytes($"{line}\n")).ShouldHaveSingleItem()).ShouldBe(line);
    }

    [Theory]
    [InlineData('"', true)]
    [InlineData('"', false)]
    [InlineData('=', true)]
    [InlineData('\u00ff', false)]
    public void A_hash_that_is_none_makes_no_row(char instead, bool previous)
    {
        var row = new AuditRow();
        AddAll(row, Event("1", default));
        row.Seal(ChainHead.Start("chain-1", default), "row", default, null);
        var text = Encoding.Latin1.GetString(row.Data.Span);
        var at = previous ? text.IndexOf(EventHash.None, StringComparison.Ordinal) : text.IndexOf("} ", StringComparison.Ordinal) + 2;

        StoredRow.Parse("row", row.Data).ShouldNotBeNull();
        StoredRow.Parse("row", Encoding.Latin1.GetBytes(text[..at] + instead + text[(at + 1)..])).ShouldBeNull();
    }

    private static List<byte[]> Read(ReadOnlyMemory<byte> data) => [.. StoredRow.Parse("row", data).ShouldNotBeNull().Events.Select(static found => found.Content)];

    private static byte[]? ListOf(JsonElement found) =>
        found.GetProperty("target").TryGetProperty("variables", out var list) ? Encoding.UTF8.GetBytes(list.GetRawText()) : null;

    private static void AddAll(AuditRow row, params AuditEvent[] events)
    {
        foreach (var one in events)
        {
            row.Add(EventLine.Of(one));
        }
    }

    private static AuditEvent Event(string action, ReadOnlyMemory<byte> variables) =>
        new(DateTimeOffset.UnixEpoch, new Caller("abcdefghij", "acme", Principal.Operator, Permissions.All), action, AuditEvent.Success) { VariablesJson = variables };
}
