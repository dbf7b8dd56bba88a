using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Sqlite;

namespace SecretFunctions.Storage.Tests.Sqlite;

public sealed class SqliteFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string DatabasePath => Path.Combine(_folder.Path, SqliteFile.FileName);

    [Fact]
    public async Task Folder_and_files_are_the_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var folder = Path.Combine(_folder.Path, "new");
        using var store = Open(folder);
        await InsertAsync(store, "row");

        File.GetUnixFileMode(folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var files = Directory.GetFiles(folder);
        files.ShouldContain(file => file.EndsWith("-wal", StringComparison.Ordinal));
        foreach (var file in files)
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    [Fact]
    public void A_file_that_is_no_database_stops_the_start()
    {
        File.WriteAllText(DatabasePath, new string('x', 10_000));

        Should.Throw<StoreSetupException>(() => Open(_folder.Path)).Message
            .ShouldBe($"'{DatabasePath}' is not an SQLite database; move it away or choose another folder.");
        File.ReadAllText(DatabasePath).ShouldBe(new string('x', 10_000));
    }

    [Fact]
    public void A_database_of_a_newer_version_stops_the_start()
    {
        Open(_folder.Path).Dispose();
        Change("PRAGMA user_version=2");

        Should.Throw<StoreSetupException>(() => Open(_folder.Path)).Message
            .ShouldBe($"'{DatabasePath}' was written by a newer version (schema 2, this one knows 1); run that version.");
    }

    [Fact]
    public void A_database_of_another_program_stops_the_start()
    {
        File.Create(DatabasePath).Dispose();
        Change("CREATE TABLE theirs(x)");

        Should.Throw<StoreSetupException>(() => Open(_folder.Path)).Message
            .ShouldBe($"'{DatabasePath}' is another program's database; move it away or choose another folder.");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_stops_the_start()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "file"), "");

        Should.Throw<StoreSetupException>(() => Open(Path.Combine(_folder.Path, "file")));
    }

    [Fact]
    public void Every_connection_is_durable_and_erases_what_is_deleted()
    {
        using var store = Open(_folder.Path);
        using var database = SqliteFile.Connect(DatabasePath);

        database.Scalar("PRAGMA synchronous").ShouldBe(2, "FULL");
        database.Scalar("PRAGMA secure_delete").ShouldBe(1);
        database.Scalar("PRAGMA page_size").ShouldBe(8192);
        database.Scalar("SELECT journal_mode='wal' FROM pragma_journal_mode").ShouldBe(1);
        database.Scalar("PRAGMA wal_autocheckpoint").ShouldBe(2000);
    }

    [Fact]
    public async Task An_etag_does_not_come_back_after_a_restart()
    {
        string first;
        using (var store = Open(_folder.Path))
        {
            first = await InsertAsync(store, "row");
            await store.WriteAsync("p", [EntityWrite.Delete("row", first)], CancellationToken.None);
        }

        using var reopened = Open(_folder.Path);
        (await InsertAsync(reopened, "row")).ShouldNotBe(first);
    }

    [Fact]
    public async Task Two_stores_on_one_file_see_each_others_writes()
    {
        using var one = Open(_folder.Path);
        using var two = Open(_folder.Path);

        var results = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            Task.Run(() => InsertAsync(i % 2 == 0 ? one : two, $"row{i}"))));

        results.Distinct().Count().ShouldBe(200, "both draw ETags from one sequence");
        foreach (var store in new[] { one, two })
        {
            var page = await store.QueryAsync(EntityRange.Prefix("p", "row"), 1000, null, CancellationToken.None);
            page.Entities.Count.ShouldBe(200);
        }

        var result = await two.WriteAsync("p", [EntityWrite.Insert("row0", default)], CancellationToken.None);
        result.Conflict.ShouldBe(WriteConflict.AlreadyExists);
    }

    [Fact]
    public async Task Stores_opened_at_the_same_time_create_one_database()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Open(_folder.Path))));

        await Task.WhenAll(stores.Select((store, i) => InsertAsync(store, $"row{i}")));
        foreach (var store in stores)
        {
            (await store.QueryAsync(EntityRange.Prefix("p", "row"), 1000, null, CancellationToken.None)).Entities.Count.ShouldBe(8);
            store.Dispose();
        }
    }

    [Fact]
    public async Task A_page_of_large_entities_ends_early()
    {
        using var store = Open(_folder.Path);
        for (var i = 0; i < 8; i++)
        {
            await store.WriteAsync("p", [EntityWrite.Insert($"row{i}", new byte[EntityLimits.MaxDataBytes])], CancellationToken.None);
        }

        var range = EntityRange.Prefix("p", "row");
        var page = await store.QueryAsync(range, 1000, null, CancellationToken.None);
        page.Entities.Sum(e => e.Data.Length).ShouldBeLessThan(6 * 1024 * 1024);
        var rest = await store.QueryAsync(range, 1000, page.Continuation.ShouldNotBeNull(), CancellationToken.None);
        (page.Entities.Count + rest.Entities.Count).ShouldBe(8);
    }

    [Fact]
    public async Task A_continuation_of_another_range_is_refused()
    {
        using var store = Open(_folder.Path);
        await InsertAsync(store, "a1");
        await InsertAsync(store, "a2");
        var page = await store.QueryAsync(EntityRange.Prefix("p", "a"), 1, null, CancellationToken.None);

        await Should.ThrowAsync<ArgumentException>(async () =>
            await store.QueryAsync(EntityRange.Prefix("p", "b"), 1, page.Continuation.ShouldNotBeNull(), CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();

    private static SqliteEntityStore Open(string folder) => SqliteEntityStore.Open(folder, NullLogger<SqliteEntityStore>.Instance);

    private static async Task<string> InsertAsync(SqliteEntityStore store, string row) =>
        (await store.WriteAsync("p", [EntityWrite.Insert(row, new byte[] { 1 })], CancellationToken.None)).ETags.ShouldHaveSingleItem();

    private void Change(string sql)
    {
        using var database = SqliteDatabase.Open(DatabasePath);
        database.Execute(sql);
    }
}
