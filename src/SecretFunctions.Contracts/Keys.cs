using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>The service's own keys, by kind. Their private halves and their values are nowhere in it.</summary>
public sealed record KeysResponse(IReadOnlyList<KeyKindResource> Items);

/// <param name="Kind">
/// <c>organization</c>: what an organization's values lie under; <c>signing</c>: signs the tokens that this service issues.
/// </param>
/// <param name="Scope"><c>deployment</c>: shared by all organizations; or <c>organization</c>.</param>
/// <param name="NextRotationAt">When another key takes over without anybody's asking; null where nobody knows.</param>
/// <param name="Keys">Oldest first.</param>
public sealed record KeyKindResource(string Kind, string Scope, DateTimeOffset? NextRotationAt, IReadOnlyList<KeyResource> Keys)
{
    /// <summary>The rotation that is under way. Left out where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public KeyRotationResource? Rotation { get; init; }
}

/// <param name="State"><c>next</c> (there, not used yet), <c>active</c>, <c>retired</c> (used for nothing new, still needed) or <c>removed</c>.</param>
/// <param name="ProtectedBy"><c>root-key</c>, or <c>key-vault</c> where it never leaves one.</param>
/// <param name="CreatedAt">Null where nobody noted it.</param>
/// <param name="ActivatesAt">From then on it is used.</param>
/// <param name="RetiresAt">From then on a later one is; null while there is none.</param>
/// <param name="RemovedAt">From then on nobody is shown it.</param>
public sealed record KeyResource(
    string Id,
    string State,
    string Algorithm,
    int Bits,
    string ProtectedBy,
    DateTimeOffset? CreatedAt,
    long? AgeSeconds,
    DateTimeOffset? ActivatesAt,
    DateTimeOffset? RetiresAt,
    DateTimeOffset? RemovedAt);

/// <param name="Step">
/// <c>publishing</c> (the new key waits until every instance knows it), <c>rewrapping</c> (what lies under earlier keys is being moved), or
/// <c>confirming</c> (nothing is known to be left, and after a while that is made sure).
/// </param>
/// <param name="Left">What lies under an earlier key still; null where it has not been counted.</param>
/// <param name="Unreadable">Of that, what does not open, because it was changed or misplaced: the rotation does not end while there is any.</param>
public sealed record KeyRotationResource(DateTimeOffset StartedAt, string Step, int? Left, int Unreadable);
