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

    /// <summary>Of those that are not deleted.</summary>
    public static async Task<List<string>> ReadProjectNamesAsync(this IEntityStore store, string organizationId, CancellationToken cancellationToken) =>
        await store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.ProjectPrefix), 500, cancellationToken)
            .Select(static entity => Documents.Read(entity, StoredJson.Default.Project).Document)
            .Where(static project => project.DeletedAt is null)
            .Select(static project => project.Name)
            .ToListAsync(cancellationToken);

    public static async Task<List<string>> ReadEnvironmentNamesAsync(this IEntityStore store, string organizationId, CancellationToken cancellationToken) =>
        await store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.EnvironmentPrefix), 500, cancellationToken)
            .Select(static entity => Documents.Read(entity, StoredJson.Default.DeploymentEnvironment).Document.Name)
            .ToListAsync(cancellationToken);

    /// <summary>Of those that are not deleted.</summary>
    public static async Task<List<(string Project, string Name)>> ReadAutomationNamesAsync(this IEntityStore store, string organizationId, CancellationToken cancellationToken) =>
        await store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.AutomationPrefix), 500, cancellationToken)
            .Select(static entity => Documents.Read(entity, StoredJson.Default.Automation).Document)
            .Where(static automation => automation.DeletedAt is null)
            .Select(static automation => (automation.Project, automation.Name))
            .ToListAsync(cancellationToken);
}
