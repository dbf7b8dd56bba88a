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
            : Failure.Denied("access.grant_exceeds_own", "The credential you call with is narrower than this one would be, or is.");

    /// <summary>Nor does a key that is made with another outlive it. A person's or platform's token is new each time, and bounds nothing.</summary>
    public static Failure? CheckExpiry(Caller caller, DateTimeOffset? expiresAt) =>
        caller.KeyExpiresAt is not { } own || expiresAt <= own
            ? null
            : Failure.Denied("access.expiry_exceeds_own", $"The API key you call with expires at {own.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, and a key made with it expires no later: send such an expiresAt.");

    /// <summary>Whose personal variables a resolve may fall back to last, before it is known whose automation it is for.</summary>
    /// <remarks>
    /// A member gets their own and nobody else's, whatever the request names as trigger, and only with a credential of their own. Any other credential
    /// opens those of the member who made it or lent them to it, and of nobody else: an automation cannot name an arbitrary person, and nobody can name
    /// a person its owner, and so read what is theirs. A credential of the member's own that was narrowed opens here what it would open one by one.
    /// </remarks>
    public static Person? PersonalCandidate(Caller caller, string environment, string? triggeredBy) =>
        caller.Principal.Type != PrincipalType.Member ? caller.Opens
        : caller.IsOwnCredential && (triggeredBy is null || triggeredBy == caller.Principal.Name)
            && CheckPersonal(caller, ViewValues, Place.Personal(caller.Principal.Name, environment)) is null ? caller.Opens
        : null;

    /// <summary>And once that is known: where no member calls, it must be the automation's owner.</summary>
    /// <param name="byMember">A member calls.</param>
    public static Person? PersonalOwner(Person? candidate, bool byMember, string? automationOwner) =>
        byMember || candidate?.Email == automationOwner ? candidate : null;

    /// <summary>A variable with a list of people is for those alone. That narrows what they may, and gives nothing.</summary>
    /// <param name="person">Who calls or, at a kickoff, who is behind it; null: nobody.</param>
    public static bool IsListed(Person? person, IReadOnlyList<AccessEntry>? access, AccessRole role) =>
        access is null || (person is { } known && access.Any(entry => entry.Member == known.Email && entry.MemberId == known.Id && entry.Role >= role));

    public static Failure? CheckListed(Caller caller, IReadOnlyList<AccessEntry>? access, AccessRole role) => IsListed(caller.OwnPerson, access, role)
        ? null
        : Failure.Denied("access.not_listed", $"The variable has an access list, and {caller.Principal} is not on it{(role == AccessRole.Admin ? " as one who may change it" : "")}{(caller.Person != caller.OwnPerson ? ", with a credential that somebody else made" : "")}.");

    /// <summary>So that nothing is orphaned, whoever holds everything may delete what they may neither read nor change.</summary>
    public static Failure? CheckListedToDelete(Caller caller, IReadOnlyList<AccessEntry>? access) =>
        CheckGrant(caller, [Grant.Everything]) is null ? null : CheckListed(caller, access, AccessRole.Admin);

    /// <summary>Is the caller's credential good for this environment?</summary>
    public static Failure? CheckEnvironment(Caller caller, string environment) =>
        caller.Narrowing.Environments is not { } named || named.Contains(environment)
            ? null
            : Failure.Denied("access.environment_not_allowed", $"This API key is not for environment '{environment}'.");

    /// <summary>Only with a credential of their own does a member open, lend or take back what is personal.</summary>
    public static Failure? CheckOwnCredential(Caller caller) => caller.IsOwnCredential
        ? null
        : caller.Principal.Type != PrincipalType.Member ? OnlyMembers
        : Failure.Denied("personal.not_own", "This credential was made by somebody else, or is not the one that your personal variables are bound to, so it does not open them.") with
        {
            Hint = "Call with the credential that first stored one, or with a key that you made with it. If there is none left: whoever manages members deletes you and adds you anew, which destroys what is personal.",
        };

    /// <summary>For what belongs to members alone.</summary>
    public static Failure? CheckMember(Caller caller) => caller.Principal.Type switch
    {
        PrincipalType.Member => null,
        PrincipalType.Automation => OnlyItself,
        _ => OnlyMembers,
    };

    private static Failure OnlyMembers { get; } = Failure.Denied("access.member_only", "This is a member's own to do: call with a credential of theirs.");

    /// <summary>Roles have no say in what is one person's: only whose it is, and what the credential was narrowed to.</summary>
    private static Failure? CheckPersonal(Caller caller, Demand demand, in Place place) =>
        caller.Principal.Type != PrincipalType.Member || caller.Principal.Name != place.Person
            ? Failure.Denied("access.personal", "What is personal is its member's alone.")
            : caller.Narrowing.Permissions[demand.Feature] < demand.Level ? Missing(caller, demand)
            : !caller.Narrowing.Covers(place with { Person = null }, demand.Level) ? OutOfPlace(caller.Narrowing, demand, place)
            : caller.IsOwnCredential || caller.IsPersonalUnclaimed ? null
            : CheckOwnCredential(caller);

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
