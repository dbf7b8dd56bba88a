using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>Whether a configuration gives a subject to anybody at all, as the organization is now.</summary>
internal static class SubjectsServed
{
    /// <param name="store">Where the organization lies.</param>
    /// <param name="organizationId">Its id.</param>
    /// <param name="config">Of that organization.</param>
    /// <param name="subject">Cut to what some configuration's tokens name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> GivesAsync(
        IEntityStore store, string organizationId, WorkloadIdentityConfig config, TokenSubject subject, CancellationToken cancellationToken)
    {
        if (!subject.Reaches(config.SubjectScope) || subject != subject.Cut(config.SubjectScope))
        {
            return false;
        }

        if (subject.Environment is { } environment
            && (!config.PermitsEnvironment(environment)
                || await store.GetAsync(new EntityKey(organizationId, Rows.Environment(environment)), cancellationToken) is null))
        {
            return false;
        }

        if (subject.Project is { } project
            && (config.Scope.Projects?.Contains(project) == false
                || await store.GetAsync(organizationId, Rows.Project(project), StoredJson.Default.Project, cancellationToken) is not { Document.DeletedAt: null }))
        {
            return false;
        }

        return subject.Automation is { } automation
            ? (config.Scope.Automations.Count == 0 || config.Scope.Automations.Contains(automation)) && await IsThereAsync(automation)
            : config.Scope.Automations.Count == 0 || await AnyIsThereAsync();

        async Task<bool> IsThereAsync(string name) =>
            await store.GetAsync(organizationId, Rows.Automation(name), StoredJson.Default.Automation, cancellationToken) is { Document: { DeletedAt: null } found }
            && (subject.Project is null || found.Project == subject.Project)
            && config.Scope.Permits(found.Project, found.Name);

        // A coarse subject of a configuration for named automations: one of them must have it.
        async Task<bool> AnyIsThereAsync()
        {
            foreach (var name in config.Scope.Automations)
            {
                if (await IsThereAsync(name))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
