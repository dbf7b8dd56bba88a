using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a role shall be.</summary>
public sealed record RoleInput(IReadOnlyDictionary<string, string> Permissions, IReadOnlyList<string>? Projects, IReadOnlyList<string>? Environments);

/// <summary>The organization's roles, the built-in ones among them. Safe for concurrent use.</summary>
public sealed class Roles(ResourceStore resources)
{
    /// <summary>Of an organization's own.</summary>
    public const int Max = 200;

    private const int MaxAttempts = 8;

    public async Task<Result<Stored<Role>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken)
    {
        if (FindBuiltIn(name) is { } builtIn)
        {
            return new Stored<Role>(Rows.Role(name), builtIn, "");
        }

        return await resources.GetAsync(organizationId, Rows.Role(name), StoredJson.Default.Role, cancellationToken) is { } stored ? stored : NotFound(name);
    }

    /// <summary>By name. All of them are read: there are never many.</summary>
    public async Task<StoredPage<Role>> ListAsync(string organizationId, int limit, string? from, CancellationToken cancellationToken)
    {
        var own = await resources.Store.ListAsync(EntityRange.Prefix(organizationId, Rows.RolePrefix), Max, StoredJson.Default.Role, null, cancellationToken);
        var all = Role.BuiltIn.Select(static role => new Stored<Role>(Rows.Role(role.Name), role, "")).Concat(own.Items)
            .OrderBy(static role => role.Row, StringComparer.Ordinal)
            .Where(role => from is null || string.CompareOrdinal(role.Row, from) >= 0)
            .ToList();
        return new StoredPage<Role>([.. all.Take(limit)], all.Count > limit ? all[limit].Row : null);
    }

    /// <summary>Whoever has the role has what it now says, everywhere within the consistency window.</summary>
    public async Task<Result<Saved<Role>>> PutAsync(Caller caller, string name, RoleInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if (FindBuiltIn(name) is not null)
        {
            return BuiltIn(name);
        }

        if (await CheckAsync(caller.OrganizationId, input, cancellationToken) is { } wrong)
        {
            return wrong;
        }

        var now = resources.Now;
        var by = caller.Principal.ToString();
        return await resources.PutAsync(
            caller,
            Rows.Role(name),
            StoredJson.Default.Role,
            precondition,
            Change.Of("role.put", ("role", name)),
            async current =>
            {
                var next = new Role(name, input.Permissions, current?.Changes!.Changed(now, by) ?? Changes.Made(now, by))
                {
                    Projects = input.Projects,
                    Environments = input.Environments,
                };
                if (Authorizer.CheckGrant(caller, current is null ? [next.ToGrant()] : [current.ToGrant(), next.ToGrant()]) is { } denied)
                {
                    return denied;
                }

                return current is null && (await ListAsync(caller.OrganizationId, int.MaxValue, null, cancellationToken)).Items.Count >= Max + Role.BuiltIn.Count
                    ? Failure.Conflict("role.too_many", $"An organization has at most {Max} roles of its own.")
                    : next;
            },
            cancellationToken);
    }

    /// <summary>
    /// Refused while a member has it: a later role of this name would be theirs. Whoever is given it writes its row, so that one who is given it at this
    /// moment is not overlooked.
    /// </summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, CancellationToken cancellationToken)
    {
        if (FindBuiltIn(name) is not null)
        {
            return BuiltIn(name);
        }

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!(await GetAsync(caller.OrganizationId, name, cancellationToken)).TryGet(out var role, out var failure)
                || (failure = Authorizer.CheckGrant(caller, [role.Document.ToGrant()])) is not null
                || (failure = await FindUseAsync(caller.OrganizationId, name, cancellationToken)) is not null
                || (failure = precondition.Check(role.ETag)) is not null)
            {
                return failure;
            }

            var result = await resources.CommitAsync(caller, [EntityWrite.Delete(role.Row, role.ETag)], Change.Of("role.delete", ("role", name)), cancellationToken);
            if (result.Applied)
            {
                return null;
            }

            if (precondition.IsConditional)
            {
                return Precondition.Failed("The role was changed, or given to somebody, meanwhile. Read it again.");
            }
        }

        return ResourceStore.Busy;
    }

    private async Task<Failure?> FindUseAsync(string organizationId, string name, CancellationToken cancellationToken)
    {
        var users = await resources.Store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.MemberPrefix), 1, StoredJson.Default.Member, member => member.Roles.Contains(name), cancellationToken);
        return users.Items.Count == 0
            ? null
            : Failure.Conflict("role.in_use", $"Member '{users.Items[0].Document.Email}' has role '{name}'. Take it from whoever has it first.");
    }

    private async Task<Failure?> CheckAsync(string organizationId, RoleInput input, CancellationToken cancellationToken)
    {
        Permissions.TryParse(input.Permissions, "permissions", out _, out var permissions);
        List<FailureEntry> errors = [.. permissions, .. await PlaceNames.CheckAsync(resources, organizationId, input.Projects, input.Environments, cancellationToken)];
        return errors.Count == 0
            ? null
            : Failure.Invalid("role.invalid", "The role was not stored: some of it is wrong.") with { Errors = errors };
    }

    internal static Role? FindBuiltIn(string name) => Role.BuiltIn.FirstOrDefault(role => role.Name == name);

    internal static Failure NotFound(string name) => Failure.NotFound("role.not_found", $"There is no role '{name}'.");

    private static Failure BuiltIn(string name) => Failure.Conflict("role.built_in", $"Role '{name}' is built in and stays what it is. Choose another name.");
}
