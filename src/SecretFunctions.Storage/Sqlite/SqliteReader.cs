using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>A connection that reads. Used by one thread at a time.</summary>
internal sealed class SqliteReader : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _get;
    private readonly SqliteStatement _fromInclusive;
    private readonly SqliteStatement _fromExclusive;

    public SqliteReader(string path)
    {
        _database = SqliteFile.Connect(path);
        _get = _database.Prepare("SELECT etag, data FROM entities WHERE partition=?1 AND row=?2");
        _fromInclusive = _database.Prepare(RangeSql(">="));
        _fromExclusive = _database.Prepare(RangeSql(">"));
    }

    public Entity? Get(EntityKey key)
    {
        try
        {
            return _get.Bind(1, key.Partition).Bind(2, key.Row).Step()
                ? new Entity(key, _get.Blob(1), TransactionWriter.FormatETag(_get.Int64(0)))
                : null;
        }
        finally
        {
            _get.Reset();
        }
    }

    /// <summary>Rows of <paramref name="range"/>, after <paramref name="after"/> where it is given.</summary>
    /// <param name="range">Which rows.</param>
    /// <param name="after">The last row of the page before.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="maxBytes">The page ends after the row that reaches this much data.</param>
    public (List<Entity> Entities, bool More) Query(EntityRange range, string? after, int limit, long maxBytes)
    {
        var statement = after is null ? _fromInclusive : _fromExclusive;
        var entities = new List<Entity>();
        try
        {
            // One row beyond the limit, whose data SQLite does not touch, tells whether there is another page.
            statement.Bind(1, range.Partition).Bind(2, after ?? range.From).Bind(3, range.Before).Bind(4, limit + 1L);
            while (statement.Step())
            {
                if (entities.Count == limit || maxBytes <= 0)
                {
                    return (entities, true);
                }

                var data = statement.Blob(2);
                entities.Add(new Entity(
                    new EntityKey(range.Partition, statement.Text(0)), data, TransactionWriter.FormatETag(statement.Int64(1))));
                maxBytes -= data.Length;
            }

            return (entities, false);
        }
        finally
        {
            statement.Reset();
        }
    }

    public void Dispose() => _database.Dispose();

    private static string RangeSql(string comparison) =>
        $"SELECT row, etag, data FROM entities WHERE partition=?1 AND row{comparison}?2 AND row<?3 ORDER BY row LIMIT ?4";
}
