namespace SecretFunctions.Core.Access;

public enum PrincipalType
{
    /// <summary>A person, by e-mail.</summary>
    Member,

    /// <summary>A crew, flow, pipeline or job of one project.</summary>
    Automation,

    /// <summary>An API key bound to neither.</summary>
    Service,
}

/// <summary>Who calls.</summary>
public sealed record Principal(PrincipalType Type, string Name)
{
    /// <summary>The deployment's operator: owner of every organization it works in, and alone allowed to make and destroy them.</summary>
    public static Principal Operator { get; } = new(PrincipalType.Service, "operator");

    /// <summary>The service itself, where it acts on nobody's request: the timer's entries in the audit log.</summary>
    public static Principal Maintenance { get; } = new(PrincipalType.Service, "maintenance");

    /// <summary>Whether no key can be made for it: the log must not show it where it did not act.</summary>
    public bool IsReserved => this == Operator || this == Maintenance;

    /// <summary>For <c>updatedBy</c>: <c>member:someone@example.org</c>.</summary>
    public override string ToString() => $"{TypeName(Type)}:{Name}";

    public static string TypeName(PrincipalType type) => type switch
    {
        PrincipalType.Member => "member",
        PrincipalType.Automation => "automation",
        _ => "service",
    };

    public static bool TryParseType(string? name, out PrincipalType type)
    {
        type = name switch
        {
            "member" => PrincipalType.Member,
            "automation" => PrincipalType.Automation,
            _ => PrincipalType.Service,
        };
        return name is "member" or "automation" or "service";
    }
}

/// <summary>A token of another issuer that somebody was let in with, as the audit log names it.</summary>
/// <param name="TrustedIssuer">The name of the trusted issuer that let it in.</param>
/// <param name="Subject">Its <c>sub</c>, cut and cleaned: the issuer chose it, or whoever the issuer let choose.</param>
/// <param name="Id">Its <c>jti</c>, likewise.</param>
public sealed record PresentedToken(string TrustedIssuer, string? Subject, string? Id);

/// <summary>
/// A recognized caller in one organization, with everything a decision needs. Immutable: made once per key and revision, used by every
/// request that follows.
/// </summary>
/// <param name="Grants">What the principal's roles allow, or a service's key, as far as the credential leaves it. An automation has none: what it may is fixed.</param>
public sealed record Caller(string OrganizationId, string OrganizationName, Principal Principal, IReadOnlyList<Grant> Grants)
{
    /// <summary>With one grant, without limits.</summary>
    public Caller(string organizationId, string organizationName, Principal principal, Permissions permissions)
        : this(organizationId, organizationName, principal, [new Grant(principal.Name, permissions)])
    {
    }

    /// <summary>The API key that was used; null for the operator's own, and where it was a token.</summary>
    public string? KeyId { get; init; }

    /// <summary>Of that key; null: never.</summary>
    public DateTimeOffset? KeyExpiresAt { get; init; }

    /// <summary>The token that was used instead of an API key.</summary>
    public PresentedToken? Token { get; init; }

    /// <summary>What the credential leaves of whatever its principal may. The grants are narrowed already.</summary>
    public Grant Narrowing { get; init; } = Grant.Everything;

    /// <summary>Of the request at hand; null where the service acts on nobody's.</summary>
    public RequestOrigin? Origin { get; init; }

    /// <summary>Of a member.</summary>
    public string? MemberId { get; init; }

    /// <summary>The member who calls.</summary>
    public Person? Person => MemberId is null || Principal.Type != PrincipalType.Member ? null : new Person(Principal.Name, MemberId);

    /// <summary>Whom the token is about, in full; null where an API key was used, or the token says no subject.</summary>
    public TokenIdentity? Identity { get; init; }

    /// <summary>Whose personal variables the credential opens. Nobody's, unless that member says so: see <see cref="PersonalStanding"/>.</summary>
    public Person? Opens { get; init; }

    /// <summary>The member has nothing personal yet: what they first write makes this credential their own.</summary>
    public bool IsPersonalUnclaimed { get; init; }

    /// <summary>Whether a member calls with a credential that is their own.</summary>
    public bool IsOwnCredential => Opens is not null && Opens == Person;

    /// <summary>
    /// The member who calls, where it is themselves: with a credential of their own, or with any while none is yet. For whatever is for certain people
    /// alone: a credential that somebody else made for them does not speak for them.
    /// </summary>
    public Person? OwnPerson => IsOwnCredential || IsPersonalUnclaimed ? Person : null;

    /// <summary>Known by the deployment's own key alone: no organization's key and no token makes an operator, whatever name it bears.</summary>
    public bool IsOperator => KeyId is null && Token is null && Principal == Principal.Operator;

    /// <summary>What is held anywhere at all.</summary>
    public Permissions Permissions => Grants.Aggregate(Permissions.None, static (union, grant) => union.Union(grant.Permissions));

    /// <summary>The environments that anything is held in; null: all.</summary>
    public IReadOnlyList<string>? Environments => Principal.Type == PrincipalType.Automation || Grants.Count == 0
        ? Narrowing.Environments
        : Grants.Any(static grant => grant.Environments is null) ? null : [.. Grants.SelectMany(static grant => grant.Environments!).Distinct().Order(StringComparer.Ordinal)];
}
