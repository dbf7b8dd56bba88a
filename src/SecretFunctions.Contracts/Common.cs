using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>A page of a list. No further page where <paramref name="NextCursor"/> is null.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>RFC 9457, with a stable code and one entry per field, variable or line that is wrong.</summary>
public sealed record Problem(string Type, string Title, int Status, string Detail, string Code, string TraceId)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hint { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ProblemEntry>? Errors { get; init; }
}

public sealed record ProblemEntry(string Code, string Detail)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Field { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Line { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Hint { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProviderCode { get; init; }
}

/// <summary>Of a project or an environment: nothing but words about it.</summary>
public sealed record DescriptionRequest
{
    public string? DisplayName { get; init; }

    public string? Description { get; init; }
}

public sealed record OrganizationRequest
{
    public string? DisplayName { get; init; }

    public string? Description { get; init; }

    /// <summary>For whom its automations may have tokens, beside what workload identity configurations name: at most 32.</summary>
    public IReadOnlyList<string>? TokenAudiences { get; init; }
}

public sealed record OrganizationResource(
    string Name,
    string? DisplayName,
    string? Description,
    IReadOnlyList<string> TokenAudiences,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy);

public sealed record ProjectResource(
    string Name, string? DisplayName, string? Description, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string UpdatedBy);

public sealed record EnvironmentResource(
    string Name, string? DisplayName, string? Description, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string UpdatedBy);

public sealed record PrincipalReference(string Type, string Name);

/// <param name="Permissions">Features with more than none, held anywhere: the grants say where.</param>
/// <param name="Environments">That anything is held in. Null: all.</param>
public sealed record WhoamiResponse(
    PrincipalReference Principal,
    string Organization,
    IReadOnlyDictionary<string, string> Permissions,
    IReadOnlyList<string>? Environments)
{
    /// <summary>One for each role, as far as the credential leaves it. An automation has none: what it may is fixed.</summary>
    public IReadOnlyList<GrantResource> Grants { get; init; } = [];

    /// <summary>Where it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AccessExplanation? Explanation { get; init; }
}

public sealed record HealthResponse(string Status, IReadOnlyList<HealthCheck> Checks);

public sealed record HealthCheck(string Name, bool Ok, string? Detail);
