using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Variables;

/// <summary>Which variables to list. Everything null: all but personal ones.</summary>
public readonly record struct VariableFilter(string? Environment, VariableScope? Scope, string? Tag);

/// <summary>Limits of the built-in vault.</summary>
/// <param name="VersionsKept">Of each value, 1 to 10: all of them lie in one entity with the variable.</param>
public sealed record VaultOptions(int VersionsKept)
{
    public const int MaxVersionsKept = 10;
}

/// <summary>The organization's variables. Safe for concurrent use.</summary>
public sealed class VariableDirectory(
    ResourceStore resources,
    OrganizationViews views,
    Environments environments,
    Projects projects,
    AutomationDirectory automations,
    ReferenceBinder references,
    SealingKeys sealingKeys,
    VaultOptions options)
{
    private static readonly Demand View = new(Feature.EnvironmentVariables, Level.View);
    private static readonly Demand Manage = new(Feature.EnvironmentVariables, Level.Manage);

    private readonly VariableReach _reach = new(resources, automations);

    /// <summary>To look at what it is, which does not show its value.</summary>
    public Task<Result<Stored<Variable>>> GetAsync(Caller caller, VariableAddress address, CancellationToken cancellationToken) =>
        FindAsync(caller, View, address, cancellationToken);

    /// <summary>For somebody who wants to do something with it. What is out of their reach is not there.</summary>
    public async Task<Result<Stored<Variable>>> FindAsync(Caller caller, Demand demand, VariableAddress address, CancellationToken cancellationToken)
    {
        if (await _reach.CheckAsync(caller, demand, address, NotFound(address), cancellationToken) is { } failure)
        {
            return failure;
        }

        if (!VariableReach.IsOpen(caller, address.Scope)
            || await resources.GetAsync(caller.OrganizationId, address.Row, StoredJson.Default.Variable, cancellationToken) is not { } stored)
        {
            return NotFound(address);
        }

        // To see that there is one, nobody has to be on its list.
        var listed = demand.Level == Level.Manage ? Authorizer.CheckListed(caller, stored.Document.Access, AccessRole.Admin)
            : demand.Feature == Feature.SecretValues ? Authorizer.CheckListed(caller, stored.Document.Access, AccessRole.Member)
            : null;
        return listed is null ? stored : listed;
    }

    public async Task<Result<StoredPage<Variable>>> ListAsync(Caller caller, VariableFilter filter, int limit, string? from, CancellationToken cancellationToken)
    {
        if (filter.Scope is { } wanted && !VariableReach.IsOpen(caller, wanted))
        {
            return new StoredPage<Variable>([], null);
        }

        var prefix = filter switch
        {
            { Scope: { Kind: ScopeKind.Personal } personal } =>
                VariableAddress.PersonalPrefix(personal.Person) + (filter.Environment is { } own ? $"{own}|" : ""),
            { Environment: { } environment, Scope: { } scope } => $"{Rows.VariablePrefix}{environment}|{scope}|",
            { Environment: { } environment } => $"{Rows.VariablePrefix}{environment}|",
            _ => Rows.VariablePrefix,
        };
        var projects = await AutomationProjects.ForAsync(resources.Store, caller, View, cancellationToken);
        var range = EntityRange.Prefix(caller.OrganizationId, prefix);
        return await resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.Variable,
            variable => (filter.Scope is not { } scope || variable.Scope == scope.ToString())
                && (filter.Tag is not { } tag || variable.Tags.Contains(tag))
                && Authorizer.Allows(caller, View, VariableReach.PlaceOf(caller, variable, projects)),
            cancellationToken);
    }

    /// <summary>Creates or replaces. The input stays the caller's to dispose.</summary>
    public async Task<Result<Saved<Variable>>> PutAsync(
        Caller caller, VariableAddress address, VariableInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if ((input.Value is { } value && ValueRules.Check(value.Reveal()) is { } failure)
            || (failure = await CheckPlaceAsync(caller, address, cancellationToken)) is not null
            || (failure = await CheckReferenceAsync(caller, address, input.Reference, cancellationToken)) is not null
            || (input.Sealed is { } jwe && (failure = await sealingKeys.CheckAsync(caller.OrganizationId, jwe, cancellationToken)) is not null)
            || !(await _reach.ReadAccessAsync(caller.OrganizationId, address, input.Access, cancellationToken)).TryGet(out var access, out failure))
        {
            return failure;
        }

        if (await views.GetAsync(caller.OrganizationId, cancellationToken) is not { } view)
        {
            return Gone;
        }

        var isTheirs = address.Scope.Kind == ScopeKind.Personal;
        return await resources.PutAsync(
            caller,
            address.Row,
            StoredJson.Default.Variable,
            precondition,
            ChangeOf("variable.put", view, address),
            current =>
            {
                var next = input.KeepsAccess ? current?.Access : access;
                isTheirs |= VariableReach.Names(next, caller) || VariableReach.Names(current?.Access, caller);
                return ValueTask.FromResult(Authorizer.CheckListed(caller, current?.Access, AccessRole.Admin) is { } denied ? denied : Next(view, caller, address, input, next, current));
            },
            cancellationToken,
            async () => isTheirs ? await PersonalIdentities.ClaimAsync(resources, caller, cancellationToken) : Array.Empty<EntityWrite>());
    }

    public async Task<Failure?> DeleteAsync(Caller caller, VariableAddress address, Precondition precondition, CancellationToken cancellationToken)
    {
        if (await _reach.CheckAsync(caller, Manage, address, NotFound(address), cancellationToken) is { } failure)
        {
            return failure;
        }

        if (await views.GetAsync(caller.OrganizationId, cancellationToken) is not { } view)
        {
            return Gone;
        }

        return VariableReach.IsOpen(caller, address.Scope)
            ? await resources.DeleteAsync(
                caller,
                address.Row,
                StoredJson.Default.Variable,
                precondition,
                ChangeOf("variable.delete", view, address),
                NotFound(address),
                cancellationToken,
                current => Authorizer.CheckListedToDelete(caller, current.Access))
            : NotFound(address);
    }

    /// <summary>Makes an earlier value the current one again, as a new version.</summary>
    public async Task<Result<Saved<Variable>>> RestoreAsync(
        Caller caller, VariableAddress address, int version, Precondition precondition, CancellationToken cancellationToken)
    {
        if (await _reach.CheckAsync(caller, Manage, address, NotFound(address), cancellationToken) is { } failure)
        {
            return failure;
        }

        if (await views.GetAsync(caller.OrganizationId, cancellationToken) is not { } view)
        {
            return Gone;
        }

        var isTheirs = false;
        return await resources.PutAsync(
            caller,
            address.Row,
            StoredJson.Default.Variable,
            precondition,
            ChangeOf("variable.restore", view, address),
            current =>
            {
                isTheirs = VariableReach.Names(current?.Access, caller);
                return ValueTask.FromResult(
                    current is null || !VariableReach.IsOpen(caller, address.Scope) ? NotFound(address)
                    : Authorizer.CheckListed(caller, current.Access, AccessRole.Admin) is { } denied ? denied
                    : Restore(view, caller, address, current, version));
            },
            cancellationToken,
            async () => isTheirs ? await PersonalIdentities.ClaimAsync(resources, caller, cancellationToken) : Array.Empty<EntityWrite>());
    }

    /// <summary>Opens one version, sealed for this place. Fails closed, and never opens what a client has sealed: only a resolve does.</summary>
    public static Result<SecretValue> Open(OrganizationView view, VariableAddress address, ValueVersion version) =>
        version.IsJwe ? OpenedAtResolve : OpenEnvelope(view, address, version);

    internal static Failure Undecryptable(string key) => new(
        FailureKind.Unresolved, "variable.undecryptable", $"The stored value of '{key}' does not open: it was changed, or moved here from elsewhere.")
    {
        Hint = "Restore the row from a backup, or write the value anew.",
    };

    private static Failure OpenedAtResolve { get; } = Failure.Conflict(
        "variable.value_is_sealed", "A client has sealed this value, and it is opened only when it is resolved.") with
    {
        Hint = "Resolve it: POST /v1/resolve.",
    };

    internal static Change ChangeOf(string action, OrganizationView view, VariableAddress address) => Change.Of(
        action, ("key", address.RecordedAs(view.Keys)), ("environment", address.Environment), ("scope", address.Scope.ToString()));

    /// <summary>Null where the caller may change what lies there, and the environment, and the project or automation of the scope, exist.</summary>
    internal async Task<Failure?> CheckPlaceAsync(Caller caller, VariableAddress address, CancellationToken cancellationToken) =>
        await _reach.CheckAsync(caller, Manage, address, AutomationDirectory.NotFound(address.Scope.Name), cancellationToken)
        ?? await environments.CheckAsync(caller.OrganizationId, address.Environment, cancellationToken)
        ?? address.Scope.Kind switch
        {
            ScopeKind.Project => (await projects.GetAsync(caller.OrganizationId, address.Scope.Name, cancellationToken)).Failure,
            ScopeKind.Automation => (await automations.GetAsync(caller.OrganizationId, address.Scope.Name, cancellationToken)).Failure,
            _ => null,
        };

    /// <summary>Whether whoever may change what lies there may also see what it holds.</summary>
    internal async Task<bool> ShowsValuesAsync(Caller caller, VariableAddress address, CancellationToken cancellationToken) =>
        await _reach.CheckAsync(caller, new Demand(Feature.SecretValues, Level.View), address, NotFound(address), cancellationToken) is null;

    /// <summary>Writing a reference needs a look at the credentials too, and one that is for whomever the variable serves.</summary>
    private async Task<Failure?> CheckReferenceAsync(
        Caller caller, VariableAddress address, ReferenceSource? reference, CancellationToken cancellationToken)
    {
        if (reference is null)
        {
            return null;
        }

        if (Authorizer.Check(caller, new Demand(Feature.SecretProviders, Level.View), Place.SomewhereIn(address.Environment)) is { } denied)
        {
            return denied;
        }

        var automation = address.Scope.Kind == ScopeKind.Automation
            && (await automations.GetAsync(caller.OrganizationId, address.Scope.Name, cancellationToken)).TryGet(out var stored, out _)
                ? stored.Document
                : null;
        return await references.CheckAsync(caller, reference, address.Scope, automation, address.Environment, cancellationToken) is { } failure
            ? failure with { Kind = FailureKind.Invalid }
            : null;
    }

    private Variable Described(Caller caller, VariableAddress address, Variable? current)
    {
        var now = resources.Now;
        var by = caller.Principal.ToString();
        return current is null
            ? new Variable(address.Environment, address.Scope.ToString(), address.Key.Value, Changes.Made(now, by))
            : current with { Changes = current.Changes.Changed(now, by) };
    }

    internal Variable WithNewValue(OrganizationView view, Caller caller, VariableAddress address, Variable? current, SecretValue value) =>
        WithNewContent(view, caller, address, current, value.Reveal(), isJwe: false);

    private Variable WithNewContent(
        OrganizationView view, Caller caller, VariableAddress address, Variable? current, ReadOnlySpan<byte> content, bool isJwe) =>
        Described(caller, address, current).WithValue(view.Keys, address, view.Organization.Id, content, isJwe, options.VersionsKept);

    /// <summary>The value, or what a client has sealed.</summary>
    private static Result<SecretValue> OpenEnvelope(OrganizationView view, VariableAddress address, ValueVersion version) =>
        Envelope.Open(view.Keys, address.SealContext(view.Organization.Id, version.Version, version.IsJwe), version.Sealed) is { } content
            ? content
            : Undecryptable(address.Key.Value);

    private Result<Variable> Next(
        OrganizationView view, Caller caller, VariableAddress address, VariableInput input, IReadOnlyList<AccessEntry>? access, Variable? current)
    {
        if (input is { Value: null, Sealed: null, Reference: null } && current is null)
        {
            return Failure.Invalid("variable.source_missing", "A new variable needs a source: send 'value', 'sealedValue' or 'reference'.");
        }

        var next = input.Value is { } value ? WithNewValue(view, caller, address, current, value)
            : input.Sealed is { } jwe ? WithNewContent(view, caller, address, current, jwe.Content, isJwe: true)
            : Described(caller, address, current) with { Reference = input.Reference ?? current?.Reference };
        return next with { Tags = input.Tags, DisplayName = input.DisplayName, Description = input.Description, Access = access };
    }

    private Result<Variable> Restore(OrganizationView view, Caller caller, VariableAddress address, Variable current, int version)
    {
        if (current.Versions.FirstOrDefault(candidate => candidate.Version == version) is not { } earlier)
        {
            return Failure.NotFound("variable.version_not_found", $"Variable '{address.Key}' has no version {version} any more.");
        }

        if (!OpenEnvelope(view, address, earlier).TryGet(out var content, out var failure))
        {
            return failure;
        }

        using (content)
        {
            // The version is part of what a value is sealed for, so the envelope is made anew; what a client has sealed stays so within it.
            return WithNewContent(view, caller, address, current, content.Reveal(), earlier.IsJwe);
        }
    }

    private static Failure NotFound(VariableAddress address) => Failure.NotFound(
        "variable.not_found", $"There is no variable '{address.Key}' with scope {address.Scope} in environment '{address.Environment}'.");

    internal static Failure Gone { get; } = Failure.NotFound("organization.not_found", "The organization was deleted.");
}
