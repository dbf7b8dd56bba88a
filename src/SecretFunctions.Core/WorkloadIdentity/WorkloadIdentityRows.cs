using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>Configurations as they lie in the store now.</summary>
internal static class WorkloadIdentityRows
{
    public static Task<Stored<WorkloadIdentityConfig>?> GetConfigAsync(
        this IEntityStore store, string organizationId, string name, CancellationToken cancellationToken) =>
        store.GetAsync(organizationId, Rows.WorkloadIdentity(name), StoredJson.Default.WorkloadIdentityConfig, cancellationToken);

    public static IAsyncEnumerable<WorkloadIdentityConfig> ReadConfigsAsync(this IEntityStore store, string organizationId, CancellationToken cancellationToken) =>
        store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.WorkloadIdentityPrefix), 500, cancellationToken)
            .Select(static entity => Documents.Read(entity, StoredJson.Default.WorkloadIdentityConfig).Document);
}
