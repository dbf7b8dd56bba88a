using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Organizations;

/// <summary>The operator's key: its id where it has our form, and a digest of its secret part.</summary>
internal sealed record OperatorKey(string? Id, byte[] SecretHash);

/// <summary>What a deployment needs before it can serve: its root key checked, an organization, an operator.</summary>
public sealed class Deployment(IEntityStore store, RootKeys rootKeys, OrganizationDirectory organizations)
{
    public const string DefaultOrganization = "default";

    /// <summary>Whether the store already belongs to a root key: then a new one must not be made up.</summary>
    public static async Task<bool> HasDataAsync(IEntityStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(new EntityKey(Rows.Deployment, Rows.RootKey), cancellationToken) is not null;

    /// <summary>Safe to repeat, and to run on several instances at once.</summary>
    /// <param name="bootstrapKey">The operator's word for their key; null makes one at the first start.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The operator's key, where it was made now: to be shown this once.</returns>
    /// <exception cref="RootKeyException">The data needs a root key that is not at hand.</exception>
    public async Task<string?> StartAsync(string? bootstrapKey, CancellationToken cancellationToken)
    {
        await rootKeys.CheckAsync(cancellationToken);
        await organizations.EnsureDefaultAsync(cancellationToken);

        // Last: whoever has a key finds everything it needs in place.
        return await EnsureOperatorAsync(bootstrapKey, cancellationToken);
    }

    private async Task<string?> EnsureOperatorAsync(string? bootstrapKey, CancellationToken cancellationToken)
    {
        var current = await store.GetAsync(Rows.Deployment, Rows.Operator, StoredJson.Default.OperatorKey, cancellationToken);
        if (bootstrapKey is null && current is not null)
        {
            return null;
        }

        if (bootstrapKey is not null)
        {
            var configured = Describe(bootstrapKey);
            if (current is null || current.Document.Id != configured.Id || !CryptographicOperations.FixedTimeEquals(current.Document.SecretHash, configured.SecretHash))
            {
                var upsert = EntityWrite.Upsert(Rows.Operator, Documents.Serialize(configured, StoredJson.Default.OperatorKey));
                await store.WriteAsync(Rows.Deployment, [upsert], cancellationToken);
            }

            return null;
        }

        var made = ApiKeyText.Create(ApiKeyText.NewId(), out _, out _);
        var insert = EntityWrite.Insert(Rows.Operator, Documents.Serialize(Describe(made), StoredJson.Default.OperatorKey));
        var result = await store.WriteAsync(Rows.Deployment, [insert], cancellationToken);
        return result.Applied ? made : null;
    }

    internal static OperatorKey Describe(string text)
    {
        if (!ApiKeyText.TryParse(text, out var key))
        {
            // Of a length no key has: hashed all the same, so that it compares unequal like any other wrong key.
            return new OperatorKey(null, SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }

        var hash = new byte[SHA256.HashSizeInBytes];
        key.HashSecret(hash);
        return new OperatorKey(key.Id.IsEmpty ? null : key.Id.ToString(), hash);
    }
}
