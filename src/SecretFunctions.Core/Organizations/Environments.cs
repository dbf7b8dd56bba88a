using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Organizations;

/// <summary>The organization's environments. Safe for concurrent use.</summary>
public sealed class Environments(ResourceStore resources, SubjectLimits limits)
{
    public const int Max = 100;

    public async Task<Result<Stored<DeploymentEnvironment>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.Environment(name), StoredJson.Default.DeploymentEnvironment, cancellationToken) is { } stored
            ? stored
            : Unknown(name);

    /// <summary>Null where the environment exists.</summary>
    public async Task<Failure?> CheckAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        (await GetAsync(organizationId, name, cancellationToken)).Failure;

    public async Task<IReadOnlyList<Stored<DeploymentEnvironment>>> ListAsync(string organizationId, CancellationToken cancellationToken) =>
        (await resources.Store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.EnvironmentPrefix), Max, StoredJson.Default.DeploymentEnvironment, null, cancellationToken)).Items;

    public async Task<Result<Saved<DeploymentEnvironment>>> PutAsync(
        Caller caller, string name, string? displayName, string? description, Precondition precondition, CancellationToken cancellationToken)
    {
        var now = resources.Now;
        var by = caller.Principal.ToString();
        return await resources.PutAsync(
            caller,
            Rows.Environment(name),
            StoredJson.Default.DeploymentEnvironment,
            precondition,
            Change.Of("environment.put", ("environment", name)),
            async current => current is null && await CheckNewAsync(caller, name, cancellationToken) is { } failure
                ? failure
                : new DeploymentEnvironment(name, displayName, description, current?.Changes.Changed(now, by) ?? Changes.Made(now, by)),
            cancellationToken);
    }

    private async Task<Failure?> CheckNewAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        (await ListAsync(caller.OrganizationId, cancellationToken)).Count >= Max
            ? Failure.Conflict("environment.too_many", $"An organization has at most {Max} environments.")
            : await limits.CheckEnvironmentAsync(caller.OrganizationId, caller.OrganizationName, name, cancellationToken);

    /// <summary>Refused while anything lies in it: a later environment of this name must not find it.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, CancellationToken cancellationToken) =>
        await FindUseAsync(caller.OrganizationId, name, cancellationToken) is { } use
            ? Failure.Conflict("environment.in_use", $"Environment '{name}' still has {use}. Delete them first.")
            : await resources.DeleteAsync(
                caller,
                Rows.Environment(name),
                StoredJson.Default.DeploymentEnvironment,
                precondition,
                Change.Of("environment.delete", ("environment", name)),
                Unknown(name),
                cancellationToken);

    private async Task<string?> FindUseAsync(string organizationId, string name, CancellationToken cancellationToken)
    {
        if (await AnyAsync($"{Rows.VariablePrefix}{name}|", static _ => true))
        {
            return "variables";
        }

        if (await AnyAsync(Rows.AllAssignmentsPrefix, entity => Documents.Read(entity, StoredJson.Default.AssignmentList).Document is { Items.Count: > 0 } list && list.Environment == name))
        {
            return "assignments";
        }

        if (await AnyAsync(Rows.AllSnapshotsPrefix, entity => Documents.Read(entity, StoredJson.Default.Snapshot).Document.Environment == name))
        {
            return "snapshots";
        }

        return await AnyAsync(VariableAddress.AllPersonalPrefix, entity => entity.Key.Row.Split('|') is [_, _, _, var environment, _] && environment == name)
            ? "personal variables of members"
            : null;

        async Task<bool> AnyAsync(string prefix, Func<Entity, bool> matches)
        {
            await foreach (var entity in resources.Store.ReadAllAsync(EntityRange.Prefix(organizationId, prefix), pageSize: 200, cancellationToken))
            {
                if (matches(entity))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static Failure Unknown(string name) =>
        Failure.NotFound("environment.not_found", $"There is no environment '{name}'. GET /v1/environments lists them; an owner can add one.");
}
