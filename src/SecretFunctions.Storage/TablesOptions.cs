namespace SecretFunctions.Storage;

/// <summary>The table, when <see cref="StorageOptions.Store"/> is <c>tables</c>. One of the first two is set.</summary>
public sealed class TablesOptions
{
    /// <summary>An account with its key, or <c>UseDevelopmentStorage=true</c>. Prefer <see cref="Endpoint"/>: no key to keep.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// <c>https://ACCOUNT.table.core.windows.net</c>, used with the identity the service runs as, which needs the role
    /// "Storage Table Data Contributor".
    /// </summary>
    public string? Endpoint { get; set; }

    /// <summary>3 to 63 letters and digits. Default <c>SecretFunctions</c>.</summary>
    public string Name { get; set; } = "SecretFunctions";
}
