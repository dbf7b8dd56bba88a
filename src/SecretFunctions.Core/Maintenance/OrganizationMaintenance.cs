using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Maintenance;

/// <summary>What a round does for one organization. Safe for concurrent use.</summary>
public sealed class OrganizationMaintenance(
    IEntityStore store,
    OrganizationViews views,
    CacheWatch watch,
    ExpiryWarnings warnings,
    ExpiredKeys keys,
    OrganizationRewrap rewrap,
    CheckpointMaker checkpoints,
    Retention retention,
    Bulkhead bulkhead)
{
    internal async Task RunAsync(string organizationId, RoundFindings findings, CancellationToken cancellationToken)
    {
        if (await views.GetAsync(organizationId, cancellationToken) is not { } view)
        {
            return; // Destroyed since it was listed.
        }

        var caller = new Caller(view.Organization.Id, view.Organization.Name, Principal.Maintenance, Permissions.None);
        var credentials = await ReadCredentialsAsync(organizationId, cancellationToken);
        (string Name, Func<Task> Run)[] steps =
        [
            ("rotation", () => watch.RunAsync(view, caller, credentials, cancellationToken)),
            ("expiry warnings", () => warnings.RunAsync(caller, credentials, findings, cancellationToken)),
            ("expired keys", () => keys.PurgeAsync(caller, cancellationToken)),
            ("key rotation", () => rewrap.RunAsync(caller, cancellationToken)),
            ("audit checkpoint", () => checkpoints.AdvanceAsync(view, cancellationToken)),
            ("audit retention", () => retention.RunAsync(view, cancellationToken)),
        ];
        foreach (var (name, run) in steps)
        {
            await bulkhead.RunAsync(view.Organization.Name, name, run, cancellationToken);
        }
    }

    private async Task<Dictionary<string, ProviderCredential>> ReadCredentialsAsync(string organizationId, CancellationToken cancellationToken)
    {
        var credentials = new Dictionary<string, ProviderCredential>(StringComparer.Ordinal);
        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.CredentialPrefix), 500, cancellationToken))
        {
            var credential = Documents.Read(entity, StoredJson.Default.ProviderCredential).Document;
            credentials[credential.Name] = credential;
        }

        return credentials;
    }
}
