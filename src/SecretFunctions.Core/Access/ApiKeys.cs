using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a new key shall be.</summary>
public sealed record ApiKeyInput(
    string Name,
    Principal Principal,
    IReadOnlyDictionary<string, string>? Permissions,
    IReadOnlyList<string>? Projects,
    IReadOnlyList<string>? Environments,
    DateTimeOffset? ExpiresAt);

/// <summary>
/// The organization's API keys. Those of members are their own to see, make and delete, within what they hold; all others belong to a project or to
/// the organization. Safe for concurrent use.
/// </summary>
public sealed class ApiKeys(ResourceStore resources)
{
    private static readonly Demand View = new(Feature.ApiKeys, Level.View);
    private static readonly Demand Manage = new(Feature.ApiKeys, Level.Manage);

    /// <summary>To look at. What is out of the caller's reach is not there.</summary>
    public Task<Result<Stored<ApiKey>>> GetAsync(Caller caller, string id, CancellationToken cancellationToken) => FindAsync(caller, View, id, cancellationToken);

    public async Task<StoredPage<ApiKey>> ListAsync(Caller caller, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(caller.OrganizationId, Rows.ApiKeyPrefix);
        var projects = await AutomationProjects.ForAsync(resources.Store, caller, View, cancellationToken);
        return await resources.Store.ListAsync(
            range with { From = from ?? range.From }, limit, StoredJson.Default.ApiKey, key => Reaches(caller, View, key, projects), cancellationToken);
    }

    /// <summary>Makes a key. Its text is in the answer this once and kept nowhere.</summary>
    public async Task<Result<(ApiKey Key, string Text)>> CreateAsync(Caller caller, ApiKeyInput input, CancellationToken cancellationToken)
    {
        if (CheckForm(input) is { } failure
            || (failure = IsOwn(caller, input.Principal) ? null : Authorizer.Check(caller, Manage, Place.Anywhere)) is not null
            || (failure = Authorizer.CheckExpiry(caller, input.ExpiresAt)) is not null)
        {
            return failure;
        }

        var text = ApiKeyText.Create(caller.OrganizationId, out var id, out var hash);
        var key = new ApiKey(id, input.Name, input.Principal, hash, Changes.Made(resources.Now, caller.Principal.ToString()))
        {
            Permissions = input.Permissions,
            Projects = input.Projects,
            Environments = input.Environments,
            ExpiresAt = input.ExpiresAt,
        };
        if (!(await AuthorizeAsync(caller, key, cancellationToken)).TryGet(out var authorized, out failure))
        {
            return failure;
        }

        // Only then: which projects there are is not everybody's to find out.
        if (await PlaceNames.CheckAsync(resources, caller.OrganizationId, input.Projects, input.Environments, cancellationToken) is [var wrong, ..])
        {
            return Failure.Invalid(wrong.Code, wrong.Detail);
        }

        authorized = authorized with { LentBy = await Loans.OfMakerAsync(resources, caller, input.Principal, authorized.ToNarrowing()!, cancellationToken) };

        var result = await resources.CommitAsync(
            caller,
            [EntityWrite.Insert(Rows.ApiKey(id), Documents.Serialize(authorized, StoredJson.Default.ApiKey))],
            Change.Of("api-key.create", ("apiKey", id), ("name", input.Name), ("principal", input.Principal.ToString())),
            cancellationToken);
        return result.Applied ? (authorized, text) : ResourceStore.Busy;
    }

    public async Task<Failure?> DeleteAsync(Caller caller, string id, Precondition precondition, CancellationToken cancellationToken) =>
        ((await FindAsync(caller, Manage, id, cancellationToken)).TryGet(out var stored, out var failure) ? CheckOwnToDelete(caller, stored.Document) : failure)
        ?? await resources.DeleteAsync(
            caller, Rows.ApiKey(id), StoredJson.Default.ApiKey, precondition, Change.Of("api-key.delete", ("apiKey", id)), NotFound, cancellationToken);

    /// <summary>From then on the key opens what is personal of the member who calls, as if they had made it.</summary>
    public Task<Failure?> LendAsync(Caller caller, string id, CancellationToken cancellationToken) => ShiftLoanAsync(caller, id, "api-key.lend", Loans.Lend, cancellationToken);

    /// <summary>From then on it does not: everywhere within the consistency window.</summary>
    public Task<Failure?> TakeBackAsync(Caller caller, string id, CancellationToken cancellationToken) => ShiftLoanAsync(caller, id, "api-key.take-back", Loans.TakeBack, cancellationToken);

    private async Task<Failure?> ShiftLoanAsync(
        Caller caller, string id, string action, Func<Caller, Principal, Grant, Person?, Result<Person?>> shift, CancellationToken cancellationToken)
    {
        if (Authorizer.CheckOwnCredential(caller) is { } notOwn)
        {
            return notOwn;
        }

        return !IsId(id) ? NotFound : (await resources.PutAsync(
            caller,
            Rows.ApiKey(id),
            StoredJson.Default.ApiKey,
            Precondition.None,
            Change.Of(action, ("apiKey", id)),
            current => ValueTask.FromResult<Result<ApiKey>>(
                current is null ? NotFound
                : shift(caller, current.Principal, current.ToNarrowing() ?? Grant.Everything, current.LentBy).TryGet(out var lentBy, out var failure) ? current with { LentBy = lentBy }
                : failure),
            cancellationToken)).Failure;
    }

    private async Task<Result<Stored<ApiKey>>> FindAsync(Caller caller, Demand demand, string id, CancellationToken cancellationToken)
    {
        if (!IsId(id) || await resources.GetAsync(caller.OrganizationId, Rows.ApiKey(id), StoredJson.Default.ApiKey, cancellationToken) is not { } stored)
        {
            return NotFound;
        }

        var projects = await AutomationProjects.ForAsync(resources.Store, caller, demand, cancellationToken);
        return Reaches(caller, demand, stored.Document, projects) ? stored : NotFound;
    }

    private static bool Reaches(Caller caller, Demand demand, ApiKey key, AutomationProjects projects) =>
        IsOwn(caller, key.Principal) || Authorizer.Allows(caller, demand, PlaceOf(key, projects));

    /// <summary>An automation's key belongs to its project, a service's to those it is limited to, a member's to the organization.</summary>
    private static Place PlaceOf(ApiKey key, AutomationProjects projects) => new(
        key.Principal.Type switch
        {
            PrincipalType.Automation => projects.PlaceOf(key.Principal.Name),
            PrincipalType.Service => key.Projects,
            _ => null,
        },
        key.Environments ?? []);

    private static bool IsOwn(Caller caller, Principal principal) => principal.Type == PrincipalType.Member && principal == caller.Principal;

    /// <summary>A member's own keys need no permission, so here the credential's narrowing is all there is to ask.</summary>
    private static Failure? CheckOwnToDelete(Caller caller, ApiKey key) =>
        IsOwn(caller, key.Principal) ? Authorizer.CheckNarrowing(caller, key.ToNarrowing() ?? Grant.Everything) : null;

    private Failure? CheckForm(ApiKeyInput input)
    {
        if (input.ExpiresAt is { } expiresAt && expiresAt <= resources.Now)
        {
            return Failure.Invalid("api_key.expires_in_the_past", "expiresAt is not in the future.");
        }

        if (input.Principal.Type == PrincipalType.Service && input.Permissions is null)
        {
            return Failure.Invalid(
                "api_key.permissions_required", "A service holds no permissions of its own: name those the key shall have in 'permissions'.");
        }

        if (input.Principal.Type == PrincipalType.Automation && (input.Permissions is not null || input.Projects is not null))
        {
            return Failure.Invalid(
                "api_key.permissions_not_applicable", "An automation resolves for itself and nothing else: leave 'permissions' and 'projects' out.");
        }

        return input.Permissions is { } narrowed && !Permissions.TryParse(narrowed, "permissions", out _, out var errors)
            ? Failure.Invalid("api_key.permissions_invalid", "The permissions are not valid.") with { Errors = errors }
            : null;
    }

    /// <summary>The key as it may be made: nobody's key does more than its maker.</summary>
    private async Task<Result<ApiKey>> AuthorizeAsync(Caller caller, ApiKey key, CancellationToken cancellationToken)
    {
        var narrowing = key.ToNarrowing()!;
        switch (key.Principal.Type)
        {
            case PrincipalType.Automation:
                return (await AutomationEntry.CheckAsync(resources, caller, key.Principal.Name, key.Environments, cancellationToken)).TryGet(out var automation, out var refused)
                    ? key with { AutomationId = automation.Id }
                    : refused;
            case PrincipalType.Service:
                return (Authorizer.CheckGrant(caller, [narrowing]) ?? Authorizer.Check(caller, Manage, new Place(key.Projects, key.Environments))) is { } denied
                    ? denied
                    : key;
        }

        // A member's own keys need no permission; what is personal follows the credential alone, so that may not be widened either.
        var own = IsOwn(caller, key.Principal);
        if ((own ? Authorizer.CheckNarrowing(caller, narrowing) : Authorizer.Check(caller, Manage, Place.Anywhere with { AnyProject = false })) is { } failure)
        {
            return failure;
        }

        if (await PrincipalAccess.FindAsync(resources.Store, caller.OrganizationId, key.Principal, cancellationToken) is not { } member)
        {
            return Members.NotFound(key.Principal.Name) with { Kind = FailureKind.Invalid };
        }

        return (Authorizer.CheckGrant(caller, member.Grants.Select(grant => grant.Narrow(narrowing)).OfType<Grant>())
            ?? (own ? null : Authorizer.Check(caller, Manage, new Place(null, key.Environments)))) is { } tooMuch
            ? tooMuch
            : key with { MemberId = member.MemberId };
    }

    private static bool IsId(string id) => id.Length == ApiKeyText.IdLength && id.All(char.IsAsciiLetterOrDigit);

    /// <remarks>Without what was asked for: it may be a whole key, pasted in the place of its id.</remarks>
    private static Failure NotFound { get; } = Failure.NotFound("api_key.not_found", "There is no API key with this id.");
}
