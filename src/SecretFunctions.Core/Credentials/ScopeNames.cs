using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Credentials;

/// <summary>What the scope of a credential or a workload identity configuration names must be there.</summary>
internal static class ScopeNames
{
    /// <summary>One entry for each name of nothing, as far as the caller who may do this there can tell.</summary>
    public static async Task<List<FailureEntry>> CheckAsync(
        ResourceStore resources, Caller caller, Demand demand, CredentialScope scope, CancellationToken cancellationToken)
    {
        var organizationId = caller.OrganizationId;
        var errors = new List<FailureEntry>();
        foreach (var project in scope.Projects ?? [])
        {
            if (await resources.GetAsync(organizationId, Rows.Project(project), StoredJson.Default.Project, cancellationToken) is not { Document.DeletedAt: null })
            {
                errors.Add(new FailureEntry("project.not_found", $"There is no project '{project}'.") { Field = "projects" });
            }
        }

        foreach (var automation in scope.Automations)
        {
            if (await resources.GetAsync(organizationId, Rows.Automation(automation), StoredJson.Default.Automation, cancellationToken) is not { Document: { DeletedAt: null, Project: var project } }
                || !Authorizer.Allows(caller, demand, Place.OfProject(project)))
            {
                errors.Add(new FailureEntry("automation.not_found", $"There is no automation '{automation}'.") { Field = "automations" });
            }
        }

        return errors;
    }
}
