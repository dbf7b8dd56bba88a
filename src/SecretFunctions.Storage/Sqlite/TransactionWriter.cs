using System.Globalization;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>Applies transactions of the port inside one transaction of SQLite. Not safe for concurrent use.</summary>
internal sealed class TransactionWriter : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _readLastETag;
    private readonly SqliteStatement _writeLastETag;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _update;
    private readonly SqliteStatement _delete;

    /// <summary>Per write of the transaction at hand: the id of the row it found, or <see cref="NoRow"/>.</summary>
    private readonly long[] _found = new long[EntityLimits.MaxWrites];

    private long _lastETag;

    /// <summary>Numbers up to here are ours: stored as used before the first of them is given, so that no process ever gives one again.</summary>
    private long _reservedETag;

    private const long NoRow = -1;

    /// <summary>A commit in so many writes its page; a crash leaves as many numbers unused.</summary>
    private const int ETagsReserved = 1000;

    public TransactionWriter(string path)
    {
        _database = SqliteFile.Connect(path);
        _begin = _database.Prepare("BEGIN IMMEDIATE");
        _commit = _database.Prepare("COMMIT");
        _rollback = _database.Prepare("ROLLBACK");
        _readLastETag = _database.Prepare("SELECT value FROM last_etag");
        _writeLastETag = _database.Prepare("UPDATE last_etag SET value=?1");
        _find = _database.Prepare("SELECT id, etag FROM entities WHERE partition=?1 AND row=?2");
        _insert = _database.Prepare("INSERT INTO entities(partition, row, etag, data) VALUES(?1, ?2, ?3, ?4)");
        _update = _database.Prepare("UPDATE entities SET etag=?2, data=?3 WHERE id=?1");
        _delete = _database.Prepare("DELETE FROM entities WHERE id=?1");
    }

    /// <summary>For tests that make the disk full.</summary>
    public SqliteDatabase Database => _database;

    /// <summary>Takes the write lock, waiting for another process to give it back.</summary>
    public void Begin()
    {
        SqliteDatabase.WaitWhileBusy(_begin, static begin =>
        {
            begin.Run();
            return true;
        });
    }

    /// <summary>Applies a transaction, or nothing of it where a condition does not hold.</summary>
    /// <remarks>
    /// All conditions are checked before the first write. Rows of a transaction are distinct and the lock is ours, so
    /// no write changes what a condition saw, and a refused transaction needs no savepoint to undo it.
    /// </remarks>
    public WriteResult Apply(string partition, IReadOnlyList<EntityWrite> writes)
    {
        for (var i = 0; i < writes.Count; i++)
        {
            if (CheckCondition(partition, writes[i], out _found[i]) is { } conflict)
            {
                return WriteResult.Failed(conflict, i);
            }
        }

        var etags = new string[writes.Count];
        for (var i = 0; i < writes.Count; i++)
        {
            etags[i] = Write(partition, writes[i], _found[i]);
        }

        return WriteResult.Success(etags);
    }

    /// <summary>Makes everything applied since <see cref="Begin"/> durable.</summary>
    public void Commit() => _commit.Run();

    /// <summary>Undoes everything since <see cref="Begin"/>, unless SQLite already did.</summary>
    public void Rollback()
    {
        // What was reserved in this transaction is not ours after all.
        _reservedETag = _lastETag;
        if (_database.InTransaction)
        {
            _rollback.Run();
        }
    }

    public void Dispose() => _database.Dispose();

    private WriteConflict? CheckCondition(string partition, in EntityWrite write, out long id)
    {
        try
        {
            if (!_find.Bind(1, partition).Bind(2, write.Row).Step())
            {
                id = NoRow;
                return write.Kind is WriteKind.Replace or WriteKind.Delete ? WriteConflict.NotFound : null;
            }

            id = _find.Int64(0);
            return write switch
            {
                { Kind: WriteKind.Insert } => WriteConflict.AlreadyExists,
                { Kind: WriteKind.Replace } or { Kind: WriteKind.Delete, ETag: not null } =>
                    IsETag(_find.Int64(1), write.ETag) ? null : WriteConflict.Changed,
                _ => null,
            };
        }
        finally
        {
            _find.Reset();
        }
    }

    private string Write(string partition, in EntityWrite write, long id)
    {
        if (write.Kind == WriteKind.Delete)
        {
            _delete.Bind(1, id).Run();
            return "";
        }

        var etag = NextETag();
        if (id == NoRow)
        {
            _insert.Bind(1, partition).Bind(2, write.Row).Bind(3, etag).Bind(4, write.Data.Span).Run();
        }
        else
        {
            _update.Bind(1, id).Bind(2, etag).Bind(3, write.Data.Span).Run();
        }

        return FormatETag(etag);
    }

    /// <remarks>
    /// From a stored sequence, not derived from the rows, so that deleting the newest row does not bring its ETag back; under the lock, because
    /// another process on the same file draws from the same sequence.
    /// </remarks>
    private long NextETag()
    {
        if (_lastETag == _reservedETag)
        {
            _readLastETag.Step();
            _lastETag = _readLastETag.Int64(0);
            _readLastETag.Reset();
            _reservedETag = _lastETag + ETagsReserved;
            _writeLastETag.Bind(1, _reservedETag).Run();
        }

        return ++_lastETag;
    }

    public static string FormatETag(long etag) => etag.ToString(CultureInfo.InvariantCulture);

    // Compared as text, so that only what we once handed out matches: not "07", not "+7".
    private static bool IsETag(long stored, string? given)
    {
        Span<char> text = stackalloc char[20];
        return stored.TryFormat(text, out var length, default, CultureInfo.InvariantCulture) && text[..length].SequenceEqual(given);
    }
}
