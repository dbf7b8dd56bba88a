namespace SecretFunctions.Contracts;

/// <summary>A role of the organization's own.</summary>
public sealed record RoleRequest
{
    /// <summary>Feature to level. What is left out is none.</summary>
    public required IReadOnlyDictionary<string, string> Permissions { get; init; }

    /// <summary>Null: the whole organization. An empty list is refused.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Null: all. An empty list is refused.</summary>
    public IReadOnlyList<string>? Environments { get; init; }
}

/// <param name="BuiltIn">Then it cannot be changed, and nobody made it.</param>
public sealed record RoleResource(
    string Name,
    bool BuiltIn,
    IReadOnlyDictionary<string, string> Permissions,
    IReadOnlyList<string>? Projects,
    IReadOnlyList<string>? Environments,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? UpdatedAt,
    string? UpdatedBy);

/// <summary>A person in the organization.</summary>
public sealed record MemberRequest
{
    /// <summary>By name. Without any, somebody has what is their own and nothing else.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>Narrower than the roles' own; null: as the roles say. An empty list is refused.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    public string? DisplayName { get; init; }
}

/// <param name="Name">The e-mail.</param>
public sealed record MemberResource(
    string Name,
    IReadOnlyList<string> Roles,
    IReadOnlyList<string>? Projects,
    string? DisplayName,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy);

/// <summary>What one rule allows its holder, and where.</summary>
/// <param name="Rule">A role, or the API key of a service.</param>
/// <param name="Permissions">Features with more than none.</param>
/// <param name="Projects">Null: the whole organization.</param>
/// <param name="Environments">Null: all.</param>
public sealed record GrantResource(
    string Rule, IReadOnlyDictionary<string, string> Permissions, IReadOnlyList<string>? Projects, IReadOnlyList<string>? Environments);

/// <summary>Whether the caller may do what was asked about, and who says so.</summary>
/// <param name="Rule">The role, key or principle that decided.</param>
/// <param name="Code">Of the refusal.</param>
public sealed record AccessExplanation(bool Allowed, string Rule, string? Code, string Detail);
