using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Sqlite;

namespace SecretFunctions.Storage.Tests.Sqlite;

public sealed class GroupCommitTests : IDisposable
{
    private const string Partition = "p";

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteEntityStore _store;

    public GroupCommitTests() => _store = SqliteEntityStore.Open(_folder.Path, NullLogger<SqliteEntityStore>.Instance);

    [Fact]
    public async Task Transactions_queued_during_a_commit_share_the_next_one()
    {
        using var held = HoldWriter();
        var first = WriteAsync("first");
        held.WaitUntilReached();
        var others = Enumerable.Range(0, 200).Select(i => WriteAsync($"row{i}")).ToList();

        held.Release();

        (await first).Applied.ShouldBeTrue();
        (await Task.WhenAll(others)).ShouldAllBe(r => r.Applied);
        _store.Writer.Commits.ShouldBe(2);
    }

    [Fact]
    public async Task A_refused_transaction_does_not_take_its_neighbours_with_it()
    {
        using var held = HoldWriter();
        var first = WriteAsync("there");
        held.WaitUntilReached();
        var before = WriteAsync("before");
        var refused = _store.WriteAsync(
            Partition, [EntityWrite.Insert("undone", default), EntityWrite.Insert("there", default)], CancellationToken.None);
        var after = WriteAsync("after");

        held.Release();

        (await first).Applied.ShouldBeTrue();
        (await before).Applied.ShouldBeTrue();
        (await refused).Conflict.ShouldBe(WriteConflict.AlreadyExists);
        (await after).Applied.ShouldBeTrue();
        (await ExistsAsync("undone")).ShouldBeFalse();
        _store.Writer.Commits.ShouldBe(2);
    }

    [Fact]
    public async Task A_queued_write_is_withdrawn_when_its_caller_gives_up()
    {
        using var held = HoldWriter();
        using var caller = new CancellationTokenSource();
        var first = WriteAsync("first");
        held.WaitUntilReached();
        var withdrawn = WriteAsync("withdrawn", caller.Token);

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(withdrawn);
        held.Release();
        (await first).Applied.ShouldBeTrue();
        (await WriteAsync("last")).Applied.ShouldBeTrue();
        (await ExistsAsync("withdrawn")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_write_under_way_completes_although_its_caller_gives_up()
    {
        using var held = HoldWriter();
        using var caller = new CancellationTokenSource();
        var write = WriteAsync("row", caller.Token);
        held.WaitUntilReached();

        await caller.CancelAsync();
        held.Release();

        (await write).Applied.ShouldBeTrue();
        (await ExistsAsync("row")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_full_disk_fails_everyone_in_the_batch_and_writing_resumes_when_there_is_space()
    {
        (await WriteAsync("before")).Applied.ShouldBeTrue();
        using var held = HoldWriter();
        var first = WriteAsync("first");
        held.WaitUntilReached();
        var small = WriteAsync("small");
        var large = _store.WriteAsync(Partition, [EntityWrite.Insert("large", new byte[500_000])], CancellationToken.None);

        // The limit is of pages in use, so the next batch finds no room for the large row.
        _store.Writer.BatchStarted = database =>
            database.Execute($"PRAGMA max_page_count={database.Scalar("PRAGMA page_count")}");
        held.Release();

        (await first).Applied.ShouldBeTrue();
        await Should.ThrowAsync<StoreUnavailableException>(small);
        await Should.ThrowAsync<StoreUnavailableException>(large);
        (await ExistsAsync("small")).ShouldBeFalse();
        (await ExistsAsync("before")).ShouldBeTrue();

        _store.Writer.BatchStarted = database => database.Execute("PRAGMA max_page_count=1000000");
        (await _store.WriteAsync(Partition, [EntityWrite.Insert("large", new byte[500_000])], CancellationToken.None)).Applied.ShouldBeTrue();
    }

    [Fact]
    public async Task Closing_writes_what_was_accepted_and_refuses_the_rest()
    {
        var accepted = Enumerable.Range(0, 50).Select(i => WriteAsync($"row{i}")).ToList();

        _store.Dispose();

        (await Task.WhenAll(accepted)).ShouldAllBe(r => r.Applied);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await WriteAsync("late"));
        await Should.ThrowAsync<ObjectDisposedException>(async () => await ExistsAsync("row0"));
    }

    [Fact]
    public async Task A_failure_of_the_writer_itself_reaches_its_callers_and_no_others()
    {
        _store.Writer.BatchStarted = _ => throw new InvalidOperationException("a bug");
        await Should.ThrowAsync<StoreUnavailableException>(async () => await WriteAsync("row"));

        _store.Writer.BatchStarted = null;
        (await WriteAsync("row")).Applied.ShouldBeTrue();
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private Task<WriteResult> WriteAsync(string row, CancellationToken cancellationToken = default) =>
        _store.WriteAsync(Partition, [EntityWrite.Insert(row, new byte[] { 1 })], cancellationToken);

    private async Task<bool> ExistsAsync(string row) =>
        await _store.GetAsync(new EntityKey(Partition, row), CancellationToken.None) is not null;

    private HeldWriter HoldWriter()
    {
        var held = new HeldWriter();
        _store.Writer.BatchStarted = _ => held.Pass();
        return held;
    }

    /// <summary>Stops the writer inside its first batch, so that a test decides what queues up behind it.</summary>
    private sealed class HeldWriter : IDisposable
    {
        private readonly ManualResetEventSlim _reached = new();
        private readonly ManualResetEventSlim _released = new();

        public void Pass()
        {
            _reached.Set();
            _released.Wait();
        }

        public void WaitUntilReached() => _reached.Wait();

        public void Release() => _released.Set();

        public void Dispose()
        {
            // The events are left to the collector: the writer may still be looking at them.
            _released.Set();
        }
    }
}
