using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Automations;

/// <summary>One item as a caller writes it: the scope may spell out the project or automation, but only the automation's own.</summary>
public readonly record struct AssignmentInput(string Key, string? Scope);

/// <summary>Which automation may resolve which variable where. Safe for concurrent use.</summary>
public sealed class Assignments(ResourceStore resources, AutomationDirectory automations, Environments environments)
{
    private static readonly Demand ViewVariables = new(Feature.EnvironmentVariables, Level.View);

    /// <summary>An automation that was given nothing has an empty list, without an ETag.</summary>
    public async Task<Result<Stored<AssignmentList>>> GetAsync(
        Caller caller, string automation, string environment, CancellationToken cancellationToken)
    {
        if (!(await automations.FindAsync(caller, new Demand(Feature.Automations, Level.View), automation, environment, cancellationToken)).TryGet(out var owner, out var failure)
            || (failure = await environments.CheckAsync(caller.OrganizationId, environment, cancellationToken)) is not null)
        {
            return failure;
        }

        var row = Rows.Assignment(automation, environment);
        return await resources.GetAsync(caller.OrganizationId, row, StoredJson.Default.AssignmentList, cancellationToken)
            ?? new Stored<AssignmentList>(row, new AssignmentList(automation, environment, [], owner.Document.Changes), "");
    }

    /// <summary>Replaces the whole list, or changes nothing and names every item that is wrong.</summary>
    public async Task<Result<Saved<AssignmentList>>> PutAsync(
        Caller caller,
        string automationName,
        string environment,
        IReadOnlyList<AssignmentInput> inputs,
        Precondition precondition,
        CancellationToken cancellationToken)
    {
        if (!(await automations.FindAsync(caller, new Demand(Feature.Automations, Level.Manage), automationName, environment, cancellationToken)).TryGet(out var automation, out var failure)
            || (failure = await environments.CheckAsync(caller.OrganizationId, environment, cancellationToken)) is not null
            || !(await CheckAsync(caller, automation.Document, environment, inputs, cancellationToken)).TryGet(out var items, out failure))
        {
            return failure;
        }

        var unlisted = items.Where(item => !Authorizer.IsListed(caller.OwnPerson, item.Access, AccessRole.Member)).Select(static item => item.Item).ToHashSet();
        var assigned = items.Select(static item => item.Item).ToList();

        // To give an automation what is theirs alone is something personal, so the first time it makes the credential the owner's own.
        var owner = caller.OwnPerson is { } person && person.Email == automation.Document.Owner ? person : (Person?)null;
        var claims = owner is not null && items.Exists(static item => item.Item.Scope == ScopeKind.Personal || item.Access is not null);
        var byOwner = claims || caller.IsOwnCredential ? owner : null;
        var now = resources.Now;
        var by = caller.Principal.ToString();
        return await resources.PutAsync(
            caller,
            Rows.Assignment(automationName, environment),
            StoredJson.Default.AssignmentList,
            precondition,
            Change.Of(
                "assignments.put",
                ("automation", automationName),
                ("environment", environment),
                ("keys", string.Join(',', assigned.Select(static item => item.Key)))),
            current =>
            {
                var added = assigned.Except(current?.Items ?? []).ToList();
                if (CheckAdded(caller, automation.Document, environment, added, unlisted) is { } denied)
                {
                    return ValueTask.FromResult<Result<AssignmentList>>(denied);
                }

                // What others add is not the owner's word, so where that may be somebody's own, nothing is any more.
                var keeps = byOwner is null && !added.Exists(static item => item.Scope == ScopeKind.Personal);
                return ValueTask.FromResult<Result<AssignmentList>>(
                    new AssignmentList(automationName, environment, assigned, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
                    {
                        ByOwner = keeps ? current?.ByOwner : byOwner,
                        Ownership = keeps ? current?.Ownership ?? 0 : automation.Document.Ownership,
                    });
            },
            cancellationToken,
            claims ? async () => await PersonalIdentities.ClaimAsync(resources, caller, cancellationToken) : null);
    }

    /// <summary>
    /// A personal variable will be the caller's, if a member calls, else that of the automation's owner: so where there is one, they alone say which.
    /// </summary>
    private static FailureEntry? CheckPersonal(Caller caller, Automation automation) =>
        automation.Owner is null ? null
        : caller.Person?.Email != automation.Owner
            ? new FailureEntry("assignment.personal_owner_only", "It would be a variable of the automation's owner, so they alone assign it.")
            {
                Hint = "Have the owner write the list, or become its owner first: PATCH the automation.",
            }
        : caller.OwnPerson is null && Authorizer.CheckOwnCredential(caller) is { } notOwn ? new FailureEntry(notOwn.Code, notOwn.Detail) { Hint = notOwn.Hint }
        : null;

    /// <summary>To assign a variable is to have it handed out, so it takes somebody who may see that there is one.</summary>
    /// <param name="unlisted">Those whose access lists do not have the caller.</param>
    private static Failure? CheckAdded(
        Caller caller, Automation automation, string environment, IEnumerable<Assignment> added, HashSet<Assignment> unlisted)
    {
        var errors = new List<FailureEntry>();
        foreach (var item in added)
        {
            if (item.Scope == ScopeKind.Personal)
            {
                // Whether there is one is known only at a kickoff, which looks again.
                if (CheckPersonal(caller, automation) is { } refused)
                {
                    errors.Add(refused with { Key = item.Key });
                }
            }
            else if (Authorizer.Check(caller, ViewVariables, Place.In(item.Scope == ScopeKind.Organization ? null : automation.Project, environment)) is { } denied)
            {
                errors.Add(new FailureEntry(denied.Code, denied.Detail) { Key = item.Key });
            }
            else if (unlisted.Contains(item))
            {
                errors.Add(new FailureEntry("access.not_listed", "The variable has an access list, and you are not on it.") { Key = item.Key });
            }
        }

        return errors.Count == 0
            ? null
            : Failure.Denied("assignment.not_allowed", "Nothing was assigned: some of what would be new is not yours to assign.") with { Errors = errors };
    }

    private async Task<Result<List<(Assignment Item, IReadOnlyList<AccessEntry>? Access)>>> CheckAsync(
        Caller caller, Automation automation, string environment, IReadOnlyList<AssignmentInput> inputs, CancellationToken cancellationToken)
    {
        if (inputs.Count > AssignmentList.MaxItems)
        {
            return Failure.Invalid("assignment.too_many", $"An automation has at most {AssignmentList.MaxItems} assignments in one environment.");
        }

        var errors = new List<FailureEntry>();
        var items = new List<(Assignment Item, IReadOnlyList<AccessEntry>? Access)>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var (assignment, access, error) = await CheckAsync(caller, automation, environment, inputs[i], cancellationToken);
            if (assignment is not null && items.Exists(item => item.Item == assignment))
            {
                error = new FailureEntry("assignment.duplicate", "The same variable is assigned twice.");
            }

            if (error is not null)
            {
                errors.Add(error with { Field = $"items[{i}]" });
            }
            else
            {
                items.Add((assignment!, access));
            }
        }

        return errors.Count > 0
            ? Failure.Invalid("assignment.invalid", "Nothing was assigned: some items are wrong.") with { Errors = errors }
            : items;
    }

    private async Task<(Assignment? Item, IReadOnlyList<AccessEntry>? Access, FailureEntry? Error)> CheckAsync(
        Caller caller, Automation automation, string environment, AssignmentInput input, CancellationToken cancellationToken)
    {
        if (!VariableKey.TryParse(input.Key, out var key))
        {
            return (null, null, new FailureEntry("variable.key_invalid", "A key has letters, digits and underscores, at most 128, and does not start with a digit."));
        }

        if (GetKind(automation, input.Scope) is not { } kind)
        {
            return (null, null, new FailureEntry(
                "assignment.foreign_scope",
                $"A scope is organization, project, automation or personal; a project or automation named with it must be this automation's own ('project:{automation.Project}').")
            {
                Key = input.Key,
            });
        }

        // Whose personal variable it will be is known only at a kickoff.
        IReadOnlyList<AccessEntry>? access = null;
        if (kind != ScopeKind.Personal)
        {
            var address = new VariableAddress(environment, ScopeOf(kind, automation, null)!.Value, key);
            if (await resources.GetAsync(caller.OrganizationId, address.Row, StoredJson.Default.Variable, cancellationToken) is not { } stored)
            {
                return (null, null, new FailureEntry("assignment.variable_not_found", $"There is no variable '{key}' with scope {address.Scope} in environment '{environment}'.")
                {
                    Key = input.Key,
                });
            }

            access = stored.Document.Access;
        }

        return (new Assignment(key.Value, kind), access, null);
    }

    private static ScopeKind? GetKind(Automation automation, string? scope) => scope switch
    {
        null or "organization" => ScopeKind.Organization,
        "project" => ScopeKind.Project,
        "automation" => ScopeKind.Automation,
        "personal" => ScopeKind.Personal,
        _ when scope == $"project:{automation.Project}" => ScopeKind.Project,
        _ when scope == $"automation:{automation.Name}" => ScopeKind.Automation,
        _ => null,
    };

    /// <summary>The scope an assignment speaks of; null for a personal one where there is no person.</summary>
    internal static VariableScope? ScopeOf(ScopeKind kind, Automation automation, Person? person) => kind switch
    {
        ScopeKind.Automation => VariableScope.Automation(automation.Name),
        ScopeKind.Project => VariableScope.Project(automation.Project),
        ScopeKind.Organization => VariableScope.Organization,
        _ => person is { } member ? VariableScope.Personal(member) : null,
    };
}
