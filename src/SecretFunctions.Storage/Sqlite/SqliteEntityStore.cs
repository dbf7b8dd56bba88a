using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>The embedded store: one SQLite file, safe to share between processes on one machine.</summary>
/// <remarks>
/// Reads run on the caller's thread. They take microseconds from the page cache, less than a hand-over to another thread
/// would; in WAL mode they never wait for the writer. Writes go through <see cref="GroupCommit"/>.
/// </remarks>
public sealed class SqliteEntityStore : IEntityStore, IDisposable, IAsyncDisposable
{
    /// <summary>Reads in progress are rarely more than processors; connections beyond that are closed again.</summary>
    private const int MaxIdleReaders = 16;

    /// <summary>What a page holds at most, give or take one entity, so that a thousand large ones do not fill memory.</summary>
    private const long MaxPageBytes = 4 * 1024 * 1024;

    private readonly string _path;
    private readonly Stack<SqliteReader> _readers = new();
    private bool _disposed;

    private SqliteEntityStore(string path, ILogger logger)
    {
        _path = path;
        Writer = new GroupCommit(path, logger);
    }

    internal GroupCommit Writer { get; }

    /// <summary>Opens the database in <paramref name="folder"/>, creating both where they are absent.</summary>
    /// <exception cref="StoreSetupException">
    /// The file cannot be opened, is not a database of ours, or was written by a newer version.
    /// </exception>
    public static SqliteEntityStore Open(string folder, ILogger<SqliteEntityStore> logger)
    {
        var path = SqliteFile.Ensure(folder);
        try
        {
            return new SqliteEntityStore(path, logger);
        }
        catch (SqliteException e)
        {
            throw new StoreSetupException($"'{path}' cannot be opened: {e.Message}", e);
        }
    }

    public Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken)
    {
        EntityRules.Check(key);
        return Read(key, static (reader, key) => reader.Get(key), cancellationToken);
    }

    public Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken)
    {
        EntityRules.Check(range, limit);
        var after = continuation is null ? null : SqliteContinuation.Decode(continuation, range);
        return Read(
            (range, limit, after),
            static (reader, query) =>
            {
                var (entities, more) = reader.Query(query.range, query.after, query.limit, MaxPageBytes);
                return new EntityPage(entities, more ? SqliteContinuation.Encode(entities[^1].Key.Row) : null);
            },
            cancellationToken);
    }

    public Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
    {
        if (EntityRules.Check(partition, writes) is { } refused)
        {
            return Task.FromResult(refused);
        }

        return cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<WriteResult>(cancellationToken)
            : Writer.WriteAsync(partition, writes, cancellationToken);
    }

    /// <summary>Writes what was accepted, then closes the file.</summary>
    public void Dispose()
    {
        lock (_readers)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            while (_readers.TryPop(out var reader))
            {
                reader.Dispose();
            }
        }

        Writer.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        // Joining the writer thread blocks for one last commit; there is nothing to await.
        Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<T> Read<TQuery, T>(TQuery query, Func<SqliteReader, TQuery, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        SqliteReader? reader = null;
        try
        {
            reader = Rent();
            var result = SqliteDatabase.WaitWhileBusy((reader, query, read), static s => s.read(s.reader, s.query));
            Return(reader);
            return Task.FromResult(result);
        }
        catch (SqliteException e)
        {
            // A connection that failed is not trusted again.
            reader?.Dispose();
            return Task.FromException<T>(new StoreUnavailableException("The database could not be read.", e));
        }
    }

    private SqliteReader Rent()
    {
        lock (_readers)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_readers.TryPop(out var reader))
            {
                return reader;
            }
        }

        return new SqliteReader(_path);
    }

    private void Return(SqliteReader reader)
    {
        lock (_readers)
        {
            if (!_disposed && _readers.Count < MaxIdleReaders)
            {
                _readers.Push(reader);
                return;
            }
        }

        reader.Dispose();
    }
}
