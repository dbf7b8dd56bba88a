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

/// <summary>
/// A recognized caller in one organization, with everything a decision needs. Immutable: made once per key and revision, used by every
/// request that follows.
/// </summary>
public sealed record Caller(string OrganizationId, string OrganizationName, Principal Principal, Permissions Permissions)
{
    /// <summary>The API key that was used; null for the operator's own.</summary>
    public string? KeyId { get; init; }

    /// <summary>The environments the key is narrowed to; null where it is not.</summary>
    public IReadOnlyList<string>? Environments { get; init; }

    /// <summary>Known by the deployment's own key alone: no organization's key makes an operator, whatever name it bears.</summary>
    public bool IsOperator => KeyId is null && Principal == Principal.Operator;
}
