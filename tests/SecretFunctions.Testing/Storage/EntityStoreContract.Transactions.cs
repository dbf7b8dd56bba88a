using System.Security.Cryptography;
using SecretFunctions.Core.Store;
using Shouldly;
using Xunit;

namespace SecretFunctions.Testing.Storage;

public abstract partial class EntityStoreContract
{
    [Fact]
    public async Task A_transaction_of_every_kind_is_applied_in_whole()
    {
        var replaced = await InsertAsync("replaced", [1]);
        var deleted = await InsertAsync("deleted", [1]);
        await InsertAsync("dropped", [1]);

        var result = await WriteAsync(
            EntityWrite.Insert("inserted", new byte[] { 2 }),
            EntityWrite.Delete("deleted", deleted),
            EntityWrite.Upsert("upserted", new byte[] { 3 }),
            EntityWrite.Replace("replaced", new byte[] { 4 }, replaced),
            EntityWrite.Delete("dropped", null));

        result.Applied.ShouldBeTrue();
        result.Conflict.ShouldBeNull();
        var entities = await QueryAllAsync(All);
        entities.Select(e => (e.Key.Row, e.Data.Span[0])).ShouldBe([("inserted", 2), ("replaced", 4), ("upserted", 3)]);
        result.ETags.ShouldBe([entities[0].ETag, "", entities[2].ETag, entities[1].ETag, ""]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_conflict_names_its_write_and_undoes_the_others(int position)
    {
        await InsertAsync("there", [1]);
        await InsertAsync("kept", [1]);
        var writes = new List<EntityWrite> { EntityWrite.Insert("new", new byte[] { 2 }), EntityWrite.Delete("kept", null) };
        writes.Insert(position, EntityWrite.Insert("there", new byte[] { 2 }));

        var result = await WriteAsync([.. writes]);

        result.ShouldBeConflict(WriteConflict.AlreadyExists, position);
        (await QueryAllAsync(All)).Select(e => (e.Key.Row, e.Data.Span[0])).ShouldBe([("kept", 1), ("there", 1)]);
    }

    [Fact]
    public async Task Each_conflict_has_its_own_kind()
    {
        var old = await InsertAsync("row", [1]);
        await WriteAsync(EntityWrite.Upsert("row", new byte[] { 2 }));
        var good = EntityWrite.Insert("good", default);

        (await WriteAsync(good, EntityWrite.Replace("row", default, old))).ShouldBeConflict(WriteConflict.Changed, 1);
        (await WriteAsync(good, EntityWrite.Replace("absent", default, old))).ShouldBeConflict(WriteConflict.NotFound, 1);
        (await WriteAsync(good, EntityWrite.Delete("row", old))).ShouldBeConflict(WriteConflict.Changed, 1);
        (await WriteAsync(good, EntityWrite.Delete("absent", null))).ShouldBeConflict(WriteConflict.NotFound, 1);
        (await GetAsync("good")).ShouldBeNull();
    }

    [Fact]
    public async Task A_hundred_writes_are_one_transaction_and_one_more_is_too_many()
    {
        var writes = Enumerable.Range(0, 101).Select(i => EntityWrite.Insert($"r{i:000}", default)).ToArray();

        (await WriteAsync(writes)).ShouldBeConflict(WriteConflict.TooLarge, 100);
        (await QueryAllAsync(All)).ShouldBeEmpty();
        (await WriteAsync(writes[..100])).ETags.Distinct().Count().ShouldBeGreaterThan(0);
        (await QueryAllAsync(All)).Count.ShouldBe(100);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((64 * 1024) - 1)]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(100_000)]
    [InlineData(EntityLimits.MaxDataBytes)]
    public async Task Data_of_any_size_round_trips(int size)
    {
        var data = RandomNumberGenerator.GetBytes(size);

        await InsertAsync("row", data);

        (await DataAsync("row")).ShouldNotBeNull().AsSpan().SequenceEqual(data).ShouldBeTrue();
        (await QueryAllAsync(All)).ShouldHaveSingleItem().Data.Span.SequenceEqual(data).ShouldBeTrue();
    }

    [Fact]
    public async Task Data_that_shrinks_leaves_nothing_of_the_old()
    {
        var etag = await InsertAsync("row", RandomNumberGenerator.GetBytes(200_000));

        await WriteAsync(EntityWrite.Replace("row", new byte[] { 1 }, etag));
        (await DataAsync("row")).ShouldBe([1]);
        await WriteAsync(EntityWrite.Upsert("row", default));
        (await DataAsync("row")).ShouldBe([]);
    }

    [Fact]
    public async Task Data_above_the_limit_is_refused()
    {
        var result = await WriteAsync(
            EntityWrite.Insert("small", default), EntityWrite.Insert("large", new byte[EntityLimits.MaxDataBytes + 1]));

        result.ShouldBeConflict(WriteConflict.TooLarge, 1);
        (await GetAsync("small")).ShouldBeNull();
    }

    [Fact]
    public async Task A_transaction_may_carry_its_limit_and_no_more()
    {
        var part = new byte[EntityLimits.MaxTransactionDataBytes / 4];
        EntityWrite[] full = [.. "abcd".Select(c => EntityWrite.Insert($"{c}", part))];

        (await WriteAsync([.. full, EntityWrite.Insert("e", new byte[1])])).ShouldBeConflict(WriteConflict.TooLarge, 4);
        (await QueryAllAsync(All)).ShouldBeEmpty();
        (await WriteAsync(full)).Applied.ShouldBeTrue();
        (await QueryAllAsync(All)).Sum(e => e.Data.Length).ShouldBe(EntityLimits.MaxTransactionDataBytes);
    }

    [Fact]
    public async Task An_empty_transaction_or_a_row_named_twice_is_a_bug_of_the_caller()
    {
        await Should.ThrowAsync<ArgumentException>(async () => await WriteAsync());
        await Should.ThrowAsync<ArgumentException>(
            async () => await WriteAsync(EntityWrite.Upsert("row", default), EntityWrite.Delete("row", null)));
    }

    [Fact]
    public async Task Readers_see_all_of_a_transaction_or_nothing()
    {
        string[] rows = ["a", "b", "c"];
        await WriteAsync([.. rows.Select(row => EntityWrite.Upsert(row, new byte[] { 0 }))]);
        using var done = new CancellationTokenSource();
        var reading = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var page = await Store.QueryAsync(All, 10, null, None);
                page.Entities.Select(e => e.Data.Span[0]).Distinct().ShouldHaveSingleItem("a transaction was seen in half");
            }
        });

        for (byte i = 1; i <= 40; i++)
        {
            (await WriteAsync([.. rows.Select(row => EntityWrite.Upsert(row, new[] { i }))])).Applied.ShouldBeTrue();
            (await DataAsync("b")).ShouldBe([i], "a reader must see what was acknowledged");
        }

        await done.CancelAsync();
        await reading;
    }

    [Fact]
    public async Task Concurrent_transactions_on_the_same_rows_do_not_mix()
    {
        await WriteAsync(EntityWrite.Insert("x", new byte[] { 0 }), EntityWrite.Insert("y", new byte[] { 0 }));

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(CountUpAsync)));

        // Had one lost an update of another, the sum would be higher than the counters.
        (await DataAsync("x")).ShouldBe([(byte)applied.Sum()]);
        (await DataAsync("y")).ShouldBe([(byte)applied.Sum()]);

        async Task<int> CountUpAsync()
        {
            var count = 0;
            for (var turn = 0; turn < 10; turn++)
            {
                var pair = await QueryAllAsync(All);
                var result = await WriteAsync([.. pair.Select(e =>
                    EntityWrite.Replace(e.Key.Row, new[] { (byte)(e.Data.Span[0] + 1) }, e.ETag))]);
                count += result.Applied ? 1 : 0;
            }

            return count;
        }
    }
}

internal static class WriteResultAssertions
{
    public static void ShouldBeConflict(this WriteResult result, WriteConflict conflict, int index)
    {
        result.Applied.ShouldBeFalse();
        (result.Conflict, result.ConflictIndex).ShouldBe((conflict, index));
        result.ETags.ShouldBeEmpty();
    }
}
