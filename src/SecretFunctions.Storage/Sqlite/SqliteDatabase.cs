using System.Diagnostics;
using SQLitePCL;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>One connection. Used by one thread at a time, which is why SQLite's own mutexes are off.</summary>
/// <remarks>
/// This sits on the C API, not on ADO.NET. Every audit record passes here, and ADO.NET wants arrays where we hold
/// spans, allocates a reader for each statement, and sleeps 150 ms each time another process holds the lock.
/// </remarks>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>Far longer than any transaction of another process lasts, far shorter than a client's patience.</summary>
    private static readonly TimeSpan BusyTimeout = TimeSpan.FromSeconds(5);

    private readonly sqlite3 _handle;
    private readonly List<SqliteStatement> _statements = [];

    private SqliteDatabase(sqlite3 handle) => _handle = handle;

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some errors.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Opens a file that exists.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path)
    {
        Batteries_V2.Init();
        var code = raw.sqlite3_open_v2(path, out var handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        var database = new SqliteDatabase(handle);
        if (code != raw.SQLITE_OK)
        {
            var failure = database.Failure(code);
            database.Dispose();
            throw failure;
        }

        return database;
    }

    /// <summary>A statement that lives as long as the connection.</summary>
    public SqliteStatement Prepare(string sql)
    {
        // Persistent: tells SQLite not to spend its small-object pool on a statement that is never freed.
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle));
        var statement = new SqliteStatement(this, handle);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>Runs one or more statements, ignoring their rows.</summary>
    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    /// <summary>The single integer a statement returns.</summary>
    public long Scalar(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var handle));
        using var statement = new SqliteStatement(this, handle);
        return statement.Step() ? statement.Int64(0) : throw new SqliteException(raw.SQLITE_ERROR, "No row.");
    }

    /// <summary>Repeats <paramref name="action"/> while another connection holds the lock it needs.</summary>
    /// <remarks>
    /// <c>busy_timeout</c> would do this, but the packaged library is built without <c>usleep</c> and so sleeps whole
    /// seconds. The action must leave no transaction behind when it fails.
    /// </remarks>
    /// <exception cref="SqliteException">An error, or the lock was not to be had in time.</exception>
    public static T WaitWhileBusy<TState, T>(TState state, Func<TState, T> action)
    {
        var started = Stopwatch.GetTimestamp();
        var spin = default(SpinWait);
        while (true)
        {
            try
            {
                return action(state);
            }
            catch (SqliteException e) when (e.ResultCode == raw.SQLITE_BUSY && Stopwatch.GetElapsedTime(started) < BusyTimeout)
            {
                spin.SpinOnce();
            }
        }
    }

    /// <summary>Throws unless <paramref name="code"/> says success.</summary>
    public void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    public SqliteException Failure(int code) =>
        new(code, $"SQLite error {raw.sqlite3_extended_errcode(_handle)}: {raw.sqlite3_errmsg(_handle).utf8_to_string()}.");

    public void Dispose()
    {
        foreach (var statement in _statements)
        {
            statement.Dispose();
        }

        _handle.Dispose();
    }
}
