using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>Many writers, and a store that fails in every way: what was acknowledged is there, and every chain holds.</summary>
public sealed class AuditChainTests : IAsyncLifetime
{
    private const string Organization = "abcdefghij";

    private readonly TestClock _clock = new();
    private InMemoryEntityStore _shared = null!;
    private ObservedEntityStore _store = null!;
    private AuditLog _log = null!;

    public async Task InitializeAsync()
    {
        _shared = await KeyedStore.WithAsync(Organization);
        _store = new ObservedEntityStore(_shared);
        _log = new AuditLog(_store, KeyedStore.Views(_shared, _clock), _clock);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Events_of_a_chain_are_numbered_from_one_and_each_names_the_hash_before()
    {
        for (var i = 0; i < 5; i++)
        {
            await _log.AppendAsync(Event($"{i}"));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var events = await EventsAsync();
        events.Select(static found => found.GetProperty("number").GetInt64()).ShouldBe([5, 4, 3, 2, 1]);
        events.Select(static found => found.GetProperty("chain").GetString()).Distinct().ShouldHaveSingleItem();
        events.Select(static found => found.GetProperty("previousHash").GetString()).ShouldBe([.. events.Skip(1).Select(static found => found.GetProperty("hash").GetString()), EventHash.None]);
    }

    [Fact]
    public async Task Changes_that_run_at_once_wait_for_nobody_and_each_has_a_chain_of_its_own()
    {
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var waiting = 0;
        _store.BeforeWrite = _ =>
        {
            if (Interlocked.Increment(ref waiting) == 8)
            {
                arrived.SetResult();
            }

            return release.Task;
        };
        var changes = Enumerable.Range(0, 8).Select(i => ChangeAsync($"row{i}")).ToArray();
        await arrived.Task;
        release.SetResult();
        (await Task.WhenAll(changes)).ShouldAllBe(static result => result.Applied);

        (await EventsAsync()).Select(static found => found.GetProperty("chain").GetString()).ShouldBeUnique();
        _store.BeforeWrite = null;
        await ChangeAsync("one more");
        _log.ChainsOf(Organization).Heads.Count.ShouldBe(8);
        await ShouldHoldAsync();
    }

    [Fact]
    public async Task A_change_that_was_not_applied_leaves_no_hole()
    {
        await ChangeAsync("row");
        (await ChangeAsync("row")).Applied.ShouldBeFalse();
        await ChangeAsync("other");

        (await EventsAsync()).Select(static found => found.GetProperty("number").GetInt64()).ShouldBe([2, 1], ignoreOrder: true);
        await ShouldHoldAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_write_of_which_nobody_knows_whether_it_was_applied_the_chain_is_not_used_again(bool wasApplied)
    {
        await _log.AppendAsync(Event("before"));
        _store.BeforeWrite = async writes =>
        {
            _store.BeforeWrite = null;
            if (wasApplied)
            {
                await _shared.WriteAsync(Organization, writes, None);
            }

            throw new StoreUnavailableException("The answer was lost.");
        };
        await Should.ThrowAsync<StoreUnavailableException>(() => _log.AppendAsync(Event("lost")));
        await _log.AppendAsync(Event("after"));

        var events = await EventsAsync();
        events.Count.ShouldBe(wasApplied ? 3 : 2);
        events.Select(static found => found.GetProperty("chain").GetString()).Distinct().Count().ShouldBe(2);
        await ShouldHoldAsync();
    }

    [Fact]
    public async Task Whatever_the_store_does_meanwhile_every_chain_holds_and_nothing_acknowledged_is_missing()
    {
        var calls = 0;
        var acknowledged = new System.Collections.Concurrent.ConcurrentBag<string>();
        _store.BeforeWrite = async writes =>
        {
            switch (Interlocked.Increment(ref calls) % 7)
            {
                case 3:
                    throw new StoreUnavailableException("Not applied.");
                case 5:
                    await _shared.WriteAsync(Organization, writes, None);
                    throw new StoreUnavailableException("Applied.");
                default:
                    await Task.Yield();
                    return;
            }
        };
        await Task.WhenAll(Enumerable.Range(0, 12).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                var name = $"{writer}.{i}";
                try
                {
                    if (writer % 2 == 0)
                    {
                        await _log.AppendAsync(Event(name));
                    }
                    else if (!(await ChangeAsync(name)).Applied)
                    {
                        continue;
                    }

                    acknowledged.Add(name);
                }
                catch (StoreUnavailableException)
                {
                    // As told above.
                }
            }
        })));

        var events = await EventsAsync();
        acknowledged.ShouldBeSubsetOf(events.Select(static found => found.GetProperty("action").GetString()!));
        await ShouldHoldAsync();
    }

    [Fact]
    public void A_chain_ends_after_a_day_and_where_the_clock_was_set_back()
    {
        var chains = new AuditChains("writer");
        var now = _clock.GetUtcNow();
        var first = chains.Take(now);
        chains.Advance(first, first.Head with { Number = 1, At = now });
        chains.Take(now).Head.Chain.ShouldBe(first.Head.Chain);

        chains.GiveBack(first with { Head = first.Head with { At = now } });
        chains.Take(now.AddSeconds(-1)).Head.Chain.ShouldNotBe(first.Head.Chain);

        chains.GiveBack(first);
        chains.Take(now + AuditChains.Lifetime).Head.Chain.ShouldNotBe(first.Head.Chain);
    }

    private async Task ShouldHoldAsync()
    {
        var claims = new ChainClaims();
        foreach (var head in _log.ChainsOf(Organization).Heads)
        {
            claims.AddHead(head);
        }

        var view = (await KeyedStore.Views(_shared, _clock).GetAsync(Organization, None)).ShouldNotBeNull();
        var walk = new ChainWalk(view.Keys.Audit, claims);
        await foreach (var entity in _shared.ReadAllAsync(EntityRange.Prefix(Organization, Rows.AuditPrefix), 10, None))
        {
            walk.Take(entity);
        }

        walk.End();
        walk.First.ShouldBeNull();
        walk.Events.ShouldBe((await EventsAsync()).Count);
    }

    private Task<WriteResult> ChangeAsync(string row) => _log.CommitAsync([EntityWrite.Insert(row, "x"u8.ToArray())], Event(row), None);

    private AuditEvent Event(string action) => new(
        _clock.GetUtcNow(), new Caller(Organization, "default", new Principal(PrincipalType.Automation, "crew"), Permissions.None), action, AuditEvent.Success);

    private async Task<List<JsonElement>> EventsAsync()
    {
        var events = new List<JsonElement>();
        await foreach (var (_, json) in new AuditReader(_shared).ReadAsync(Organization, null, AuditFilter.All, None))
        {
            events.Add(JsonElement.Parse(json));
        }

        return events;
    }
}
