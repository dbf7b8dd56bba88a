namespace SecretFunctions.Core.Access;

/// <summary>What a request needs, as its endpoint states it.</summary>
/// <param name="Feature">On what.</param>
/// <param name="Level">How much.</param>
public readonly record struct Demand(Feature Feature, Level Level)
{
    public override string ToString() => $"{Permissions.Name(Feature)}: {Permissions.Name(Level)}";
}

/// <summary>An answer, and the rule that gave it.</summary>
/// <param name="Rule">For people: <c>role 'admin'</c>.</param>
/// <param name="Failure">Null where it is allowed.</param>
public readonly record struct Decision(string Rule, Failure? Failure)
{
    public bool Allowed => Failure is null;
}

/// <summary>
/// The one place that decides who may do what. No I/O: everything it looks at is in the caller and the question.
/// Null means allowed; a failure says which rule forbids it and what would allow it.
/// </summary>
public static class Authorizer
{
    private const string AutomationRule = "automation";
    private const string NoRule = "no grant";
    private const string PersonalRule = "personal";

    private static readonly Demand ViewValues = new(Feature.SecretValues, Level.View);

    /// <summary>May the caller do this there, and who says so?</summary>
    public static Decision Decide(Caller caller, Demand demand, in Place place)
    {
        if (caller.Principal.Type == PrincipalType.Automation)
        {
            return new Decision(AutomationRule, OnlyItself);
        }

        if (place.Person is not null)
        {
            return new Decision(PersonalRule, CheckPersonal(caller, demand, place));
        }

        Grant? near = null;
        foreach (var grant in caller.Grants)
        {
            if (grant.Permissions[demand.Feature] < demand.Level)
            {
                continue;
            }

            if (grant.Covers(place, demand.Level))
            {
                return new Decision(grant.Rule, null);
            }

            // Of several that do not reach there, the one that fails by its environments alone came closest.
            near = near is null || grant.CoversProjects(place) ? grant : near;
        }

        return near is null ? new Decision(NoRule, Missing(caller, demand)) : new Decision(near.Rule, OutOfPlace(near, demand, place));
    }

    /// <summary>An automation's own principal, about itself: it resolves, and that is all.</summary>
    public static Decision DecideItself(Caller caller, Demand demand, string? environment) => new(
        AutomationRule,
        demand.Feature == Feature.SecretValues && demand.Level <= Level.View
            ? environment is null ? null : CheckEnvironment(caller, environment)
            : OnlyItself);

    public static Failure? Check(Caller caller, Demand demand, in Place place) => Decide(caller, demand, place).Failure;

    public static bool Allows(Caller caller, Demand demand, in Place place) => Check(caller, demand, place) is null;

    /// <summary>In the whole organization and all environments: then nobody has to look where a thing belongs.</summary>
    public static bool AllowsEverywhere(Caller caller, Demand demand) => Allows(caller, demand, new Place(null, null));

    /// <summary>
    /// May the caller resolve in this environment: for this automation, whose project is not known yet, or where none is named for this project (null:
    /// for the organization)?
    /// </summary>
    public static Failure? CheckResolve(Caller caller, string? automation, string? project, string environment) =>
        caller.Principal.Type == PrincipalType.Automation
            ? automation is null || automation == caller.Principal.Name
                ? CheckEnvironment(caller, environment)
                : Failure.Denied("access.automation_only_itself", $"Automation '{caller.Principal.Name}' may resolve for itself only.")
            : AllowsEverywhere(caller, ViewValues) ? null
            : Check(caller, ViewValues, automation is null ? Place.In(project, environment) : Place.SomewhereIn(environment));

    /// <summary>Once the project of the automation that was named is known: is it the caller's to resolve for?</summary>
    public static bool AllowsResolve(Caller caller, string project, string environment) =>
        caller.Principal.Type == PrincipalType.Automation || AllowsEverywhere(caller, ViewValues) || Allows(caller, ViewValues, Place.In(project, environment));

    /// <summary>Without an automation: does what belongs to the organization as a whole take part?</summary>
    public static bool AllowsOrganizationValues(Caller caller, string environment) =>
        AllowsEverywhere(caller, ViewValues) || Allows(caller, ViewValues, Place.In(null, environment));

    /// <summary>Only the deployment's operator makes and destroys organizations, and changes the deployment's own keys.</summary>
    public static Failure? CheckOperator(Caller caller) => caller.IsOperator
        ? null
        : Failure.Denied("access.operator_only", "Organizations are made and destroyed, and the deployment's keys changed, by the deployment's operator alone.");

    /// <summary>Nobody hands out more than they hold: whatever a grant allows, wherever it does, its giver must be allowed there by one of their own.</summary>
    public static Failure? CheckGrant(Caller caller, IEnumerable<Grant> granted) =>
        granted.All(grant => Holds(caller.Grants, grant))
            ? null
            : Failure.Denied("access.grant_exceeds_own", "This would give, or take, more than you hold yourself: permissions, projects or environments that are not yours.");

    /// <summary>Whether everything that this grant allows is allowed by one of those.</summary>
    internal static bool Holds(IReadOnlyList<Grant> own, Grant granted)
    {
        var place = new Place(granted.Projects, granted.Environments);
        return Permissions.AllFeatures.All(feature =>
            granted.Permissions[feature] is var level
            && (level == Level.None || own.Any(grant => grant.Permissions[feature] >= level && grant.Covers(place, level))));
    }

    /// <summary>Nor does a member's own new key leave more of what is theirs than the credential it is made with.</summary>
    public static Failure? CheckNarrowing(Caller caller, Grant narrowing) =>
        Holds([caller.Narrowing], narrowing)
            ? null
            : Failure.Denied("access.grant_exceeds_own", "The credential you call with is narrower than this key would be.");

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

    /// <summary>Is the caller's credential good for this environment?</summary>
    public static Failure? CheckEnvironment(Caller caller, string environment) =>
        caller.Narrowing.Environments is not { } named || named.Contains(environment)
            ? null
            : Failure.Denied("access.environment_not_allowed", $"This API key is not for environment '{environment}'.");

    /// <summary>Roles have no say in what is one person's: only whose it is, and what the credential was narrowed to.</summary>
    private static Failure? CheckPersonal(Caller caller, Demand demand, in Place place) =>
        caller.Principal.Type != PrincipalType.Member || caller.Principal.Name != place.Person
            ? Failure.Denied("access.personal", "What is personal is its member's alone.")
            : caller.Narrowing.Permissions[demand.Feature] < demand.Level ? Missing(caller, demand)
            : caller.Narrowing.Covers(place with { Person = null }, demand.Level) ? null
            : OutOfPlace(caller.Narrowing, demand, place);

    private static Failure OnlyItself { get; } = Failure.Denied(
        "access.automation_only_itself", "An automation's own principal may resolve, render and get tokens for itself, and nothing else.");

    private static Failure Missing(Caller caller, Demand demand) =>
        Failure.Denied("access.permission_missing", $"This needs the permission {demand}, which {caller.Principal} does not hold here.");

    /// <summary>Names what the caller has, never what is there.</summary>
    private static Failure OutOfPlace(Grant near, Demand demand, in Place place) => near.CoversProjects(place)
        ? Failure.Denied(
            "access.environment_not_allowed",
            place.Environments is { Count: > 0 } named
                ? $"{demand} is held in {List("environment", near.Environments!)} only, and this is about {List("environment", named)}."
                : $"{demand} is held in {List("environment", near.Environments!)} only, and this reaches all of them.")
        : Failure.Denied(
            "access.project_not_allowed",
            place.Projects is { Count: > 0 } projects
                ? $"{demand} is held in {List("project", near.Projects!)} only, and this is about {List("project", projects)}."
                : $"{demand} is held in {List("project", near.Projects!)} only, and this belongs to the organization as a whole.");

    private static string List(string what, IReadOnlyList<string> names) =>
        $"{what}{(names.Count == 1 ? "" : "s")} {string.Join(", ", names.Select(static name => $"'{name}'"))}";
}
