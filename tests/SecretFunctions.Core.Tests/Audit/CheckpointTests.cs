using System.Text;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>Checkpoints: made where something advanced, by whichever instance; signed; and verifiable after their key is gone.</summary>
public sealed class CheckpointTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_checkpoint_binds_all_chains_that_advanced_and_none_is_made_where_none_did()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        var second = await log.Instance.SecondAsync();
        await second.Audit.AppendAsync(log.Event("elsewhere"));
        await log.CheckpointAsync();
        await log.CheckpointAsync();

        var checkpoint = (await CheckpointsAsync(log)).ShouldHaveSingleItem().Checkpoint;
        var heads = log.Instance.Audit.ChainsOf(log.OrganizationId).Heads.Concat(second.Audit.ChainsOf(log.OrganizationId).Heads);
        checkpoint.Heads.ShouldBe(heads, ignoreOrder: true);
    }

    [Fact]
    public async Task The_next_one_holds_what_advanced_since_and_goes_on_from_the_one_before()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        await log.CheckpointAsync();
        await log.AppendAsync(rows: 3);
        await log.CheckpointAsync();

        var all = await CheckpointsAsync(log);
        all.Select(static taken => taken.Checkpoint.Number).ShouldBe([2, 1]);
        all[0].Checkpoint.Previous.ShouldBe(all[1].Hash);
        all[0].Checkpoint.Heads.ShouldBe(log.Instance.Audit.ChainsOf(log.OrganizationId).Heads);
        (await log.VerifyAsync()).ShouldSatisfyAllConditions(
            static report => report.FirstBroken.ShouldBeNull(),
            report => report.Checkpoint.ShouldBe((2, all[0].Checkpoint.At, all[0].Hash, null)));
    }

    [Fact]
    public async Task A_chain_that_rested_is_followed_on_from_an_earlier_checkpoint()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        await log.CheckpointAsync();
        var second = await log.Instance.SecondAsync();
        for (var i = 0; i < 5; i++)
        {
            log.Instance.Clock.Advance(TimeSpan.FromMinutes(10));
            await second.Audit.AppendAsync(log.Event($"elsewhere {i}"));
            await log.CheckpointAsync();
        }

        await log.AppendAsync(rows: 1);
        await log.CheckpointAsync();

        (await CheckpointsAsync(log))[0].Checkpoint.Heads.ShouldBe(log.Instance.Audit.ChainsOf(log.OrganizationId).Heads);
        log.Instance.Logs.Lines.ShouldNotContain(static line => line.Contains("not as it was written"));
    }

    [Fact]
    public async Task What_does_not_hold_is_told_once_and_not_vouched_for_while_other_chains_are()
    {
        var log = await TamperedLog.StartAsync(rows: 4);
        var row = await log.RowAsync(1);
        await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(row.Data.Span).Replace("\"action\":\"1-0\"", "\"action\":\"9-0\"", StringComparison.Ordinal)));
        var second = await log.Instance.SecondAsync();
        await second.Audit.AppendAsync(log.Event("elsewhere"));
        await log.CheckpointAsync();
        await log.AppendAsync(rows: 1);
        await log.CheckpointAsync();

        (await CheckpointsAsync(log)).SelectMany(static taken => taken.Checkpoint.Heads).ShouldBe(second.Audit.ChainsOf(log.OrganizationId).Heads);
        log.Instance.Logs.Lines.Count(static line => line.Contains("is not as it was written: changed", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task A_row_that_is_missing_since_the_last_checkpoint_is_told_and_its_chain_not_vouched_for()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        await log.CheckpointAsync();
        await log.AppendAsync(rows: 3);
        await log.DeleteAsync((await log.RowAsync(3)).Key.Row);
        await log.CheckpointAsync();

        (await CheckpointsAsync(log)).Count.ShouldBe(1);
        log.Instance.Logs.Lines.ShouldContain(static line => line.Contains("is not as it was written: missing"));
    }

    [Fact]
    public async Task Two_instances_at_once_make_one()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        var second = await log.Instance.SecondAsync();
        var view = await log.Instance.ViewAsync();
        await Task.WhenAll(log.CheckpointAsync(), second.CheckpointMaker.AdvanceAsync(view, None));

        (await CheckpointsAsync(log)).Count.ShouldBe(1);
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
    }

    [Fact]
    public async Task A_checkpoint_is_signed_by_the_issuers_key_and_holds_after_that_was_rotated_away_and_revoked()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        var instance = log.Instance;
        instance.Issuer.Announce("https://secrets.example.org");
        await log.CheckpointAsync();
        var signed = (await CheckpointsAsync(log)).ShouldHaveSingleItem();
        var published = (await instance.IssuerKeys.GetPublishedAsync(None)).ShouldSucceed();
        DetachedSignature.Verify(signed.Signature.ShouldNotBeNull(), SealedCheckpoint.Type, signed.Json, published).ShouldBe(true);
        DetachedSignature.Verify(signed.Signature, SealedCheckpoint.Type, [.. signed.Json, (byte)' '], published).ShouldBe(false);
        DetachedSignature.Verify(signed.Signature, "JWT", signed.Json, published).ShouldBe(false);

        var active = published.ShouldHaveSingleItem().KeyId;
        (await log.VerifyAsync()).Checkpoint.ShouldNotBeNull().SignedBy.ShouldBe(active);
        (await instance.SigningKeys.RevokeAsync(instance.Owner, active, Precondition.None, None)).ShouldBeNull();
        (await instance.IssuerKeys.GetPublishedAsync(None)).ShouldSucceed().Select(static key => key.KeyId).ShouldNotContain(active);
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
        (await log.VerifyAsync()).Checkpoint.ShouldNotBeNull().SignedBy.ShouldBe(active);

        await log.AppendAsync(rows: 1);
        await log.CheckpointAsync();
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
    }

    [Fact]
    public async Task A_checkpoint_that_was_changed_or_signed_by_nobody_is_named()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        log.Instance.Issuer.Announce("https://secrets.example.org");
        await log.CheckpointAsync();
        await log.AppendAsync(rows: 1);
        await log.CheckpointAsync();
        var all = await CheckpointsAsync(log);
        var row = Rows.AuditCheckpoint(1);

        await log.ReplaceAsync(row, SealedCheckpoint.Write(row, all[1].Json, all[0].Signature, (await log.Instance.ViewAsync()).Keys.Audit));
        await ShouldBeNamedAsync(log, ChainBreaks.CheckpointChanged, 1);

        await log.ReplaceAsync(row, SealedCheckpoint.Write(row, all[1].Json, all[1].Signature, TamperedLog.SomebodysKey));
        await ShouldBeNamedAsync(log, ChainBreaks.CheckpointChanged, 1);

        var another = SealedCheckpoint.JsonOf(all[1].Checkpoint with { Heads = [] });
        await log.ReplaceAsync(row, SealedCheckpoint.Write(row, another, null, (await log.Instance.ViewAsync()).Keys.Audit));
        await ShouldBeNamedAsync(log, ChainBreaks.CheckpointChanged, 1);

        await log.ReplaceAsync(row, "nothing of the kind"u8.ToArray());
        await ShouldBeNamedAsync(log, ChainBreaks.CheckpointChanged, 1);
    }

    [Fact]
    public async Task A_checkpoint_whose_signature_was_taken_off_is_named()
    {
        var log = await TamperedLog.StartAsync(rows: 2);
        log.Instance.Issuer.Announce("https://secrets.example.org");
        await log.CheckpointAsync();
        await foreach (var row in log.RowsAsync(Rows.AuditCheckpointPrefix))
        {
            var lines = Encoding.UTF8.GetString(row.Data.Span).Split('\n');
            lines[1] = "-";
            await log.ReplaceAsync(row.Key.Row, Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }

        await ShouldBeNamedAsync(log, ChainBreaks.CheckpointChanged, 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_checkpoint_that_is_missing_is_named(long number)
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        for (var i = 0; i < 3; i++)
        {
            await log.AppendAsync(rows: 1);
            await log.CheckpointAsync();
        }

        await log.DeleteAsync(Rows.AuditCheckpoint(number));

        await ShouldBeNamedAsync(log, ChainBreaks.CheckpointMissing, number);
    }

    [Fact]
    public async Task No_checkpoint_is_made_after_one_that_was_changed()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        await log.CheckpointAsync();
        await log.ReplaceAsync(Rows.AuditCheckpoint(1), "{}\n-\n-\n"u8.ToArray());
        await log.AppendAsync(rows: 1);
        await log.CheckpointAsync();

        (await log.Instance.Shared.GetAsync(new EntityKey(log.OrganizationId, Rows.AuditCheckpoint(2)), None)).ShouldBeNull();
        log.Instance.Logs.Lines.ShouldContain(static line => line.Contains("checkpoint_changed"));
    }

    [Fact]
    public async Task What_is_written_while_one_is_made_is_in_the_next()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        var second = await log.Instance.SecondAsync();
        log.Instance.Store.AfterQuery = async range =>
        {
            if (range.From == Rows.AuditPrefix)
            {
                log.Instance.Store.AfterQuery = null;
                await second.Audit.AppendAsync(log.Event("meanwhile"));
                log.Instance.Clock.Advance(TimeSpan.FromMinutes(5));
            }
        };
        await log.CheckpointAsync();
        log.Instance.Store.AfterQuery.ShouldBeNull();
        await log.CheckpointAsync();

        (await CheckpointsAsync(log))[0].Checkpoint.Heads.ShouldBe(second.Audit.ChainsOf(log.OrganizationId).Heads);
    }

    [Fact]
    public async Task One_from_a_clock_that_ran_ahead_is_told_once_and_stops_none()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        var clock = new TestClock();
        clock.Advance(TimeSpan.FromDays(3));
        var ahead = await Instance.StartAsync(log.Instance.Shared, clock);
        await ahead.Audit.AppendAsync(log.Event("ahead"));
        await ahead.CheckpointMaker.AdvanceAsync(await log.Instance.ViewAsync(), None);
        for (var i = 0; i < 2; i++)
        {
            await ahead.Audit.AppendAsync(log.Event("ahead"));
            await ahead.CheckpointMaker.AdvanceAsync(await log.Instance.ViewAsync(), None);
            await log.AppendAsync(rows: 2);
            await log.CheckpointAsync();
            (await CheckpointsAsync(log))[0].Checkpoint.Heads.ShouldBe(log.Instance.Audit.ChainsOf(log.OrganizationId).Heads);
        }

        log.Instance.Logs.Lines.Count(static line => line.Contains("from a clock that is ahead", StringComparison.Ordinal)).ShouldBe(1);
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
    }

    [Fact]
    public async Task A_round_of_maintenance_makes_one()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        await log.Instance.Maintenance.RunAsync(None);

        (await CheckpointsAsync(log)).Count.ShouldBe(1);
    }

    private static async Task ShouldBeNamedAsync(TamperedLog log, string reason, long number)
    {
        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Number).ShouldBe((reason, number));
    }

    /// <summary>Newest first.</summary>
    private static async Task<List<SealedCheckpoint>> CheckpointsAsync(TamperedLog log)
    {
        var key = (await log.Instance.ViewAsync()).Keys.Audit;
        var all = new List<SealedCheckpoint>();
        await foreach (var entity in log.RowsAsync(Rows.AuditCheckpointPrefix))
        {
            all.Add(SealedCheckpoint.Read(entity, log.OrganizationId, key).ShouldNotBeNull());
        }

        return all;
    }
}
