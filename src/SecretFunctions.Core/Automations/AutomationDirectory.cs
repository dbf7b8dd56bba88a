using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Automations;

/// <summary>The organization's automations. Safe for concurrent use.</summary>
public sealed class AutomationDirectory(ResourceStore resources, Projects projects, Environments environments, SubjectLimits limits)
{
    private static readonly Demand View = new(Feature.Automations, Level.View);
    private static readonly Demand Manage = new(Feature.Automations, Level.Manage);
    private static readonly Demand ViewVariables = new(Feature.EnvironmentVariables, Level.View);
    private static readonly Demand ViewValues = new(Feature.SecretValues, Level.View);

    public async Task<Result<Stored<Automation>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.Automation(name), StoredJson.Default.Automation, cancellationToken) is { Document.DeletedAt: null } stored
            ? stored
            : NotFound(name);

    /// <summary>For somebody who wants to do something about it, which lies in its project. What is out of their reach is not there.</summary>
    /// <param name="environment">Where it is about one.</param>
    public async Task<Result<Stored<Automation>>> FindAsync(
        Caller caller, Demand demand, string name, string? environment, CancellationToken cancellationToken) =>
        (await GetAsync(caller.OrganizationId, name, cancellationToken)).TryGet(out var stored, out var failure) && Reaches(caller, demand, stored.Document.Project, environment)
            ? stored
            : failure ?? NotFound(name);

    private static bool Reaches(Caller caller, Demand demand, string project, string? environment) =>
        Authorizer.Allows(caller, demand, environment is null ? Place.OfProject(project) : Place.In(project, environment));

    public Task<StoredPage<Automation>> ListAsync(Caller caller, string? project, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(caller.OrganizationId, Rows.AutomationPrefix);
        return resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.Automation,
            automation => automation.DeletedAt is null && (project is null || automation.Project == project) && Reaches(caller, View, automation.Project, null),
            cancellationToken);
    }

    public async Task<Result<Saved<Automation>>> PutAsync(
        Caller caller,
        string name,
        string project,
        string? owner,
        string? displayName,
        string? description,
        Precondition precondition,
        CancellationToken cancellationToken)
    {
        if (Authorizer.Check(caller, Manage, Place.OfProject(project)) is { } denied)
        {
            return denied;
        }

        var now = resources.Now;
        var by = caller.Principal.ToString();
        return await resources.PutAsync(
            caller,
            Rows.Automation(name),
            StoredJson.Default.Automation,
            precondition,
            Change.Of("automation.put", ("automation", name), ("project", project), ("owner", owner ?? "")),
            async current =>
            {
                if (current is not null && CheckMove(caller, current, project) is { } refused)
                {
                    return refused;
                }

                if (current is { DeletedAt: not null })
                {
                    return ReservedNames.Taken("automation", name);
                }

                if ((await projects.GetAsync(caller.OrganizationId, project, cancellationToken)).Failure is { } noProject)
                {
                    return noProject with { Kind = FailureKind.Invalid };
                }

                return current?.Project != project
                    && await limits.CheckAutomationAsync(caller.OrganizationId, caller.OrganizationName, project, name, cancellationToken) is { } tooLong
                    ? tooLong
                    : new Automation(name, project, owner, displayName, description, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
                    {
                        Id = current is null ? ApiKeyText.NewId() : current.Id,
                        Ownership = current is null || current.Owner == owner ? current?.Ownership ?? 0 : current.Ownership + 1,
                    };
            },
            cancellationToken);
    }

    /// <summary>
    /// Deletes it with its assignments, variables, snapshots, API keys and trusted issuers. The name stays reserved unless it is released: by the
    /// organization's people, since clouds may trust it, and not while anything is limited to it. Killed at any point it leaves at most things of an automation that no longer exists, which nobody reaches; a release removes
    /// those before it gives the name away.
    /// </summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, bool release, CancellationToken cancellationToken)
    {
        if (release
            && (await resources.GetAsync(caller.OrganizationId, Rows.Automation(name), StoredJson.Default.Automation, cancellationToken) is not { } current ? NotFound(name)
                : CheckRelease(caller, current.Document) ?? await NameUse.FindAutomationAsync(resources.Store, caller, name, cancellationToken)) is { } refused)
        {
            return refused;
        }

        var deleted = await resources.PutAsync(
            caller,
            Rows.Automation(name),
            StoredJson.Default.Automation,
            precondition,
            Change.Of("automation.delete", ("automation", name)),
            current => ValueTask.FromResult<Result<Automation>>(
                current is null || (current.DeletedAt is not null && !release) || !Reaches(caller, Manage, current.Project, null)
                    ? NotFound(name)
                    : current with { DeletedAt = current.DeletedAt ?? resources.Now, Changes = current.Changes.Changed(resources.Now, caller.Principal.ToString()) }),
            cancellationToken);
        if (!deleted.TryGet(out var tombstone, out var failure))
        {
            return failure;
        }

        await PurgeAsync(caller.OrganizationId, name, cancellationToken);
        if (!release)
        {
            return null;
        }

        var released = await resources.CommitAsync(
            caller, [EntityWrite.Delete(Rows.Automation(name), tombstone.ETag)], Change.Of("automation.release", ("automation", name)), cancellationToken);
        return released.Applied ? null : ResourceStore.Busy;
    }

    private static Failure? CheckRelease(Caller caller, Automation current) =>
        Reaches(caller, Manage, current.Project, null) ? Authorizer.Check(caller, Manage, Place.Organization) : NotFound(current.Name);

    /// <summary>
    /// What it is assigned by scope is of the other project from then on, so whoever moves it there sees those variables. Its keys go along and read the
    /// other project's values, and its own variables and snapshots bring what they hold of this one's: so whoever moves it may see the values of both. And
    /// who may not change it where it is does not find it.
    /// </summary>
    private static Failure? CheckMove(Caller caller, Automation current, string project) =>
        !Reaches(caller, Manage, current.Project, null) ? NotFound(current.Name)
        : current.Project == project ? null
        : Authorizer.Check(caller, ViewVariables, new Place([project], null))
            ?? Authorizer.Check(caller, ViewValues, new Place([current.Project], null))
            ?? Authorizer.Check(caller, ViewValues, new Place([project], null));

    private async Task PurgeAsync(string organizationId, string name, CancellationToken cancellationToken)
    {
        var store = resources.Store;
        await store.PurgeAsync(EntityRange.Prefix(organizationId, Rows.AssignmentPrefix(name)), cancellationToken);
        await store.PurgeAsync(EntityRange.Prefix(organizationId, Rows.SnapshotPrefix(name)), cancellationToken);
        foreach (var environment in await environments.ListAsync(organizationId, cancellationToken))
        {
            var prefix = $"{Rows.VariablePrefix}{environment.Document.Name}|automation:{name}|";
            await store.PurgeAsync(EntityRange.Prefix(organizationId, prefix), cancellationToken);
        }

        // What lets somebody in as this automation would let them in as the next one of its name.
        var principal = new Principal(PrincipalType.Automation, name);
        var keys = await store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.ApiKeyPrefix), int.MaxValue - 1, StoredJson.Default.ApiKey, key => key.Principal == principal, cancellationToken);
        var issuers = await store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.TrustedIssuerPrefix), int.MaxValue - 1, StoredJson.Default.TrustedIssuer, issuer => issuer.Principal == principal, cancellationToken);
        foreach (var row in keys.Items.Select(static key => key.Row).Concat(issuers.Items.Select(static issuer => issuer.Row)))
        {
            // Deleted meanwhile by somebody else: gone is gone.
            await store.WriteAsync(organizationId, [EntityWrite.Delete(row, null)], cancellationToken);
        }
    }

    public static Failure NotFound(string name) => Failure.NotFound("automation.not_found", $"There is no automation '{name}'.");
}
