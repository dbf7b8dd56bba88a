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
                ("keys", string.Join(',', items.Select(static item => item.Key)))),
            current => ValueTask.FromResult<Result<AssignmentList>>(CheckAdded(caller, automation.Document, environment, items.Except(current?.Items ?? [])) is { } denied
                ? denied
                : new AssignmentList(automationName, environment, items, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))),
            cancellationToken);
    }

    /// <summary>To assign a variable is to have it handed out, so it takes somebody who may see that there is one.</summary>
    private static Failure? CheckAdded(Caller caller, Automation automation, string environment, IEnumerable<Assignment> added)
    {
        var errors = new List<FailureEntry>();
        foreach (var item in added)
        {
            // Whose personal variable it will be is known only at a kickoff, which looks again.
            if (item.Scope != ScopeKind.Personal
                && Authorizer.Check(caller, ViewVariables, Place.In(item.Scope == ScopeKind.Organization ? null : automation.Project, environment)) is { } denied)
            {
                errors.Add(new FailureEntry(denied.Code, denied.Detail) { Key = item.Key });
            }
        }

        return errors.Count == 0
            ? null
            : Failure.Denied("assignment.not_allowed", "Nothing was assigned: some of what would be new is not yours to assign.") with { Errors = errors };
    }

    private async Task<Result<IReadOnlyList<Assignment>>> CheckAsync(
        Caller caller, Automation automation, string environment, IReadOnlyList<AssignmentInput> inputs, CancellationToken cancellationToken)
    {
        if (inputs.Count > AssignmentList.MaxItems)
        {
            return Failure.Invalid("assignment.too_many", $"An automation has at most {AssignmentList.MaxItems} assignments in one environment.");
        }

        var errors = new List<FailureEntry>();
        var items = new List<Assignment>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var (assignment, error) = await CheckAsync(caller.OrganizationId, automation, environment, inputs[i], cancellationToken);
            if (assignment is not null && items.Contains(assignment))
            {
                error = new FailureEntry("assignment.duplicate", "The same variable is assigned twice.");
            }

            if (error is not null)
            {
                errors.Add(error with { Field = $"items[{i}]" });
            }
            else
            {
                items.Add(assignment!);
            }
        }

        return errors.Count > 0
            ? Failure.Invalid("assignment.invalid", "Nothing was assigned: some items are wrong.") with { Errors = errors }
            : items;
    }

    private async Task<(Assignment? Item, FailureEntry? Error)> CheckAsync(
        string organizationId, Automation automation, string environment, AssignmentInput input, CancellationToken cancellationToken)
    {
        if (!VariableKey.TryParse(input.Key, out var key))
        {
            return (null, new FailureEntry("variable.key_invalid", "A key has letters, digits and underscores, at most 128, and does not start with a digit."));
        }

        if (GetKind(automation, input.Scope) is not { } kind)
        {
            return (null, new FailureEntry(
                "assignment.foreign_scope",
                $"A scope is organization, project, automation or personal; a project or automation named with it must be this automation's own ('project:{automation.Project}').")
            {
                Key = input.Key,
            });
        }

        // Whose personal variable it will be is known only at a kickoff.
        if (kind != ScopeKind.Personal)
        {
            var address = new VariableAddress(environment, ScopeOf(kind, automation, null)!.Value, key);
            if (await resources.Store.GetAsync(new EntityKey(organizationId, address.Row), cancellationToken) is null)
            {
                return (null, new FailureEntry("assignment.variable_not_found", $"There is no variable '{key}' with scope {address.Scope} in environment '{environment}'.")
                {
                    Key = input.Key,
                });
            }
        }

        return (new Assignment(key.Value, kind), null);
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
    internal static VariableScope? ScopeOf(ScopeKind kind, Automation automation, string? person) => kind switch
    {
        ScopeKind.Automation => VariableScope.Automation(automation.Name),
        ScopeKind.Project => VariableScope.Project(automation.Project),
        ScopeKind.Organization => VariableScope.Organization,
        _ => person is null ? null : VariableScope.Personal(person),
    };
}
