using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Vault;
using SecretFunctions.Core.Vault;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary>A store with the rows of an organization that its audit log needs, and nothing else of it.</summary>
internal static class KeyedStore
{
    public static async Task<InMemoryEntityStore> WithAsync(params string[] organizations)
    {
        var store = new InMemoryEntityStore();
        foreach (var id in organizations)
        {
            var keys = await OrganizationKeys.CreateAsync(VaultVectors.RootKey, id, DateTimeOffset.UnixEpoch, CancellationToken.None);
            var organization = new Organization(id, id, null, null, Changes.Made(DateTimeOffset.UnixEpoch, "test"));
            await store.WriteAsync(
                id,
                [
                    EntityWrite.Insert(Rows.Organization, Documents.Serialize(organization, StoredJson.Default.Organization)),
                    EntityWrite.Insert(Rows.Keys, Documents.Serialize(keys, StoredJson.Default.StoredOrganizationKeys)),
                    EntityWrite.Insert(Rows.Revision, new byte[8]),
                ],
                CancellationToken.None);
            var name = new OrganizationName(id, OrganizationState.Active);
            await store.WriteAsync(
                Rows.Deployment, [EntityWrite.Insert(Rows.OrganizationName(id), Documents.Serialize(name, StoredJson.Default.OrganizationName))], CancellationToken.None);
        }

        return store;
    }

    public static OrganizationViews Views(IEntityStore store, TestClock clock) => new(store, new RootKeys(store, new SingleRootKey(VaultVectors.RootKey), clock), clock, TimeSpan.FromSeconds(1));
}
