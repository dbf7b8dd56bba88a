using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a principal may do by itself, before a key narrows it: the same whichever way it proved who it is.</summary>
internal static class PrincipalAccess
{
    /// <summary>Null where the principal does not exist (any more).</summary>
    public static async Task<Permissions?> FindAsync(
        IEntityStore store, string organizationId, Principal principal, CancellationToken cancellationToken) => principal.Type switch
        {
            PrincipalType.Member => Permissions.All,
            PrincipalType.Service => Permissions.None,
            _ => await store.GetAsync(organizationId, Rows.Automation(principal.Name), StoredJson.Default.Automation, cancellationToken) is { Document.DeletedAt: null }
                ? Permissions.None
                : null,
        };
}
