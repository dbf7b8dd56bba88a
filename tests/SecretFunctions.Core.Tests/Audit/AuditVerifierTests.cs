using System.Text;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>Somebody who can write the store, and what verifying says of what they did: that something is wrong, what, and where first.</summary>
public sealed class AuditVerifierTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_log_that_nobody_touched_holds()
    {
        var log = await TamperedLog.StartAsync(rows: 10);

        var report = await log.VerifyAsync();
        report.FirstBroken.ShouldBeNull();
        report.Events.ShouldBe(await log.CountAsync());
    }

    [Fact]
    public async Task Every_bit_of_a_row_that_is_flipped_is_found_and_its_event_named()
    {
        var log = await TamperedLog.StartAsync(rows: 3, perRow: 3);
        var row = await log.RowAsync(1);
        var original = row.Data.ToArray();
        var parsed = StoredRow.Parse(row.Key.Row, original).ShouldNotBeNull();
        var name = AuditRowName.Parse(row.Key.Row).ShouldNotBeNull();
        for (var bit = 0; bit < original.Length * 8; bit++)
        {
            var (i, changed) = (bit / 8, original.ToArray());
            changed[i] ^= (byte)(1 << (bit % 8));
            await log.ReplaceAsync(row.Key.Row, changed);

            var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull($"at {i}");
            broken.Reason.ShouldBe(ChainBreaks.Changed, $"at {i}");
            broken.Chain.ShouldBe(name.Chain);
            broken.Number.ShouldBeInRange(name.First, name.First + parsed.Events.Count - 1);
            broken.At.ShouldBe(name.At);
        }

        var third = Encoding.UTF8.GetString(original).Replace("\"action\":\"1-2\"", "\"action\":\"1-9\"", StringComparison.Ordinal);
        await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(third));
        var named = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        named.Number.ShouldBe(name.First + 2);
        named.EventId.ShouldBe(RowCheck.IdOf(parsed.Events[2]));
    }

    [Fact]
    public async Task A_list_of_variables_that_was_replaced_by_its_digest_is_found()
    {
        var log = await TamperedLog.StartAsync(rows: 3, perRow: 2);
        var row = await log.RowAsync(1);
        var lines = Encoding.UTF8.GetString(row.Data.Span).Split('\n');
        var digest = EventHash.Digest(Encoding.UTF8.GetBytes(lines[0]));
        var replaced = string.Join('\n', lines.Skip(1)).Replace("{\"line\":0}", $"\"sha256:{digest}\"", StringComparison.Ordinal);
        await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(replaced));

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number).ShouldBe((ChainBreaks.Changed, AuditRowName.Parse(row.Key.Row)!.Value.First));
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("\u00ff")]
    public async Task An_event_whose_id_cannot_be_read_is_named_without_it_and_stops_no_checkpoint(string id)
    {
        var log = await TamperedLog.StartAsync(rows: 3);
        var row = await log.RowAsync(1);

        // Latin-1: the second is a byte that is no UTF-8.
        var changed = Encoding.Latin1.GetString(row.Data.Span).Replace("{\"id\":\"", $"{{\"id\":\"{id}", StringComparison.Ordinal);
        await log.ReplaceAsync(row.Key.Row, Encoding.Latin1.GetBytes(changed));
        await (await log.Instance.SecondAsync()).Audit.AppendAsync(log.Event("elsewhere"));

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.EventId).ShouldBe((ChainBreaks.Changed, null));
        await log.CheckpointAsync();
        (await log.VerifyAsync()).Checkpoint.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_row_that_is_missing_between_others_is_named_by_the_first_number_that_is_gone()
    {
        var log = await TamperedLog.StartAsync(rows: 6, perRow: 3);
        var name = AuditRowName.Parse((await log.RowAsync(2)).Key.Row).ShouldNotBeNull();
        await log.DeleteAsync(name.ToString());

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number).ShouldBe((ChainBreaks.Missing, name.Chain, name.First));
    }

    [Fact]
    public async Task Two_rows_that_changed_places_are_named()
    {
        var log = await TamperedLog.StartAsync(rows: 6, perRow: 3);
        var (older, newer) = (await log.RowAsync(1), await log.RowAsync(4));
        await log.ReplaceAsync(older.Key.Row, newer.Data.ToArray());
        await log.ReplaceAsync(newer.Key.Row, older.Data.ToArray());

        var name = AuditRowName.Parse(older.Key.Row).ShouldNotBeNull();
        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number, broken.At).ShouldBe((ChainBreaks.Reordered, name.Chain, name.First, name.At));
        broken.EventId.ShouldBe(RowCheck.IdOf(StoredRow.Parse("row", newer.Data)!.Events[0]));
    }

    [Fact]
    public async Task Two_events_of_a_row_that_changed_places_are_named()
    {
        var log = await TamperedLog.StartAsync(rows: 3, perRow: 3);
        var row = await log.RowAsync(1);
        var lines = Encoding.UTF8.GetString(row.Data.Span).Split('\n');
        (lines[1], lines[2]) = (lines[2], lines[1]);
        await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(string.Join('\n', lines)));

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number).ShouldBe((ChainBreaks.Changed, AuditRowName.Parse(row.Key.Row)!.Value.First));
    }

    [Fact]
    public async Task A_row_that_was_copied_to_another_place_or_made_up_was_inserted()
    {
        var log = await TamperedLog.StartAsync(rows: 6);
        var row = await log.RowAsync(3);
        var name = AuditRowName.Parse(row.Key.Row).ShouldNotBeNull();

        var copied = name with { At = name.At.AddDays(-1) };
        await log.InsertAsync(copied.ToString(), row.Data.ToArray());
        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.At).ShouldBe((ChainBreaks.Inserted, copied.At));
        await log.DeleteAsync(copied.ToString());

        var madeUp = new AuditRow();
        madeUp.Add(EventLine.Of(log.Event("variable.reveal")));
        var invented = new AuditRowName(name.At, "0123456789abcdef0123-1", 1);
        madeUp.Seal(ChainHead.Start(invented.Chain, default), invented.ToString(), invented.At, TamperedLog.SomebodysKey);
        await log.InsertAsync(invented.ToString(), madeUp.Data.ToArray());
        broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number).ShouldBe((ChainBreaks.Inserted, invented.Chain, 1));
    }

    [Fact]
    public async Task A_row_that_was_made_up_between_others_is_named_and_those_are_not()
    {
        var log = await TamperedLog.StartAsync(rows: 6, perRow: 3);
        var older = AuditRowName.Parse((await log.RowAsync(3)).Key.Row).ShouldNotBeNull();
        var madeUp = new AuditRow();
        madeUp.Add(EventLine.Of(log.Event("variable.reveal")));
        var name = older with { At = older.At.AddMilliseconds(500), First = older.First + 2 };
        madeUp.Seal(new ChainHead(name.Chain, name.First - 1, EventHash.None, default), name.ToString(), name.At, TamperedLog.SomebodysKey);
        await log.InsertAsync(name.ToString(), madeUp.Data.ToArray());

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Chain, broken.Number, broken.At).ShouldBe((name.Chain, name.First, name.At));
    }

    [Fact]
    public async Task The_only_row_of_a_chain_that_was_changed_is_named_by_its_event()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        var second = await log.Instance.SecondAsync();
        await second.Audit.AppendAsync(log.Event("elsewhere"));
        await log.CheckpointAsync();
        var row = await log.RowAsync(0, newestFirst: true);
        await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Data.Span).Replace("elsewhere", "nowhere", StringComparison.Ordinal)));

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number, broken.EventId).ShouldBe((ChainBreaks.Changed, 1, RowCheck.IdOf(StoredRow.Parse("row", row.Data)!.Events[0])));
    }

    [Fact]
    public async Task A_row_at_the_end_of_a_chain_that_nobody_with_the_key_wrote_was_inserted()
    {
        var log = await TamperedLog.StartAsync(rows: 6);
        await log.CheckpointAsync();
        var head = log.Instance.Audit.ChainsOf(log.OrganizationId).Heads.MaxBy(static head => head.Number)!;
        var madeUp = new AuditRow();
        madeUp.Add(EventLine.Of(log.Event("variable.reveal")));
        var name = new AuditRowName(head.At.AddMinutes(1), head.Chain, head.Number + 1);
        madeUp.Seal(head, name.ToString(), name.At, TamperedLog.SomebodysKey);
        await log.InsertAsync(name.ToString(), madeUp.Data.ToArray());

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number).ShouldBe((ChainBreaks.Inserted, name.Chain, name.First));
    }

    [Fact]
    public async Task A_tail_that_is_missing_shows_by_the_last_checkpoint_to_another_instance_and_by_memory_to_its_writer()
    {
        var log = await TamperedLog.StartAsync(rows: 6);
        await log.CheckpointAsync();
        var last = await log.RowAsync(0, newestFirst: true);
        var name = AuditRowName.Parse(last.Key.Row).ShouldNotBeNull();
        await log.DeleteAsync(last.Key.Row);
        var other = await log.Instance.SecondAsync();

        foreach (var verifier in new[] { log.Instance.Verifier, other.Verifier })
        {
            var broken = (await verifier.VerifyAsync(await log.Instance.ViewAsync(), None)).FirstBroken.ShouldNotBeNull();
            (broken.Reason, broken.Chain, broken.Number).ShouldBe((ChainBreaks.TailMissing, name.Chain, name.First));
        }
    }

    [Fact]
    public async Task A_tail_after_the_last_checkpoint_shows_to_its_writer_alone()
    {
        var log = await TamperedLog.StartAsync(rows: 3);
        await log.CheckpointAsync();
        log.Instance.Clock.Advance(TimeSpan.FromSeconds(1));
        await log.Instance.Audit.AppendAsync(log.Event("last"));
        await log.DeleteAsync((await log.RowAsync(0, newestFirst: true)).Key.Row);

        (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull().Reason.ShouldBe(ChainBreaks.TailMissing);
        (await (await log.Instance.SecondAsync()).Verifier.VerifyAsync(await log.Instance.ViewAsync(), None)).FirstBroken.ShouldBeNull();
    }

    [Fact]
    public async Task A_chain_that_is_missing_as_a_whole_shows_by_the_checkpoint()
    {
        var log = await TamperedLog.StartAsync(rows: 3);
        var second = await log.Instance.SecondAsync();
        await second.Audit.AppendAsync(log.Event("elsewhere"));
        await log.CheckpointAsync();
        var chain = second.Audit.ChainsOf(log.OrganizationId).Heads.ShouldHaveSingleItem().Chain;
        await foreach (var row in log.RowsAsync())
        {
            if (AuditRowName.Parse(row.Key.Row)!.Value.Chain == chain)
            {
                await log.DeleteAsync(row.Key.Row);
            }
        }

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number).ShouldBe((ChainBreaks.ChainMissing, chain, 1));
    }

    [Fact]
    public async Task The_beginning_of_a_chain_that_is_missing_shows()
    {
        var log = await TamperedLog.StartAsync(rows: 3);
        var oldest = await log.RowAsync(0);
        await log.DeleteAsync(oldest.Key.Row);

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number).ShouldBe((ChainBreaks.Missing, AuditRowName.Parse(oldest.Key.Row)!.Value.First));
    }

    [Fact]
    public async Task Of_several_the_first_is_named()
    {
        var log = await TamperedLog.StartAsync(rows: 8, perRow: 2);
        await log.DeleteAsync((await log.RowAsync(6)).Key.Row);
        var row = await log.RowAsync(2);
        await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Data.Span).Replace("\"outcome\":\"success\"", "\"outcome\":\"failure\"", StringComparison.Ordinal)));

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number).ShouldBe((ChainBreaks.Changed, AuditRowName.Parse(row.Key.Row)!.Value.First));
    }

    [Fact]
    public async Task The_deployments_own_log_is_verified_too()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        var caller = log.Instance.Owner with { OrganizationId = Rows.Deployment };
        for (var i = 0; i < 3; i++)
        {
            await log.Instance.Audit.AppendAsync(new AuditEvent(log.Instance.Clock.GetUtcNow(), caller, $"signing-key.{i}", AuditEvent.Success));
            log.Instance.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        (await log.Instance.Verifier.VerifyDeploymentAsync(None)).FirstBroken.ShouldBeNull();
        var rows = new List<Entity>();
        await foreach (var row in log.Instance.Shared.ReadAllAsync(EntityRange.Prefix(Rows.Deployment, Rows.AuditPrefix), 10, None))
        {
            rows.Add(row);
        }

        await log.Instance.Shared.WriteAsync(Rows.Deployment, [EntityWrite.Delete(rows[1].Key.Row, null)], None);
        var broken = (await log.Instance.Verifier.VerifyDeploymentAsync(None)).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number).ShouldBe((ChainBreaks.Missing, 2));
    }
}
