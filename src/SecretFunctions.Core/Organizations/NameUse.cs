using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Organizations;

/// <summary>
/// What is limited to a project or an automation by name. It outlasts the thing itself, and would be good for the next of that name, so a name is not
/// given free before.
/// </summary>
internal static class NameUse
{
    private const int MaxNamed = 20;

    /// <summary>Null where nothing is.</summary>
    public static async Task<Failure?> FindProjectAsync(IEntityStore store, Caller caller, string project, CancellationToken cancellationToken)
    {
        var organizationId = caller.OrganizationId;
        var roles = await store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.RolePrefix), MaxNamed, StoredJson.Default.Role, role => Names(role.Projects, project), cancellationToken);
        var members = await store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.MemberPrefix), MaxNamed, StoredJson.Default.Member, member => Names(member.Projects, project), cancellationToken);
        var keys = await store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.ApiKeyPrefix), MaxNamed, StoredJson.Default.ApiKey, key => Names(key.Projects, project), cancellationToken);
        return Refuse(
            $"Project '{project}'",
            [
                .. roles.Items.Select(item => Entry(caller, Feature.Members, $"Role '{item.Document.Name}'.")),
                .. members.Items.Select(item => Entry(caller, Feature.Members, $"Member '{item.Document.Email}'.")),
                .. keys.Items.Select(item => Entry(caller, Feature.ApiKeys, $"API key '{item.Document.Id}'.")),
                .. await FindInScopesAsync(store, caller, scope => Names(scope.Projects, project), cancellationToken),
            ]);
    }

    /// <summary>Null where nothing is.</summary>
    public static async Task<Failure?> FindAutomationAsync(IEntityStore store, Caller caller, string automation, CancellationToken cancellationToken) =>
        Refuse($"Automation '{automation}'", await FindInScopesAsync(store, caller, scope => scope.Automations.Contains(automation), cancellationToken));

    private static async Task<List<FailureEntry>> FindInScopesAsync(
        IEntityStore store, Caller caller, Func<CredentialScope, bool> names, CancellationToken cancellationToken)
    {
        var credentials = await store.ListAsync(
            EntityRange.Prefix(caller.OrganizationId, Rows.CredentialPrefix), MaxNamed, StoredJson.Default.ProviderCredential, credential => names(credential.Scope), cancellationToken);
        var configs = await store.ListAsync(
            EntityRange.Prefix(caller.OrganizationId, Rows.WorkloadIdentityPrefix), MaxNamed, StoredJson.Default.WorkloadIdentityConfig, config => names(config.Scope), cancellationToken);
        return
        [
            .. credentials.Items.Select(item => Entry(caller, Feature.SecretProviders, $"Credential '{item.Document.Name}'.")),
            .. configs.Items.Select(item => Entry(caller, Feature.WorkloadIdentityConfigs, $"Workload identity configuration '{item.Document.Name}'.")),
        ];
    }

    private static bool Names(IReadOnlyList<string>? limit, string name) => limit?.Contains(name) == true;

    private static FailureEntry Entry(Caller caller, Feature feature, string what) =>
        new("name.used_by", Authorizer.Allows(caller, new Demand(feature, Level.View), Place.Organization) ? what : "Something that is not yours to see.");

    private static Failure? Refuse(string what, List<FailureEntry> users) => users.Count == 0
        ? null
        : Failure.Conflict("name.in_use", $"{what} is named elsewhere, and what names it would be good for the next of its name. Change that first, or delete without ?release=true.") with
        {
            Errors = [.. users.Take(MaxNamed)],
        };
}
