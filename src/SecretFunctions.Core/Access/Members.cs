using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Access;

/// <summary>What a member shall be.</summary>
public sealed record MemberInput(IReadOnlyList<string> Roles, IReadOnlyList<string>? Projects, string? DisplayName);

/// <summary>The organization's members. Safe for concurrent use.</summary>
public sealed class Members(ResourceStore resources)
{
    private const int MaxAttempts = 8;
    private const int MaxRoles = 20;

    public async Task<Result<Stored<Member>>> GetAsync(string organizationId, string email, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.Member(email), StoredJson.Default.Member, cancellationToken) is { } stored ? stored : NotFound(email);

    public Task<StoredPage<Member>> ListAsync(string organizationId, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(organizationId, Rows.MemberPrefix);
        return resources.Store.ListAsync(range with { From = from ?? range.From }, limit, StoredJson.Default.Member, null, cancellationToken);
    }

    /// <summary>
    /// Whoever gives or takes a role holds what it allows, and nobody changes a member who holds more than they do. What changes hands holds on
    /// every instance within the consistency window.
    /// </summary>
    public async Task<Result<Saved<Member>>> PutAsync(
        Caller caller, string email, MemberInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // Each time: a role may be gone since.
            if (!(await CheckAsync(caller.OrganizationId, input, cancellationToken)).TryGet(out var roles, out var wrong))
            {
                return wrong;
            }

            var current = await resources.GetAsync(caller.OrganizationId, Rows.Member(email), StoredJson.Default.Member, cancellationToken);
            var next = Next(caller, email, input, current?.Document);
            if (await CheckGrantAsync(caller, [current?.Document, next], cancellationToken) is { } failure
                || (failure = precondition.Check(current?.ETag)) is not null
                || !(await ShiftOwnershipAsync(caller.OrganizationId, email, current?.Document, next, cancellationToken)).TryGet(out var ownership, out failure))
            {
                return failure;
            }

            var data = Documents.Serialize(next, StoredJson.Default.Member);
            var result = await resources.CommitAsync(
                caller,
                [current is null ? EntityWrite.Insert(Rows.Member(email), data) : EntityWrite.Replace(current.Row, data, current.ETag), .. ownership, .. Hold(roles, current?.Document)],
                Change.Of("member.put", ("member", email), ("roles", string.Join(',', next.Roles))),
                cancellationToken);
            if (result.Applied)
            {
                // What an earlier member of this e-mail left behind is nobody's, should its deletion have been interrupted.
                await (current is null ? PurgeAsync(caller.OrganizationId, email, next.Id, cancellationToken) : Task.CompletedTask);
                return new Saved<Member>(next, result.ETags[0], current is null);
            }

            if (precondition.IsConditional)
            {
                return Changed;
            }
        }

        return ResourceStore.Busy;
    }

    /// <summary>
    /// Deletes a member with what is personal of theirs and everything that lets somebody in as them. Killed at any point it leaves at most things that stand for nobody, which
    /// nobody reaches.
    /// </summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string email, Precondition precondition, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!(await GetAsync(caller.OrganizationId, email, cancellationToken)).TryGet(out var current, out var failure)
                || (failure = await CheckGrantAsync(caller, [current.Document], cancellationToken)) is not null
                || (failure = precondition.Check(current.ETag)) is not null
                || !(await ShiftOwnershipAsync(caller.OrganizationId, email, current.Document, null, cancellationToken)).TryGet(out var ownership, out failure))
            {
                return failure;
            }

            var claim = await resources.GetAsync(caller.OrganizationId, Rows.PersonalIdentity(email), StoredJson.Default.PersonalIdentity, cancellationToken);
            EntityWrite[] closing = claim is null ? [] : [EntityWrite.Delete(claim.Row, claim.ETag)];
            var result = await resources.CommitAsync(
                caller, [EntityWrite.Delete(current.Row, current.ETag), .. closing, .. ownership], Change.Of("member.delete", ("member", email)), cancellationToken);
            if (result.Applied)
            {
                await PurgeAsync(caller.OrganizationId, email, null, cancellationToken);
                return null;
            }

            if (precondition.IsConditional)
            {
                return Changed;
            }
        }

        return ResourceStore.Busy;
    }

    private Member Next(Caller caller, string email, MemberInput input, Member? current)
    {
        var now = resources.Now;
        var by = caller.Principal.ToString();
        return new Member(email, current?.Id ?? ApiKeyText.NewId(), input.Roles, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
        {
            Projects = input.Projects,
            DisplayName = input.DisplayName,
        };
    }

    /// <summary>
    /// The write that keeps the list of owners true, where this changes it. It names the state of the list that it was decided on, so of two that
    /// would take the last two owners only one goes through.
    /// </summary>
    private async Task<Result<EntityWrite[]>> ShiftOwnershipAsync(
        string organizationId, string email, Member? current, Member? next, CancellationToken cancellationToken)
    {
        var (was, becomes) = (current?.IsOwner == true, next?.IsOwner == true);
        if (was == becomes)
        {
            return Array.Empty<EntityWrite>();
        }

        var list = await resources.GetAsync(organizationId, Rows.Owners, StoredJson.Default.OwnerList, cancellationToken);
        string[] others = [.. (list?.Document.Members ?? []).Where(owner => owner != email)];
        if (!becomes && others.Length == 0)
        {
            return LastOwner;
        }

        var data = Documents.Serialize(new OwnerList(becomes ? [.. others, email] : others), StoredJson.Default.OwnerList);
        return new[] { list is null ? EntityWrite.Insert(Rows.Owners, data) : EntityWrite.Replace(list.Row, data, list.ETag) };
    }

    private async Task<Failure?> CheckGrantAsync(Caller caller, Member?[] states, CancellationToken cancellationToken)
    {
        foreach (var state in states.OfType<Member>())
        {
            if (Authorizer.CheckGrant(caller, await PrincipalAccess.GrantsOfAsync(resources.Store, caller.OrganizationId, state, cancellationToken)) is { } denied)
            {
                return denied;
            }
        }

        return null;
    }

    /// <summary>
    /// Writes each role that is newly given as it is, so that it is not deleted at the same time: its name would wait for a later role. Whoever deletes one
    /// looks first who has it.
    /// </summary>
    private static IEnumerable<EntityWrite> Hold(IReadOnlyList<Stored<Role>> roles, Member? current) => roles
        .Where(role => current?.Roles.Contains(role.Document.Name) != true)
        .Select(static role => EntityWrite.Replace(role.Row, Documents.Serialize(role.Document, StoredJson.Default.Role), role.ETag));

    /// <summary>Those of the roles that are the organization's own.</summary>
    private async Task<Result<List<Stored<Role>>>> CheckAsync(string organizationId, MemberInput input, CancellationToken cancellationToken)
    {
        var roles = new List<Stored<Role>>();
        List<FailureEntry> errors = [.. await PlaceNames.CheckAsync(resources, organizationId, input.Projects, null, cancellationToken)];
        if (input.Roles.Count > MaxRoles || input.Roles.Distinct(StringComparer.Ordinal).Count() != input.Roles.Count)
        {
            errors.Add(new FailureEntry("member.roles_invalid", $"At most {MaxRoles} roles, each once.") { Field = "roles" });
        }

        foreach (var role in input.Roles.Take(MaxRoles))
        {
            if (role is not null && Roles.FindBuiltIn(role) is not null)
            {
                continue;
            }

            if (Slug.TryParse(role, out _) && await resources.GetAsync(organizationId, Rows.Role(role), StoredJson.Default.Role, cancellationToken) is { } own)
            {
                roles.Add(own);
            }
            else
            {
                errors.Add(new FailureEntry("role.not_found", "There is no role of this name.") { Field = "roles" });
            }
        }

        return errors.Count == 0 ? roles : Failure.Invalid("member.invalid", "The member was not stored: some of it is wrong.") with { Errors = errors };
    }

    /// <param name="except">The id of whoever has the e-mail now.</param>
    private async Task PurgeAsync(string organizationId, string email, string? except, CancellationToken cancellationToken)
    {
        var principal = new Principal(PrincipalType.Member, email);
        var keys = await resources.Store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.ApiKeyPrefix), int.MaxValue - 1, StoredJson.Default.ApiKey, key => key.Principal == principal && key.MemberId != except, cancellationToken);
        var issuers = await resources.Store.ListAsync(
            EntityRange.Prefix(organizationId, Rows.TrustedIssuerPrefix),
            int.MaxValue - 1,
            StoredJson.Default.TrustedIssuer,
            issuer => issuer.Principal == principal && issuer.MemberId != except,
            cancellationToken);
        foreach (var row in keys.Items.Select(static key => key.Row).Concat(issuers.Items.Select(static issuer => issuer.Row)))
        {
            // Deleted meanwhile by somebody else: gone is gone.
            await resources.Store.WriteAsync(organizationId, [EntityWrite.Delete(row, null)], cancellationToken);
        }

        var personal = EntityRange.Prefix(organizationId, VariableAddress.PersonalPrefix(email));
        await foreach (var entity in resources.Store.ReadAllAsync(personal, 500, cancellationToken))
        {
            if (except is null || !entity.Key.Row.StartsWith(VariableAddress.PersonalPrefix(new Person(email, except)), StringComparison.Ordinal))
            {
                await resources.Store.WriteAsync(organizationId, [EntityWrite.Delete(entity.Key.Row, null)], cancellationToken);
            }
        }
    }

    internal static Failure NotFound(string email) => Failure.NotFound("member.not_found", $"There is no member '{email}'.");

    private static Failure Changed { get; } = Precondition.Failed("The member, or who the owners are, was changed by somebody else meanwhile. Read it again.");

    private static Failure LastOwner { get; } =
        Failure.Conflict("member.last_owner", "This is the organization's last owner. Make somebody else an owner first, without a limit to projects.");
}
