namespace SecretFunctions.Storage.Sqlite;

/// <summary>SQLite answered with an error. Never leaves this folder: callers of the port see its own exceptions.</summary>
internal sealed class SqliteException(int resultCode, string message) : Exception(message)
{
    /// <summary>The primary code, as in <c>raw.SQLITE_FULL</c>.</summary>
    public int ResultCode { get; } = resultCode & 0xFF;
}
