using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Sqlite;
using SecretFunctions.Storage.Tables;

namespace SecretFunctions.Storage;

/// <summary>Opens the store that the options choose. The heads register it as a singleton and dispose it last.</summary>
public static class StorageRegistration
{
    /// <param name="options">The choice.</param>
    /// <param name="credential">The identity for <c>Tables:Endpoint</c>; null for the default chain.</param>
    /// <param name="loggers">For what the store reports.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="StoreSetupException">The options are wrong, or the store cannot be opened.</exception>
    public static IEntityStore Open(StorageOptions options, TokenCredential? credential, ILoggerFactory loggers, TimeProvider time)
    {
        if (options.Validate().ToList() is { Count: > 0 } problems)
        {
            throw new StoreSetupException(string.Join(' ', problems));
        }

        if (options.IsSqlite)
        {
            return SqliteEntityStore.Open(options.Data, loggers.CreateLogger<SqliteEntityStore>());
        }

        return options.TryGetAccount(out var account, out var error)
            ? new TableEntityStore(account!, options.Tables.Name, account!.Key is null ? credential ?? new DefaultAzureCredential() : null, time)
            : throw new StoreSetupException(error);
    }
}
