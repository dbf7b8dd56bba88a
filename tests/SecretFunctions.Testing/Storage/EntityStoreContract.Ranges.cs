using System.Globalization;
using SecretFunctions.Core.Store;
using Shouldly;
using Xunit;

namespace SecretFunctions.Testing.Storage;

public abstract partial class EntityStoreContract
{
    private EntityRange All => new(Partition, "", "\u007F");

    [Fact]
    public async Task Rows_come_in_ordinal_order()
    {
        string[] rows = ["b", "a", "B", "a b", "a-b", "ab", "_", "~", "10", "9", "a'", "Z"];
        await WriteAsync([.. rows.Select(row => EntityWrite.Insert(row, default))]);

        (await QueryAllAsync(All)).Select(e => e.Key.Row).ShouldBe(rows.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_range_includes_its_start_and_excludes_its_end()
    {
        await InsertRowsAsync("a", "b", "b1", "c", "d");

        (await QueryRowsAsync(new EntityRange(Partition, "b", "d"))).ShouldBe(["b", "b1", "c"]);
        (await QueryRowsAsync(new EntityRange(Partition, "d", "b"))).ShouldBeEmpty();
        (await QueryRowsAsync(new EntityRange(Partition, "b", "b"))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("x-")]
    [InlineData("x.")] // its successor is "/", which no key may hold
    [InlineData("x$")] // likewise "%"
    [InlineData("x'")]
    [InlineData("x~")]
    [InlineData("x&")]
    public async Task A_prefix_range_holds_what_starts_with_it(string prefix)
    {
        await InsertRowsAsync("w", "x", prefix, prefix + " ", prefix + "~", prefix + "'", "xz", "y");

        (await QueryRowsAsync(EntityRange.Prefix(Partition, prefix))).ShouldBe([prefix, prefix + " ", prefix + "'", prefix + "~"]);
    }

    [Fact]
    public async Task A_query_brings_data_and_etags_that_can_be_written_with()
    {
        await InsertAsync("a", [1]);
        await InsertAsync("b", []);

        var entities = await QueryAllAsync(All);

        entities.Select(e => e.Data.ToArray()).ShouldBe([[1], []]);
        (await WriteAsync([.. entities.Select(e => EntityWrite.Replace(e.Key.Row, new byte[] { 9 }, e.ETag))])).Applied.ShouldBeTrue();
    }

    [Fact]
    public async Task A_query_sees_only_its_partition()
    {
        await InsertRowsAsync("a");
        await Store.WriteAsync(Partition + "x", [EntityWrite.Insert("b", default)], None);

        (await QueryRowsAsync(All)).ShouldBe(["a"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)] // exactly all
    [InlineData(8)]
    public async Task Pages_together_hold_every_row_once(int limit)
    {
        string[] rows = ["a", "b", "c'", "d +&=", "e", "f", "g"];
        await InsertRowsAsync(rows);

        var seen = new List<string>();
        string? continuation = null;
        do
        {
            var page = await Store.QueryAsync(All, limit, continuation, None);
            page.Entities.Count.ShouldBeLessThanOrEqualTo(limit);
            seen.AddRange(page.Entities.Select(e => e.Key.Row));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        seen.ShouldBe(rows);
    }

    [Fact]
    public async Task Rows_that_stay_are_paged_once_while_others_come_and_go()
    {
        var stay = Enumerable.Range(0, 20).Select(i => $"s{i:00}").ToArray();
        await InsertRowsAsync(stay);
        await InsertRowsAsync("s04x", "s09x", "s14x");

        var seen = new List<string>();
        string? continuation = null;
        var turn = 0;
        do
        {
            var page = await Store.QueryAsync(All, 5, continuation, None);
            seen.AddRange(page.Entities.Select(e => e.Key.Row));
            continuation = page.Continuation;

            // Takes away rows at the edges of pages, adds some before and behind, and changes one that stays.
            await WriteAsync(
                EntityWrite.Upsert($"a{turn}", default),
                EntityWrite.Upsert($"s{turn:00}y", default),
                EntityWrite.Upsert(stay[^1], new[] { (byte)turn }));
            string[] gone = ["s04x", "s09x", "s14x"];
            if (turn < gone.Length)
            {
                await WriteAsync(EntityWrite.Delete(gone[turn], null));
            }

            turn++;
        }
        while (continuation is not null);

        seen.Where(stay.Contains).ShouldBe(stay);
    }

    [Fact]
    public async Task A_thousand_rows_are_one_page_at_most()
    {
        var rows = Enumerable.Range(0, 1001).Select(i => i.ToString("0000", CultureInfo.InvariantCulture)).ToArray();
        foreach (var chunk in rows.Chunk(EntityLimits.MaxWrites))
        {
            await InsertRowsAsync(chunk);
        }

        (await Store.QueryAsync(All, 1000, null, None)).Continuation.ShouldNotBeNull();
        (await QueryRowsAsync(All)).ShouldBe(rows);
    }

    [Theory]
    [InlineData("not a continuation!")]
    [InlineData("")]
    [InlineData("AA")]
    public async Task A_continuation_that_is_none_of_ours_is_refused(string continuation) =>
        await Should.ThrowAsync<ArgumentException>(async () => await Store.QueryAsync(All, 1, continuation, None));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public async Task A_limit_out_of_range_is_refused(int limit) =>
        await Should.ThrowAsync<ArgumentException>(async () => await Store.QueryAsync(All, limit, null, None));

    protected async Task<List<Entity>> QueryAllAsync(EntityRange range)
    {
        var entities = new List<Entity>();
        string? continuation = null;
        do
        {
            var page = await Store.QueryAsync(range, EntityLimits.MaxPageEntities, continuation, None);
            entities.AddRange(page.Entities);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return entities;
    }

    private async Task<IEnumerable<string>> QueryRowsAsync(EntityRange range) =>
        (await QueryAllAsync(range)).Select(e => e.Key.Row);

    private async Task InsertRowsAsync(params string[] rows) =>
        (await WriteAsync([.. rows.Select(row => EntityWrite.Insert(row, default))])).Applied.ShouldBeTrue();
}
