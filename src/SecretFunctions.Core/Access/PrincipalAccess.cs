using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a principal may do by itself, before a key narrows it: the same whichever way it proved who it is.</summary>
/// <param name="MemberId">Of a member.</param>
internal sealed record PrincipalAccess(IReadOnlyList<Grant> Grants, string? MemberId)
{
    /// <summary>A service has nothing of its own, an automation one thing that is not granted.</summary>
    private static PrincipalAccess Nothing { get; } = new([], null);

    /// <summary>Null where the principal does not exist (any more).</summary>
    public static async Task<PrincipalAccess?> FindAsync(
        IEntityStore store, string organizationId, Principal principal, CancellationToken cancellationToken)
    {
        switch (principal.Type)
        {
            case PrincipalType.Member:
                return await store.GetAsync(organizationId, Rows.Member(principal.Name), StoredJson.Default.Member, cancellationToken) is { Document: var member }
                    ? new PrincipalAccess(await GrantsOfAsync(store, organizationId, member, cancellationToken), member.Id)
                    : null;
            case PrincipalType.Service:
                return Nothing;
            default:
                return await store.GetAsync(organizationId, Rows.Automation(principal.Name), StoredJson.Default.Automation, cancellationToken) is { Document.DeletedAt: null }
                    ? Nothing
                    : null;
        }
    }

    /// <summary>One for each role, narrowed to the member's own projects.</summary>
    public static async Task<IReadOnlyList<Grant>> GrantsOfAsync(IEntityStore store, string organizationId, Member member, CancellationToken cancellationToken)
    {
        var limit = Grant.Everything with { Projects = member.Projects };
        var grants = new List<Grant>();
        foreach (var name in member.Roles)
        {
            var role = Roles.FindBuiltIn(name) ?? (await store.GetAsync(organizationId, Rows.Role(name), StoredJson.Default.Role, cancellationToken))?.Document;
            if (role?.ToGrant().Narrow(limit) is { } grant)
            {
                grants.Add(grant);
            }
        }

        return grants;
    }
}
