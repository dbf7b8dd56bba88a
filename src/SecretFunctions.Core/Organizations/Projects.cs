using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Organizations;

/// <summary>The organization's projects. Safe for concurrent use.</summary>
public sealed class Projects(ResourceStore resources, Environments environments, SubjectLimits limits)
{
    private static readonly Demand Manage = new(Feature.Automations, Level.Manage);

    public async Task<Result<Stored<Project>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.Project(name), StoredJson.Default.Project, cancellationToken) is { Document.DeletedAt: null } stored
            ? stored
            : NotFound(name);

    public Task<StoredPage<Project>> ListAsync(Caller caller, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(caller.OrganizationId, Rows.ProjectPrefix);
        var view = new Demand(Feature.Automations, Level.View);
        return resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.Project,
            project => project.DeletedAt is null && Authorizer.Allows(caller, view, Place.OfProject(project.Name)),
            cancellationToken);
    }

    public Task<Result<Saved<Project>>> PutAsync(
        Caller caller, string name, string? displayName, string? description, Precondition precondition, CancellationToken cancellationToken)
    {
        var now = resources.Now;
        var by = caller.Principal.ToString();
        return resources.PutAsync(
            caller,
            Rows.Project(name),
            StoredJson.Default.Project,
            precondition,
            Change.Of("project.put", ("project", name)),
            async current =>
                current is { DeletedAt: not null } ? ReservedNames.Taken("project", name)
                : current is null && await limits.CheckProjectAsync(caller.OrganizationId, caller.OrganizationName, name, cancellationToken) is { } tooLong ? tooLong
                : new Project(name, displayName, description, current?.Changes.Changed(now, by) ?? Changes.Made(now, by)),
            cancellationToken);
    }

    /// <summary>
    /// Refused while automations or variables belong to it. The name stays reserved unless it is released: by the organization's people, since clouds may
    /// trust it, and not while anything is limited to it.
    /// </summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, bool release, CancellationToken cancellationToken)
    {
        if (release && Authorizer.Check(caller, Manage, Place.Organization) is { } denied)
        {
            return denied;
        }

        var change = Change.Of(release ? "project.release" : "project.delete", ("project", name));
        if (await FindUseAsync(caller.OrganizationId, name, cancellationToken) is { } use)
        {
            return Failure.Conflict("project.in_use", $"Project '{name}' still has {use}. Delete or move it first.");
        }

        if (release)
        {
            return await NameUse.FindProjectAsync(resources.Store, caller, name, cancellationToken)
                ?? await resources.DeleteAsync(caller, Rows.Project(name), StoredJson.Default.Project, precondition, change, NotFound(name), cancellationToken);
        }

        var deleted = await resources.PutAsync(
            caller,
            Rows.Project(name),
            StoredJson.Default.Project,
            precondition,
            change,
            current => ValueTask.FromResult<Result<Project>>(current is { DeletedAt: null }
                ? current with { DeletedAt = resources.Now, Changes = current.Changes.Changed(resources.Now, caller.Principal.ToString()) }
                : NotFound(name)),
            cancellationToken);
        return deleted.Failure;
    }

    private async Task<string?> FindUseAsync(string organizationId, string name, CancellationToken cancellationToken)
    {
        var automations = await resources.Store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.AutomationPrefix),
            limit: 1,
            StoredJson.Default.Automation,
            automation => automation.Project == name && automation.DeletedAt is null,
            cancellationToken);
        if (automations.Items.Count > 0)
        {
            return $"automation '{automations.Items[0].Document.Name}'";
        }

        foreach (var environment in await environments.ListAsync(organizationId, cancellationToken))
        {
            var prefix = $"{Rows.VariablePrefix}{environment.Document.Name}|project:{name}|";
            if ((await resources.Store.QueryAsync(EntityRange.Prefix(organizationId, prefix), 1, null, cancellationToken)).Entities.Count > 0)
            {
                return $"variables in environment '{environment.Document.Name}'";
            }
        }

        return null;
    }

    private static Failure NotFound(string name) => Failure.NotFound("project.not_found", $"There is no project '{name}'.");
}
