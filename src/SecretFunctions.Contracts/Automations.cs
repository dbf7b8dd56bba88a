namespace SecretFunctions.Contracts;

public sealed record AutomationRequest
{
    public required string Project { get; init; }

    /// <summary>A member's e-mail; whoever calls, where that is a member and none is named.</summary>
    public string? Owner { get; init; }

    public string? DisplayName { get; init; }

    public string? Description { get; init; }
}

public sealed record AutomationResource(
    string Name,
    string Project,
    string? Owner,
    string? DisplayName,
    string? Description,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy);

public sealed record AssignmentsRequest
{
    public required IReadOnlyList<AssignmentItem> Items { get; init; }
}

public sealed record AssignmentItem
{
    public required string Key { get; init; }

    /// <summary>organization (the default), project, automation or personal.</summary>
    public string? Scope { get; init; }
}

public sealed record AssignmentsResource(string Automation, string Environment, IReadOnlyList<AssignmentItem> Items, DateTimeOffset UpdatedAt, string UpdatedBy);

public sealed record SnapshotRequest
{
    public string? Environment { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    public KickoffRequest? Kickoff { get; init; }

    public string? Description { get; init; }
}

public sealed record SnapshotResource(
    string Id,
    string Automation,
    string Environment,
    string? Description,
    IReadOnlyList<SnapshotVariable> Variables,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy);

public sealed record SnapshotVariable(string Key, string Scope, string From, string? Credential, string? Secret, string Version);
