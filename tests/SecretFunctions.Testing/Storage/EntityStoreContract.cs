using System.Security.Cryptography;
using SecretFunctions.Core.Store;
using Shouldly;
using Xunit;

namespace SecretFunctions.Testing.Storage;

/// <summary>What every <see cref="IEntityStore"/> must do. Derive once for each implementation.</summary>
/// <remarks>The cases about transactions, ranges and limits are in the other parts of this class.</remarks>
public abstract partial class EntityStoreContract
{
    /// <summary>The store under test. Tests may share it: each has a partition of its own.</summary>
    protected abstract IEntityStore Store { get; }

    protected string Partition { get; } = $"p-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task An_absent_entity_is_null() => (await GetAsync("absent")).ShouldBeNull();

    [Fact]
    public async Task An_inserted_entity_is_read_back_with_its_etag()
    {
        var etag = await InsertAsync("row", [1, 2, 3]);

        var entity = (await GetAsync("row")).ShouldNotBeNull();
        entity.Key.ShouldBe(new EntityKey(Partition, "row"));
        entity.Data.ToArray().ShouldBe([1, 2, 3]);
        entity.ETag.ShouldBe(etag);
    }

    [Fact]
    public async Task The_same_row_in_another_partition_is_another_entity()
    {
        await InsertAsync("row", [1]);

        (await Store.GetAsync(new EntityKey(Partition + "x", "row"), None)).ShouldBeNull();
        (await Store.WriteAsync(Partition + "x", [EntityWrite.Insert("row", new byte[] { 2 })], None)).Applied.ShouldBeTrue();
        (await DataAsync("row")).ShouldBe([1]);
    }

    [Fact]
    public async Task Insert_is_refused_where_the_row_exists()
    {
        await InsertAsync("row", [1]);

        var result = await WriteAsync(EntityWrite.Insert("row", new byte[] { 2 }));

        result.ShouldBeConflict(WriteConflict.AlreadyExists, 0);
        (await DataAsync("row")).ShouldBe([1]);
    }

    [Fact]
    public async Task Upsert_creates_and_replaces()
    {
        var first = await WriteAsync(EntityWrite.Upsert("row", new byte[] { 1 }));
        var second = await WriteAsync(EntityWrite.Upsert("row", new byte[] { 2 }));

        second.ETags.ShouldHaveSingleItem().ShouldNotBe(first.ETags.ShouldHaveSingleItem());
        (await DataAsync("row")).ShouldBe([2]);
    }

    [Fact]
    public async Task Replace_needs_the_current_etag()
    {
        var old = await InsertAsync("row", [1]);
        var current = (await WriteAsync(EntityWrite.Replace("row", new byte[] { 2 }, old))).ETags.ShouldHaveSingleItem();

        (await WriteAsync(EntityWrite.Replace("row", new byte[] { 3 }, old))).ShouldBeConflict(WriteConflict.Changed, 0);
        (await DataAsync("row")).ShouldBe([2]);
        (await WriteAsync(EntityWrite.Replace("row", new byte[] { 4 }, current))).Applied.ShouldBeTrue();
        (await DataAsync("row")).ShouldBe([4]);
    }

    [Fact]
    public async Task Replace_of_an_absent_row_is_not_found()
    {
        var etag = await InsertAsync("other", [1]);

        (await WriteAsync(EntityWrite.Replace("absent", new byte[] { 1 }, etag))).ShouldBeConflict(WriteConflict.NotFound, 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("0")]
    [InlineData("nonsense")]
    [InlineData("W/\"*\"")]
    [InlineData("W/\"x\"\r\nIf-Match: *")]
    public async Task A_made_up_etag_matches_nothing(string etag)
    {
        await InsertAsync("row", [1]);

        (await WriteAsync(EntityWrite.Replace("row", new byte[] { 2 }, etag))).ShouldBeConflict(WriteConflict.Changed, 0);
        (await WriteAsync(EntityWrite.Delete("row", etag))).ShouldBeConflict(WriteConflict.Changed, 0);
        (await WriteAsync(EntityWrite.Replace("absent", new byte[] { 2 }, etag))).ShouldBeConflict(WriteConflict.NotFound, 0);
        (await DataAsync("row")).ShouldBe([1]);
    }

    [Fact]
    public async Task Delete_with_the_current_etag_removes_the_row()
    {
        var etag = await InsertAsync("row", [1]);

        var result = await WriteAsync(EntityWrite.Delete("row", etag));

        result.ETags.ShouldBe([""]);
        (await GetAsync("row")).ShouldBeNull();
    }

    [Fact]
    public async Task Delete_with_an_old_etag_is_refused()
    {
        var old = await InsertAsync("row", [1]);
        await WriteAsync(EntityWrite.Upsert("row", new byte[] { 2 }));

        (await WriteAsync(EntityWrite.Delete("row", old))).ShouldBeConflict(WriteConflict.Changed, 0);
        (await DataAsync("row")).ShouldBe([2]);
    }

    [Fact]
    public async Task Delete_without_an_etag_removes_whatever_is_there()
    {
        await InsertAsync("row", [1]);

        (await WriteAsync(EntityWrite.Delete("row", null))).Applied.ShouldBeTrue();
        (await GetAsync("row")).ShouldBeNull();
        (await WriteAsync(EntityWrite.Delete("row", null))).ShouldBeConflict(WriteConflict.NotFound, 0);
    }

    [Fact]
    public async Task An_etag_does_not_come_back_after_delete_and_insert()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            var etag = await InsertAsync("row", [1]);
            seen.Add(etag).ShouldBeTrue("an ETag was used twice");
            await WriteAsync(EntityWrite.Delete("row", etag));
        }

        await InsertAsync("row", [1]);
        foreach (var old in seen)
        {
            (await WriteAsync(EntityWrite.Replace("row", new byte[] { 2 }, old))).ShouldBeConflict(WriteConflict.Changed, 0);
        }
    }

    [Fact]
    public async Task Of_concurrent_replacements_exactly_one_wins()
    {
        var etag = await InsertAsync("row", [0]);

        var results = await Task.WhenAll(Enumerable.Range(1, 16).Select(i =>
            Task.Run(() => WriteAsync(EntityWrite.Replace("row", new[] { (byte)i }, etag)))));

        var winner = results.Index().Where(r => r.Item.Applied).ShouldHaveSingleItem().Index;
        results.Where(r => !r.Applied).ShouldAllBe(r => r.Conflict == WriteConflict.Changed);
        (await DataAsync("row")).ShouldBe([(byte)(winner + 1)]);
    }

    [Fact]
    public async Task Of_concurrent_insertions_exactly_one_wins()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(i =>
            Task.Run(() => WriteAsync(EntityWrite.Insert("row", new[] { (byte)i })))));

        results.Count(r => r.Applied).ShouldBe(1);
        results.Where(r => !r.Applied).ShouldAllBe(r => r.Conflict == WriteConflict.AlreadyExists);
    }

    [Theory]
    [InlineData("it's '' quoted'")]
    [InlineData("a b  c")]
    [InlineData("=+&,'")]
    [InlineData("~!@$^*()_-{}[]|:;\"<>.`")]
    [InlineData(" leading and trailing ")]
    [InlineData("..")]
    [InlineData("UPPER")]
    public async Task Any_allowed_key_round_trips(string row)
    {
        var etag = await InsertAsync(row, [1]);

        (await GetAsync(row)).ShouldNotBeNull().Key.Row.ShouldBe(row);
        (await QueryAllAsync(EntityRange.Prefix(Partition, row[..1]))).ShouldHaveSingleItem().Key.Row.ShouldBe(row);
        etag = (await WriteAsync(EntityWrite.Replace(row, new byte[] { 2 }, etag))).ETags.ShouldHaveSingleItem();
        await WriteAsync(EntityWrite.Upsert(row + "2", new byte[] { 3 }));
        (await WriteAsync(EntityWrite.Delete(row, etag))).Applied.ShouldBeTrue();
        (await GetAsync(row)).ShouldBeNull();
    }

    [Fact]
    public async Task Keys_differ_by_case()
    {
        await InsertAsync("row", [1]);
        await InsertAsync("Row", [2]);

        (await DataAsync("row")).ShouldBe([1]);
        (await DataAsync("Row")).ShouldBe([2]);
    }

    [Fact]
    public async Task The_longest_keys_round_trip()
    {
        var key = new EntityKey(Partition.PadRight(256, '\''), new string('\'', 512));

        (await Store.WriteAsync(key.Partition, [EntityWrite.Insert(key.Row, new byte[] { 1 })], None)).Applied.ShouldBeTrue();
        (await Store.GetAsync(key, None)).ShouldNotBeNull().Key.ShouldBe(key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a%b")]
    [InlineData("a\tb")]
    [InlineData("a\u007Fb")]
    [InlineData("ä")]
    public async Task An_invalid_key_is_a_bug_of_the_caller(string key)
    {
        await Should.ThrowAsync<ArgumentException>(async () => await GetAsync(key));
        await Should.ThrowAsync<ArgumentException>(async () => await WriteAsync(EntityWrite.Upsert(key, default)));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.WriteAsync(key, [EntityWrite.Upsert("row", default)], None));
        await Should.ThrowAsync<ArgumentException>(async () => await Store.QueryAsync(new EntityRange(key, "a", "b"), 1, null, None));
    }

    [Fact]
    public async Task A_caller_that_gave_up_before_writes_nothing()
    {
        var givenUp = new CancellationToken(canceled: true);

        await Should.ThrowAsync<OperationCanceledException>(
            async () => await Store.WriteAsync(Partition, [EntityWrite.Upsert("row", default)], givenUp));
        await Should.ThrowAsync<OperationCanceledException>(async () => await Store.GetAsync(new EntityKey(Partition, "row"), givenUp));
        await Should.ThrowAsync<OperationCanceledException>(
            async () => await Store.QueryAsync(new EntityRange(Partition, "a", "z"), 1, null, givenUp));
        (await GetAsync("row")).ShouldBeNull();
    }

    protected Task<WriteResult> WriteAsync(params EntityWrite[] writes) => Store.WriteAsync(Partition, writes, None);

    protected Task<Entity?> GetAsync(string row) => Store.GetAsync(new EntityKey(Partition, row), None);

    protected async Task<byte[]?> DataAsync(string row) => (await GetAsync(row))?.Data.ToArray();

    protected async Task<string> InsertAsync(string row, byte[] data) =>
        (await WriteAsync(EntityWrite.Insert(row, data))).ETags.ShouldHaveSingleItem();
}
