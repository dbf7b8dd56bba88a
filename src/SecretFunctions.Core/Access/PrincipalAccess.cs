using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a principal may do by itself, before a key narrows it: the same whichever way it proved who it is.</summary>
/// <param name="MemberId">Of a member.</param>
/// <param name="AutomationId">Of an automation.</param>
/// <param name="Claim">Of a member who has something personal: see <see cref="PersonalIdentity"/>.</param>
internal sealed record PrincipalAccess(IReadOnlyList<Grant> Grants, string? MemberId, string? AutomationId, PersonalIdentity? Claim)
{
    /// <summary>It has one thing, which is not granted.</summary>
    public static PrincipalAccess Of(Automation automation) => new([], null, automation.Id, null);

    /// <summary>Whether a key or trusted issuer that was made for this principal is for this very one, and not for an earlier one of its name.</summary>
    public bool Is(string? memberId, string? automationId) => MemberId == memberId && AutomationId == automationId;

    /// <summary>Null where the principal does not exist (any more).</summary>
    public static async Task<PrincipalAccess?> FindAsync(
        IEntityStore store, string organizationId, Principal principal, CancellationToken cancellationToken)
    {
        switch (principal.Type)
        {
            case PrincipalType.Member:
                return await store.GetAsync(organizationId, Rows.Member(principal.Name), StoredJson.Default.Member, cancellationToken) is { Document: var member }
                    ? new PrincipalAccess(
                        await GrantsOfAsync(store, organizationId, member, cancellationToken),
                        member.Id,
                        null,
                        (await store.GetAsync(organizationId, Rows.PersonalIdentity(member.Email), StoredJson.Default.PersonalIdentity, cancellationToken))?.Document)
                    : null;
            case PrincipalType.Service:
                return new PrincipalAccess([], null, null, null);
            default:
                return await store.GetAsync(organizationId, Rows.Automation(principal.Name), StoredJson.Default.Automation, cancellationToken) is { Document: { DeletedAt: null } automation }
                    ? Of(automation)
                    : null;
        }
    }

    /// <summary>Null where they are no member (any more).</summary>
    public static async Task<Person?> FindPersonAsync(IEntityStore store, string organizationId, string email, CancellationToken cancellationToken) =>
        await store.GetAsync(organizationId, Rows.Member(email), StoredJson.Default.Member, cancellationToken) is { Document: var member } ? new Person(email, member.Id) : null;

    /// <summary>Who lent what is personal to a credential, if that is the same member still.</summary>
    public static async Task<Person?> FindLenderAsync(IEntityStore store, string organizationId, Person? lender, CancellationToken cancellationToken) =>
        lender is { } person && await FindPersonAsync(store, organizationId, person.Email, cancellationToken) == person ? person : null;

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
