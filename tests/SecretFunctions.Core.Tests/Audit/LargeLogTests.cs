using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>A hundred thousand events, in rows as load makes them.</summary>
public sealed class LargeLogTests
{
    private const int Events = 100_000;
    private const int PerRow = 40;

    [Fact]
    public async Task One_flipped_byte_one_missing_row_and_two_swapped_rows_among_a_hundred_thousand_events_are_each_found_and_named()
    {
        var log = await TamperedLog.StartAsync(Events / PerRow, PerRow);
        await log.CheckpointAsync();
        (await log.VerifyAsync()).ShouldSatisfyAllConditions(
            static report => report.FirstBroken.ShouldBeNull(),
            static report => report.Events.ShouldBeGreaterThanOrEqualTo(Events));

        var rows = new List<Entity>();
        await foreach (var row in log.RowsAsync())
        {
            rows.Add(row);
        }

        var (one, other) = (rows[700], rows[1500]);
        await FlipAsync(log, one, at: one.Data.Length / 2);
        await log.DeleteAsync(one.Key.Row);
        await ShouldBeAsync(log, ChainBreaks.Missing, one);
        await log.ReplaceAsync(one.Key.Row, other.Data.ToArray());
        await log.ReplaceAsync(other.Key.Row, one.Data.ToArray());
        await ShouldBeAsync(log, ChainBreaks.Reordered, other);
    }

    private static async Task FlipAsync(TamperedLog log, Entity row, int at)
    {
        var data = row.Data.ToArray();
        data[at] ^= 0x01;
        await log.ReplaceAsync(row.Key.Row, data);
        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();

        // The event that has the byte, whose line it is in.
        var line = row.Data.Span[..at].Count((byte)'\n') - 1;
        broken.Reason.ShouldBe(ChainBreaks.Changed);
        broken.Number.ShouldBe(AuditRowName.Parse(row.Key.Row)!.Value.First + line);
        broken.EventId.ShouldNotBeNull();
        await log.ReplaceAsync(row.Key.Row, row.Data.ToArray());
    }

    private static async Task ShouldBeAsync(TamperedLog log, string reason, Entity row)
    {
        var name = AuditRowName.Parse(row.Key.Row).ShouldNotBeNull();
        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number).ShouldBe((reason, name.Chain, name.First));
    }
}
