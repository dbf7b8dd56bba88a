using System.Text;
using SQLitePCL;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>A prepared statement, bound and stepped again and again.</summary>
internal sealed class SqliteStatement(SqliteDatabase database, sqlite3_stmt handle) : IDisposable
{
    /// <summary>Binds a key or a bound. Both are ASCII of at most 512 characters (<c>EntityRules</c>).</summary>
    public SqliteStatement Bind(int index, string key)
    {
        Span<byte> bytes = stackalloc byte[512];
        var written = Encoding.ASCII.GetBytes(key, bytes);

        // An empty span has no address, and what has no address is bound as NULL: hence the overload for strings, and
        // below the blob of zeros.
        database.Check(written == 0
            ? raw.sqlite3_bind_text(handle, index, "")
            : raw.sqlite3_bind_text(handle, index, bytes[..written]));
        return this;
    }

    public SqliteStatement Bind(int index, long value)
    {
        database.Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> data)
    {
        database.Check(data.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, index, 0) : raw.sqlite3_bind_blob(handle, index, data));
        return this;
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>False at the end.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        return code switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw database.Failure(code),
        };
    }

    /// <summary>Runs a statement that returns no row.</summary>
    public void Run()
    {
        try
        {
            Step();
        }
        finally
        {
            Reset();
        }
    }

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    /// <summary>A copy: SQLite's own memory is gone after the next step.</summary>
    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public int BlobLength(int column) => raw.sqlite3_column_bytes(handle, column);

    /// <summary>Ends the read the statement was in. Its answer repeats the error Step threw, hence nothing to check.</summary>
    public void Reset() => _ = raw.sqlite3_reset(handle);

    public void Dispose() => handle.Dispose();
}
