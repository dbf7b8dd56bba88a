using SQLitePCL;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>Creates and opens the database file.</summary>
internal static class SqliteFile
{
    public const string FileName = "secretfunctions.db";

    /// <summary>"SFst": marks the file as ours, so that another program's database is refused, not extended.</summary>
    private const long ApplicationId = 0x53467374;

    private const long SchemaVersion = 1;

    /// <summary>
    /// Guards creation within this process. POSIX drops all of a process's locks on a file when any descriptor of it
    /// is closed, so the descriptor that created the file must be gone before SQLite locks it.
    /// </summary>
    private static readonly Lock Creation = new();

    /// <summary>Makes sure folder and database exist, and that the database is one we understand.</summary>
    /// <returns>The path of the database.</returns>
    /// <exception cref="StoreSetupException">Something is in the way that only the operator can remove.</exception>
    public static string Ensure(string folder)
    {
        var path = Path.GetFullPath(Path.Combine(folder, FileName));
        try
        {
            lock (Creation)
            {
                CreateFolder(Path.GetDirectoryName(path)!);
                CreateFile(path);
                using var database = SqliteDatabase.Open(path);
                SqliteDatabase.WaitWhileBusy((database, path), static state => EnsureSchema(state.database, state.path));
            }
        }
        catch (SqliteException e) when (e.ResultCode is raw.SQLITE_NOTADB)
        {
            throw new StoreSetupException($"'{path}' is not an SQLite database; move it away or choose another folder.", e);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreSetupException($"'{path}' cannot be opened: {e.Message}", e);
        }

        return path;
    }

    /// <summary>A connection with the settings all of them share.</summary>
    public static SqliteDatabase Connect(string path)
    {
        var database = SqliteDatabase.Open(path);
        try
        {
            SqliteDatabase.WaitWhileBusy(database, static database =>
            {
                // FULL: the log is synced before a commit returns; NORMAL would lose acknowledged writes at power loss.
                // secure_delete: what is deleted is overwritten, not only unlinked.
                // wal_autocheckpoint: 2000 pages of 8 KiB are 16 MiB. Each checkpoint rewrites pages and syncs twice,
                // so at full load a smaller log would spend its time on that. journal_size_limit gives the space back
                // after a burst.
                database.Execute(
                    """
                    PRAGMA synchronous=FULL;
                    PRAGMA secure_delete=ON;
                    PRAGMA wal_autocheckpoint=2000;
                    PRAGMA journal_size_limit=67108864;
                    """);
                return true;
            });
            return database;
        }
        catch (SqliteException)
        {
            database.Dispose();
            throw;
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            // Only a folder we make gets our mode: one that exists was set up by the operator.
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void CreateFile(string path)
    {
        // Made before SQLite sees it, because SQLite would create it with the umask's mode and its log files copy the
        // mode of the database. CreateNew never opens, and so never closes, a file that SQLite may hold locks on.
        if (File.Exists(path))
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            new FileStream(path, options).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process made it first; its content is checked like any other's.
        }
    }

    private static bool EnsureSchema(SqliteDatabase database, string path)
    {
        if (IsOursNow(database, path))
        {
            return true;
        }

        // 8 KiB pages: the 2 KB rows of the audit trail pack well, a 100 KB blob spans 13 pages, and a commit that
        // touches scattered small rows logs half of what 16 KiB pages would. Measured: 4 KiB wastes half of each page
        // on 2 KB rows, 16 KiB gains nothing for them.
        database.Execute("PRAGMA page_size=8192; PRAGMA journal_mode=WAL;");
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            if (!IsOurs(database, path))
            {
                // With a rowid, although the key is the primary one: rows then live in the leaves of a table tree, up
                // to a page each, beside a small index of keys. WITHOUT ROWID would keep them in an index tree, which
                // moves rows over a quarter page to overflow pages and splits its pages in the middle on append.
                database.Execute(
                    $"""
                     CREATE TABLE entities(
                         id INTEGER PRIMARY KEY, partition TEXT NOT NULL, row TEXT NOT NULL,
                         etag INTEGER NOT NULL, data BLOB NOT NULL, UNIQUE(partition, row));
                     CREATE TABLE last_etag(value INTEGER NOT NULL);
                     INSERT INTO last_etag VALUES(0);
                     PRAGMA application_id={ApplicationId};
                     PRAGMA user_version={SchemaVersion};
                     """);
            }

            database.Execute("COMMIT");
        }
        catch (SqliteException)
        {
            if (database.InTransaction)
            {
                database.Execute("ROLLBACK");
            }

            throw;
        }

        return true;
    }

    /// <summary>All of it as of one moment: another process may be making the tables between two looks, which is no other program's doing.</summary>
    private static bool IsOursNow(SqliteDatabase database, string path)
    {
        database.Execute("BEGIN");
        try
        {
            return IsOurs(database, path);
        }
        finally
        {
            if (database.InTransaction)
            {
                database.Execute("ROLLBACK");
            }
        }
    }

    private static bool IsOurs(SqliteDatabase database, string path)
    {
        var application = database.Scalar("PRAGMA application_id");
        var version = database.Scalar("PRAGMA user_version");
        if (application == ApplicationId)
        {
            return version switch
            {
                SchemaVersion => true,
                > SchemaVersion => throw new StoreSetupException(
                    $"'{path}' was written by a newer version (schema {version}, this one knows {SchemaVersion}); run that version."),
                _ => throw new StoreSetupException($"'{path}' has schema {version}, which never existed; restore a backup."),
            };
        }

        if (application != 0 || version != 0 || database.Scalar("SELECT count(*) FROM sqlite_master") != 0)
        {
            throw new StoreSetupException($"'{path}' is another program's database; move it away or choose another folder.");
        }

        return false;
    }
}
