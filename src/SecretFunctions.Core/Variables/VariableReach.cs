using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Variables;

/// <summary>Somebody to be on an access list, by e-mail.</summary>
public readonly record struct AccessInput(string Member, AccessRole Role);

/// <summary>Who gets at which variable: where it belongs, whether what is personal opens, and whom it is for. The decisions are the authorizer's.</summary>
internal sealed class VariableReach(ResourceStore resources, AutomationDirectory automations)
{
    private const int MaxListed = 50;

    /// <summary>What is personal is read for nobody whose credential does not open it, whatever else they may.</summary>
    public static bool IsOpen(Caller caller, VariableScope scope) => scope.Kind != ScopeKind.Personal || caller.Opens == scope.Person;

    /// <summary>Whether there is a list, and the caller is on it: what they then write is theirs, and makes the credential their own if none is yet.</summary>
    public static bool Names(IReadOnlyList<AccessEntry>? access, Caller caller) => access is not null && Authorizer.IsListed(caller.OwnPerson, access, AccessRole.Member);

    /// <summary>Null where the caller may do this with what lies there.</summary>
    /// <param name="hidden">What is said of an automation's variable where the automation is out of the caller's reach, or not there.</param>
    public async Task<Failure?> CheckAsync(Caller caller, Demand demand, VariableAddress address, Failure hidden, CancellationToken cancellationToken)
    {
        var scope = address.Scope;
        if (scope.Kind != ScopeKind.Automation)
        {
            return Authorizer.Check(caller, demand, scope.Kind switch
            {
                ScopeKind.Personal => Place.Personal(scope.Name, address.Environment),
                ScopeKind.Project => Place.In(scope.Name, address.Environment),
                _ => Place.In(null, address.Environment),
            });
        }

        return Authorizer.AllowsEverywhere(caller, demand) ? null
            : Authorizer.Check(caller, demand, Place.SomewhereIn(address.Environment)) is { } denied ? denied
            : (await automations.FindAsync(caller, demand, scope.Name, address.Environment, cancellationToken)).Failure is null ? null
            : hidden;
    }

    /// <summary>Whether the caller may see it. Of an automation's, only where it makes no difference which project that is of.</summary>
    public static bool Shows(Caller caller, Variable variable)
    {
        var view = new Demand(Feature.EnvironmentVariables, Level.View);
        return Authorizer.AllowsEverywhere(caller, view) || Authorizer.Allows(caller, view, PlaceOf(caller, variable, AutomationProjects.Unread));
    }

    public static Place PlaceOf(Caller caller, Variable variable, AutomationProjects projects)
    {
        var scope = variable.Scope.Split(':');
        return scope switch
        {
            ["personal"] => Place.Personal(caller.Principal.Name, variable.Environment),
            ["project", var project] => Place.In(project, variable.Environment),
            ["automation", var automation] => new Place(projects.PlaceOf(automation), [variable.Environment]),
            _ => Place.In(null, variable.Environment),
        };
    }

    /// <summary>Whom the list names, as the members they are now.</summary>
    public async Task<Result<IReadOnlyList<AccessEntry>?>> ReadAccessAsync(
        string organizationId, VariableAddress address, IReadOnlyList<AccessInput>? inputs, CancellationToken cancellationToken)
    {
        if (inputs is null)
        {
            return Result.Of<IReadOnlyList<AccessEntry>?>(null);
        }

        if (address.Scope.Kind == ScopeKind.Personal)
        {
            return Failure.Invalid("variable.access_not_applicable", "A personal variable is its member's alone: leave 'access' out.");
        }

        if (inputs.Count is 0 or > MaxListed || inputs.All(static input => input.Role != AccessRole.Admin) || inputs.DistinctBy(static input => input.Member).Count() != inputs.Count)
        {
            return Failure.Invalid(
                "variable.access_invalid", $"An access list has 1 to {MaxListed} members, each once, and at least one admin. Leave it out, or send null, for a variable without one.");
        }

        var access = new List<AccessEntry>();
        var errors = new List<FailureEntry>();
        foreach (var (email, role) in inputs)
        {
            if (await PrincipalAccess.FindPersonAsync(resources.Store, organizationId, email, cancellationToken) is { } person)
            {
                access.Add(new AccessEntry(email, person.Id, role));
            }
            else
            {
                errors.Add(new FailureEntry("member.not_found", $"There is no member '{email}'.") { Field = "access" });
            }
        }

        return errors.Count == 0
            ? access
            : Failure.Invalid("variable.access_invalid", "The access list names somebody who is no member.") with { Errors = errors };
    }
}
