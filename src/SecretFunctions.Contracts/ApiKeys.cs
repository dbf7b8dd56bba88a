using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

public sealed record ApiKeyRequest
{
    public required string Name { get; init; }

    public required PrincipalReference Principal { get; init; }

    /// <summary>Feature to level, narrower than the principal's own. A service has none of its own, so must be given some.</summary>
    public IReadOnlyDictionary<string, string>? Permissions { get; init; }

    /// <summary>Null: all of the principal's, and the organization as a whole. Not of an automation, which has its own.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Null: all.</summary>
    public IReadOnlyList<string>? Environments { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}

public sealed record ApiKeyResource(
    string Id,
    string Name,
    PrincipalReference Principal,
    IReadOnlyDictionary<string, string>? Permissions,
    IReadOnlyList<string>? Projects,
    IReadOnlyList<string>? Environments,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy)
{
    /// <summary>In the answer that made it, this once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SensitiveText? Key { get; init; }
}
