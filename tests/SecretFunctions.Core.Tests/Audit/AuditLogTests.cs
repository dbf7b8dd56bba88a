using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Telemetry;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Audit;

public sealed class AuditLogTests : IAsyncLifetime
{
    private const string Organization = "abcdefghij";
    private const string Other = "bcdefghijk";

    private readonly TestClock _clock = new();
    private InMemoryEntityStore _shared = null!;
    private ObservedEntityStore _store = null!;
    private AuditLog _log = null!;

    public async Task InitializeAsync()
    {
        _shared = await KeyedStore.WithAsync(Organization, Other);
        _store = new ObservedEntityStore(_shared);
        _log = new AuditLog(_store, KeyedStore.Views(_shared, _clock), _clock);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task An_event_is_in_the_store_when_its_task_completes()
    {
        await _log.AppendAsync(Event("first"));

        (await ActionsAsync()).ShouldBe(["first"]);
    }

    [Fact]
    public async Task A_listener_of_the_metric_that_throws_keeps_nobody_waiting()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == SignalNames.Metrics.AuditWriteDuration)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        var heard = 0;
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            Interlocked.Increment(ref heard);
            throw new InvalidOperationException("A listener.");
        });
        listener.Start();
        await _log.AppendAsync(Event("first")).WaitAsync(TimeSpan.FromSeconds(30));
        await _log.AppendAsync(Event("second")).WaitAsync(TimeSpan.FromSeconds(30));

        heard.ShouldBeGreaterThan(0);
        (await ActionsAsync()).ShouldBe(["first", "second"], ignoreOrder: true);
    }

    [Fact]
    public async Task Events_that_arrive_during_a_write_share_the_next_one()
    {
        var release = HoldWrites();
        var first = _log.AppendAsync(Event("first"));
        await release.Reached;

        var others = new ConcurrentBag<Task>();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => Task.Run(() => others.Add(_log.AppendAsync(Event(Number(i)))))));
        others.ShouldAllBe(static other => !other.IsCompleted);
        release.Release();
        await Task.WhenAll(others.Append(first));

        _store.Writes.Count.ShouldBeLessThanOrEqualTo(3);
        (await ActionsAsync()).Order().ShouldBe(Enumerable.Range(0, 500).Select(Number).Append("first").Order());
    }

    [Fact]
    public async Task No_row_is_larger_than_the_store_takes_however_large_the_events()
    {
        var release = HoldWrites();
        var appended = Enumerable.Range(0, 30).Select(i => _log.AppendAsync(Event(Number(i), variables: i % 3 == 0 ? AuditLog.MaxVariablesBytes : 100_000))).ToArray();
        await release.Reached;
        release.Release();
        await Task.WhenAll(appended);

        _store.Writes.SelectMany(static writes => writes).ShouldAllBe(static write => write.Data.Length <= EntityLimits.MaxDataBytes);
        (await ActionsAsync()).ShouldBe(Enumerable.Range(0, 30).Reverse().Select(Number));
    }

    [Fact]
    public async Task An_event_that_is_too_large_is_refused_and_harms_no_other()
    {
        await Should.ThrowAsync<ArgumentException>(async () => await _log.AppendAsync(Event("large", variables: AuditLog.MaxEventBytes)));
        await _log.AppendAsync(Event("small"));

        (await ActionsAsync()).ShouldBe(["small"]);
    }

    [Fact]
    public async Task An_event_that_cannot_be_written_down_harms_no_other()
    {
        var before = _log.AppendAsync(Event("before"));

        // No identifier of the log's kind exists for a time before 1970: it fails halfway.
        await Should.ThrowAsync<ArgumentException>(async () => await _log.AppendAsync(Event("broken") with { At = DateTimeOffset.MinValue }));
        await before;
        await _log.AppendAsync(Event("after"));

        (await ActionsAsync()).ShouldBe(["after", "before"]);
    }

    [Fact]
    public async Task A_write_that_fails_fails_all_that_waited_for_it_and_nobody_else()
    {
        _store.BeforeWrite = static _ => throw new StoreUnavailableException("Full.");
        await Should.ThrowAsync<StoreUnavailableException>(() => _log.AppendAsync(Event("lost")));

        _store.BeforeWrite = null;
        await _log.AppendAsync(Event("kept"));

        (await ActionsAsync()).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task A_store_that_fails_in_a_way_nobody_foresaw_withholds_all_the_same()
    {
        _store.BeforeWrite = static _ => throw new InvalidOperationException("A bug.");

        await Should.ThrowAsync<InvalidOperationException>(() => _log.AppendAsync(Event("lost")));
    }

    [Fact]
    public async Task A_row_that_is_there_already_is_never_overwritten()
    {
        _store.BeforeWrite = writes => _shared.WriteAsync(Organization, [EntityWrite.Insert(writes[0].Row, "another's\n"u8.ToArray())], None);

        await Should.ThrowAsync<StoreUnavailableException>(() => _log.AppendAsync(Event("lost")));

        var row = (await _shared.GetAsync(new EntityKey(Organization, _store.Writes.Single()[0].Row), None)).ShouldNotBeNull();
        row.Data.ToArray().ShouldBe("another's\n"u8.ToArray());
    }

    [Fact]
    public async Task Organizations_do_not_wait_for_each_other()
    {
        var release = HoldWrites();
        var held = _log.AppendAsync(Event("held"));
        await release.Reached;

        await _log.AppendAsync(Event("other", organization: Other));

        held.IsCompleted.ShouldBeFalse();
        release.Release();
        await held;
    }

    [Fact]
    public async Task Under_concurrent_appends_every_event_is_written_once_and_in_the_order_of_its_writer()
    {
        const int Writers = 8;
        const int Each = 200;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                await _log.AppendAsync(Event($"{writer}:{Number(i)}"));
            }
        })));

        var actions = await ActionsAsync();

        actions.Count.ShouldBe(Writers * Each);
        foreach (var writer in Enumerable.Range(0, Writers))
        {
            actions.Where(action => action.StartsWith($"{writer}:", StringComparison.Ordinal))
                .ShouldBe(Enumerable.Range(0, Each).Reverse().Select(i => $"{writer}:{Number(i)}"));
        }
    }

    [Fact]
    public async Task Reading_goes_on_where_it_stopped()
    {
        var release = HoldWrites();
        var appended = Enumerable.Range(0, 7).Select(i => _log.AppendAsync(Event(Number(i)))).ToArray();
        await release.Reached;
        release.Release();
        await Task.WhenAll(appended);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await _log.AppendAsync(Event("newest"));
        var positions = new List<AuditPosition>();
        await foreach (var (position, _) in new AuditReader(_shared).ReadAsync(Organization, null, AuditFilter.All, None))
        {
            positions.Add(position);
        }

        var all = await ActionsAsync();

        all.ShouldBe(Enumerable.Range(0, 7).Select(Number).Append("newest").Reverse());
        for (var i = 0; i < positions.Count; i++)
        {
            (await ActionsAsync(positions[i])).ShouldBe(all.Skip(i));
        }
    }

    [Fact]
    public async Task What_people_typed_stays_within_its_line()
    {
        await _log.AppendAsync(Event("line\nbreak \"quoted\" \u0001 \uD800 é🔑"));

        (await ActionsAsync()).ShouldBe(["line\nbreak \"quoted\" \u0001 \uFFFD é🔑"]);
    }

    private static string Number(int i) => i.ToString("000", CultureInfo.InvariantCulture);

    private static AuditEvent Event(string action, int variables = 0, string organization = Organization) => new(
        new DateTimeOffset(2026, 1, 15, 12, 0, 0, TimeSpan.Zero),
        new Caller(organization, "default", new Principal(PrincipalType.Automation, "crew"), Permissions.None),
        action,
        AuditEvent.Success)
    {
        VariablesJson = variables == 0 ? default : Encoding.ASCII.GetBytes($"[\"{new string('x', variables - 4)}\"]"),
    };

    private async Task<List<string>> ActionsAsync(AuditPosition? from = null)
    {
        var actions = new List<string>();
        await foreach (var (_, json) in new AuditReader(_shared).ReadAsync(Organization, from, AuditFilter.All, None))
        {
            actions.Add(JsonElement.Parse(json).GetProperty("action").GetString()!);
        }

        return actions;
    }

    private HeldWrites HoldWrites() => new(_store);

    /// <summary>Holds the first write until it is released; those after it go through.</summary>
    private sealed class HeldWrites
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldWrites(ObservedEntityStore store) =>
            store.BeforeWrite = _ => _reached.TrySetResult() ? _released.Task : Task.CompletedTask;

        public Task Reached => _reached.Task;

        public void Release() => _released.SetResult();
    }
}
