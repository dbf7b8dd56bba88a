namespace SecretFunctions.Core.Access;

/// <summary>What a request needs, as its endpoint states it.</summary>
/// <param name="Feature">On what.</param>
/// <param name="Level">How much.</param>
public readonly record struct Demand(Feature Feature, Level Level)
{
    public override string ToString() => $"{Permissions.Name(Feature)}: {Permissions.Name(Level)}";
}

/// <summary>
/// The one place that decides who may do what. No I/O: everything it looks at is in the caller and the question.
/// Null means allowed; a failure says which rule forbids it and what would allow it.
/// </summary>
public static class Authorizer
{
    /// <summary>May the caller do this, in this environment where the request is about one?</summary>
    public static Failure? Check(Caller caller, Demand demand, string? environment)
    {
        if (caller.Principal.Type == PrincipalType.Automation)
        {
            return Failure.Denied(
                "access.automation_only_itself", "An automation's own principal may resolve, render and get tokens for itself, and nothing else.");
        }

        return caller.Permissions[demand.Feature] < demand.Level
            ? Failure.Denied("access.permission_missing", $"This needs the permission {demand}, which {caller.Principal} does not hold here.")
            : CheckEnvironment(caller, environment);
    }

    /// <summary>May the caller resolve for this automation (null: none named), in this environment?</summary>
    public static Failure? CheckResolve(Caller caller, string? automation, string environment)
    {
        if (caller.Principal.Type == PrincipalType.Automation)
        {
            return automation is null || automation == caller.Principal.Name
                ? CheckEnvironment(caller, environment)
                : Failure.Denied("access.automation_only_itself", $"Automation '{caller.Principal.Name}' may resolve for itself only.");
        }

        return Check(caller, new Demand(Feature.SecretValues, Level.View), environment);
    }

    /// <summary>Only the deployment's operator makes and destroys organizations, and changes the deployment's own keys.</summary>
    public static Failure? CheckOperator(Caller caller) => caller.IsOperator
        ? null
        : Failure.Denied("access.operator_only", "Organizations are made and destroyed, and the deployment's keys changed, by the deployment's operator alone.");

    /// <summary>Nobody hands out more than they hold.</summary>
    public static Failure? CheckGrant(Caller caller, Permissions granted, IReadOnlyList<string>? environments)
    {
        if (!granted.IsWithin(caller.Permissions))
        {
            return Failure.Denied("access.grant_exceeds_own", "A key cannot be given permissions that its maker does not hold.");
        }

        return caller.Environments is { } own && (environments is null || environments.Except(own).Any())
            ? Failure.Denied("access.grant_exceeds_own", "A key cannot be given environments that its maker does not have.")
            : null;
    }

    /// <summary>The personal variables a resolve falls back to last: whose they are, or nobody's.</summary>
    /// <remarks>
    /// A member gets their own and nobody else's, whatever the request names as trigger. Otherwise it is the automation's owner:
    /// an automation cannot name an arbitrary person and so read what is theirs.
    /// </remarks>
    public static string? PersonalOwner(Caller caller, string? triggeredBy, string? automationOwner) => caller.Principal.Type switch
    {
        PrincipalType.Member when triggeredBy is null || triggeredBy == caller.Principal.Name => caller.Principal.Name,
        PrincipalType.Member => null,
        _ => automationOwner,
    };

    /// <summary>Is the caller's key good for this environment? Null where the request is about none.</summary>
    public static Failure? CheckEnvironment(Caller caller, string? environment) =>
        environment is null || caller.Environments is null || caller.Environments.Contains(environment)
            ? null
            : Failure.Denied("access.environment_not_allowed", $"This API key is not for environment '{environment}'.");
}
