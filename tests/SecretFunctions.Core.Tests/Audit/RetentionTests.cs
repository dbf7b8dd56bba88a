using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>Old events go, and what stays is verifiable: also where the removal was killed half-way, and long after.</summary>
public sealed class RetentionTests
{
    private const int Days = 7;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task What_is_older_goes_and_what_stays_holds()
    {
        var log = await StartAsync();
        for (var day = 0; day < 30; day++)
        {
            await DayAsync(log);
            (await log.VerifyAsync()).FirstBroken.ShouldBeNull($"day {day}");
        }

        var oldest = await OldestAsync(log, Rows.AuditPrefix);
        AuditRowName.Parse(oldest)!.Value.At.ShouldBeInRange(log.Instance.Clock.GetUtcNow().AddDays(-Days - 1), log.Instance.Clock.GetUtcNow().AddDays(-Days + 1));
        Rows.AuditCheckpointNumber(await OldestAsync(log, Rows.AuditCheckpointPrefix)).ShouldNotBeNull().ShouldBeGreaterThan(1);
        var other = await log.Instance.SecondAsync();
        (await other.Verifier.VerifyAsync(await log.Instance.ViewAsync(), None)).FirstBroken.ShouldBeNull();
    }

    [Fact]
    public async Task Nothing_goes_without_a_setting()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        var before = await log.CountAsync();
        log.Instance.Clock.Advance(TimeSpan.FromDays(400));
        await log.Instance.Maintenance.RunAsync(None);

        (await log.CountAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task A_removal_that_was_killed_half_way_holds_and_goes_on()
    {
        var log = await StartAsync();
        for (var day = 0; day < Days + 2; day++)
        {
            await DayAsync(log, maintain: false);
            await log.CheckpointAsync();
        }

        await KillAtAsync(log, deletions: 2);
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
        await KillAtAsync(log, deletions: 1);
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();

        await log.Instance.Maintenance.RunAsync(None);
        (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
        AuditRowName.Parse(await OldestAsync(log, Rows.AuditPrefix))!.Value.At.ShouldBeGreaterThanOrEqualTo(log.Instance.Clock.GetUtcNow().UtcDateTime.Date.AddDays(-Days));
    }

    [Fact]
    public async Task Somebody_who_removes_more_than_retention_did_is_found()
    {
        var log = await StartAsync();
        for (var day = 0; day < Days + 3; day++)
        {
            await DayAsync(log);
        }

        var name = AuditRowName.Parse(await OldestAsync(log, Rows.AuditPrefix)).ShouldNotBeNull();
        await log.DeleteAsync(name.ToString());

        var broken = (await log.VerifyAsync()).FirstBroken.ShouldNotBeNull();
        (broken.Reason, broken.Chain, broken.Number).ShouldBe((ChainBreaks.Missing, name.Chain, name.First));
    }

    [Fact]
    public async Task Nothing_goes_where_the_checkpoints_do_not_hold()
    {
        var log = await StartAsync();
        await DayAsync(log);
        await DayAsync(log);
        await log.DeleteAsync(Rows.AuditCheckpoint(1));
        var before = await log.CountAsync();
        log.Instance.Clock.Advance(TimeSpan.FromDays(Days));
        await log.Instance.Maintenance.RunAsync(None);

        (await log.CountAsync()).ShouldBe(before);
        log.Instance.Logs.Lines.ShouldContain(static line => line.Contains("its checkpoints do not hold (checkpoint_missing)"));
    }

    [Theory]
    [InlineData(Days + 1)]
    [InlineData(Days + 4)]
    [InlineData(Days + 40)]
    public async Task What_goes_after_a_silence_is_stated_and_what_comes_after_holds(int silence)
    {
        var log = await StartAsync();
        await log.Instance.Maintenance.RunAsync(None);
        var first = await OldestAsync(log, Rows.AuditPrefix);
        log.Instance.Clock.Advance(TimeSpan.FromDays(silence));
        await log.AppendAsync(rows: 1);

        await ShouldHoldAsync(log, rounds: 3);
        (await OldestAsync(log, Rows.AuditPrefix)).ShouldNotBe(first);
        await log.AppendAsync(rows: 1);
        await ShouldHoldAsync(log, rounds: 3);
    }

    [Theory]
    [InlineData(Days + 1)]
    [InlineData(Days + 40)]
    public async Task All_goes_where_nothing_came_since_and_nothing_is_told(int silence)
    {
        var log = await StartAsync();
        await log.Instance.Maintenance.RunAsync(None);
        log.Instance.Clock.Advance(TimeSpan.FromDays(silence));

        await ShouldHoldAsync(log, rounds: 3);
        (await log.CountAsync()).ShouldBe(0);
        log.Instance.Logs.Lines.ShouldNotContain(static line => line.Contains("are kept"));
    }

    [Fact]
    public async Task What_a_clock_wrote_that_is_a_little_ahead_goes_too()
    {
        var log = await StartAsync();
        var clock = new TestClock();
        clock.Advance(TimeSpan.FromSeconds(30));
        await (await Instance.StartAsync(log.Instance.Shared, clock)).Audit.AppendAsync(log.Event("ahead"));
        await log.Instance.Maintenance.RunAsync(None);
        log.Instance.Clock.Advance(TimeSpan.FromDays(Days + 1));

        await ShouldHoldAsync(log, rounds: 2);
        (await log.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Retention_that_is_first_switched_on_after_long_holds()
    {
        var log = await TamperedLog.StartAsync(rows: 1);
        for (var day = 0; day < 20; day++)
        {
            await DayAsync(log);
        }

        log.Instance.Clock.Advance(TimeSpan.FromDays(30));
        var switchedOn = await Instance.StartAsync(log.Instance.Shared, log.Instance.Clock, retentionDays: Days);
        for (var round = 0; round < 3; round++)
        {
            await switchedOn.Maintenance.RunAsync(None);
            switchedOn.Clock.Advance(TimeSpan.FromMinutes(2));
            (await log.VerifyAsync()).FirstBroken.ShouldBeNull();
            (await switchedOn.Verifier.VerifyAsync(await log.Instance.ViewAsync(), None)).FirstBroken.ShouldBeNull();
        }

        (await log.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task What_was_written_before_retention_stated_something_is_in_the_next_checkpoint()
    {
        var log = await StartAsync();
        await log.Instance.Maintenance.RunAsync(None);
        log.Instance.Clock.Advance(TimeSpan.FromDays(Days + 1));
        await log.AppendAsync(rows: 1);
        await log.CheckpointAsync();
        var second = await log.Instance.SecondAsync();
        log.Instance.Store.AfterQuery = async range =>
        {
            if (range.From != Rows.AuditPrefix && range.From.StartsWith(Rows.AuditPrefix, StringComparison.Ordinal))
            {
                // Retention has begun.
                log.Instance.Store.AfterQuery = null;
                await second.Audit.AppendAsync(log.Event("meanwhile"));
                log.Instance.Clock.Advance(TimeSpan.FromMinutes(5));
            }
        };
        await log.Instance.Maintenance.RunAsync(None);
        log.Instance.Store.AfterQuery.ShouldBeNull();
        await log.CheckpointAsync();

        var name = AuditRowName.Parse((await log.RowAsync(0, newestFirst: true)).Key.Row).ShouldNotBeNull();
        await log.DeleteAsync(name.ToString());
        var third = await log.Instance.SecondAsync();
        (await third.Verifier.VerifyAsync(await log.Instance.ViewAsync(), None)).FirstBroken.ShouldNotBeNull().Chain.ShouldBe(name.Chain);
    }

    private static async Task ShouldHoldAsync(TamperedLog log, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            await log.Instance.Maintenance.RunAsync(None);
            log.Instance.Clock.Advance(TimeSpan.FromMinutes(2));
            var broken = (await log.VerifyAsync()).FirstBroken;
            broken.ShouldBeNull($"round {round}: {broken}");
        }
    }

    private static async Task<TamperedLog> StartAsync() => await TamperedLog.StartAsync(rows: 1, instance: await Instance.StartAsync(retentionDays: Days));

    /// <summary>Rows in several chains and hours, so that days begin within chains.</summary>
    private static async Task DayAsync(TamperedLog log, bool maintain = true)
    {
        for (var i = 0; i < 4; i++)
        {
            await log.AppendAsync(rows: 3);
            log.Instance.Clock.Advance(TimeSpan.FromHours(6));
            if (maintain)
            {
                await log.Instance.Maintenance.RunAsync(None);
            }
        }
    }

    /// <summary>The store goes away after some transactions that delete one row each.</summary>
    private static async Task KillAtAsync(TamperedLog log, int deletions)
    {
        var left = deletions;
        log.Instance.Store.BeforeWrite = async writes =>
        {
            if (writes.All(static write => write.Kind == WriteKind.Delete) && writes[0].Row.StartsWith(Rows.AuditPrefix, StringComparison.Ordinal))
            {
                foreach (var write in writes.Take(left))
                {
                    await log.DeleteAsync(write.Row);
                }

                throw new StoreUnavailableException("Killed.");
            }
        };
        await log.Instance.Maintenance.RunAsync(None);
        log.Instance.Store.BeforeWrite = null;
        log.Instance.Clock.Advance(TimeSpan.FromMinutes(2));
    }

    private static async Task<string> OldestAsync(TamperedLog log, string prefix)
    {
        var oldest = "";
        await foreach (var row in log.RowsAsync(prefix))
        {
            oldest = row.Key.Row;
        }

        return oldest;
    }
}
