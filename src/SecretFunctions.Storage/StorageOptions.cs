using SecretFunctions.Storage.Tables;

namespace SecretFunctions.Storage;

/// <summary>Where entities are kept. Bound from the section <see cref="Section"/>.</summary>
public sealed class StorageOptions
{
    public const string Section = "SecretFunctions";

    /// <summary>The folder of the embedded database. Default <c>data</c>, relative to the working directory.</summary>
    public string Data { get; set; } = "data";

    /// <summary><c>sqlite</c> (default) or <c>tables</c>.</summary>
    public string Store { get; set; } = "sqlite";

    public TablesOptions Tables { get; set; } = new();

    /// <summary>Everything that is wrong, one sentence each, naming the setting and never repeating a credential.</summary>
    public IEnumerable<string> Validate()
    {
        if (IsSqlite)
        {
            if (string.IsNullOrWhiteSpace(Data))
            {
                yield return $"{Section}:Data must name a folder.";
            }

            if (!string.IsNullOrWhiteSpace(Tables.ConnectionString) || !string.IsNullOrWhiteSpace(Tables.Endpoint))
            {
                yield return $"{Section}:Tables says where tables are, but {Section}:Store is 'sqlite': set it to 'tables', or leave out what is set below Tables.";
            }
        }
        else if (IsTables)
        {
            if (!TryGetAccount(out _, out var error))
            {
                yield return error;
            }

            if (!TableEntityStore.IsTableName(Tables.Name))
            {
                yield return $"{Section}:Tables:Name must be 3 to 63 letters and digits, a letter first.";
            }
        }
        else
        {
            yield return $"{Section}:Store must be 'sqlite' or 'tables'.";
        }
    }

    internal bool IsSqlite => string.Equals(Store, "sqlite", StringComparison.OrdinalIgnoreCase);

    public bool IsTables => string.Equals(Store, "tables", StringComparison.OrdinalIgnoreCase);

    internal bool TryGetAccount(out TablesAccount? account, out string error)
    {
        account = null;
        var hasConnection = !string.IsNullOrWhiteSpace(Tables.ConnectionString);
        var hasEndpoint = !string.IsNullOrWhiteSpace(Tables.Endpoint);
        if (hasConnection == hasEndpoint)
        {
            error = $"{Section}:Store is 'tables', so exactly one of {Section}:Tables:ConnectionString and {Section}:Tables:Endpoint must be set.";
            return false;
        }

        string? problem;
        if (hasConnection)
        {
            _ = TablesAccount.TryFromConnectionString(Tables.ConnectionString!, out account, out problem);
            error = $"{Section}:Tables:ConnectionString {problem}.";
        }
        else
        {
            _ = TablesAccount.TryFromEndpoint(Tables.Endpoint!, out account, out problem);
            error = $"{Section}:Tables:Endpoint {problem}.";
        }

        return account is not null;
    }
}
