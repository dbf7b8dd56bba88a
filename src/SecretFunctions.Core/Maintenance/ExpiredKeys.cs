using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Maintenance;

/// <summary>Removes API keys some time after they expired: until then whoever presents one is told that it expired. Safe for concurrent use.</summary>
public sealed class ExpiredKeys(ResourceStore resources)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    internal async Task PurgeAsync(Caller caller, CancellationToken cancellationToken)
    {
        var before = resources.Now - Kept;
        await foreach (var entity in resources.Store.ReadAllAsync(EntityRange.Prefix(caller.OrganizationId, Rows.ApiKeyPrefix), 500, cancellationToken))
        {
            var key = Documents.Read(entity, StoredJson.Default.ApiKey);
            if (key.Document.ExpiresAt < before)
            {
                // One that changed or went meanwhile is the next round's.
                await resources.CommitAsync(
                    caller, [EntityWrite.Delete(key.Row, key.ETag)], Change.Of("api-key.purge", ("apiKey", key.Document.Id), ("name", key.Document.Name)), cancellationToken);
            }
        }
    }
}
