using SecretFunctions.Providers.Azure;
using SecretFunctions.Storage;

namespace SecretFunctions.Hosting;

/// <summary>The key above all others: <c>SecretFunctions:Root:*</c>.</summary>
public sealed class RootOptions
{
    private const string Section = $"{SecretFunctionsOptions.Section}:Root";

    /// <summary>The root key's file; default <c>root.key</c> in the data folder. Made at the first start, readable by its owner alone.</summary>
    public string? File { get; set; }

    /// <summary>
    /// A key in Key Vault instead of a file, by its address. Without a version whichever is current wraps; every version unwraps what it wrapped.
    /// </summary>
    public string? KeyVaultKey { get; set; }

    /// <summary>After a key was restored into another vault: the address it had in the first one, by which the stored data knows it.</summary>
    public string? KeyVaultKeyRestoredFrom { get; set; }

    /// <summary>Everything that is wrong, a sentence each; never a value.</summary>
    internal IEnumerable<string> Validate(ProviderSettings providers)
    {
        if (File is not null && KeyVaultKey is not null)
        {
            yield return $"{Section}:File and {Section}:KeyVaultKey exclude each other: set one of them.";
        }

        if (File is not null && string.IsNullOrWhiteSpace(File))
        {
            yield return $"{Section}:File must name a file.";
        }

        if (KeyVaultKey is not null && Parse(KeyVaultKey, providers) is null)
        {
            yield return $"{Section}:KeyVaultKey must be a key's address, such as https://VAULT.vault.azure.net/keys/NAME.";
        }

        if (KeyVaultKeyRestoredFrom is not null && KeyVaultKey is null)
        {
            yield return $"{Section}:KeyVaultKeyRestoredFrom means nothing without {Section}:KeyVaultKey.";
        }
        else if (KeyVaultKeyRestoredFrom is not null && Parse(KeyVaultKeyRestoredFrom, providers) is not { Version: null })
        {
            yield return $"{Section}:KeyVaultKeyRestoredFrom must be a key's address without a version, such as https://VAULT.vault.azure.net/keys/NAME.";
        }
    }

    /// <summary>The same, of what only shows together with the store.</summary>
    internal IEnumerable<string> Validate(StorageOptions storage)
    {
        // On one machine's disk a new key would be made, and lost with that machine, and with it everything in a table that lives on. With a
        // connection string it is an emulator, or somebody who said that they want it so.
        if (File is null && KeyVaultKey is null && !string.IsNullOrWhiteSpace(storage.Tables.Endpoint))
        {
            yield return $"{SecretFunctionsOptions.Section}:Tables:Endpoint needs {Section}:KeyVaultKey, or {Section}:File: a root key must not depend on one machine's data folder.";
        }
    }

    internal static KeyVaultKeyAddress? Parse(string? text, ProviderSettings providers) =>
        text is not null && KeyVaultKeyAddress.TryParse(text, providers.ToOptions(), out var address) ? address : null;
}
