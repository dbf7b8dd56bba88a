using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>The service's own keys, by kind. Their private halves and their values are nowhere in it.</summary>
public sealed record KeysResponse(IReadOnlyList<KeyKindResource> Items);

/// <param name="Kind">
/// <c>root</c>: what all other keys lie under; <c>organization</c>: what an organization's values lie under; <c>sealing</c>: values are sealed for it before they
/// are sent; <c>signing</c>: signs the tokens that this service issues.
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

/// <summary>The key to seal values for, as a public JWK (RFC 7517).</summary>
/// <param name="Kid">Its JWK thumbprint (RFC 7638), which the header of a sealed value has to name.</param>
/// <param name="Alg">RSA-OAEP-256.</param>
/// <param name="Enc">A256GCM; no member of a JWK, but what to seal with beside <paramref name="Alg"/>.</param>
public sealed record SealingKeyResource(string Kty, string Use, string Alg, string Enc, string Kid, string N, string E);

/// <param name="State">
/// <c>next</c> (there, not used yet), <c>active</c>, <c>retired</c> (used for nothing new, still needed; of sealing keys: values for it are still
/// accepted) or <c>removed</c>; of sealing keys <c>kept</c> instead, to open what was accepted.
/// </param>
/// <param name="Bits">Null where that is not known here.</param>
/// <param name="ProtectedBy">
/// <c>root-key</c> or <c>organization-key</c>, or <c>key-vault</c> where it never leaves one; of root keys <c>file</c> or <c>missing</c> too.
/// </param>
/// <param name="CreatedAt">Null where nobody noted it.</param>
/// <param name="ActivatesAt">From then on it is used.</param>
/// <param name="RetiresAt">From then on a later one is; null while there is none.</param>
/// <param name="RemovedAt">From then on nobody is shown it; of sealing keys: no value for it is accepted.</param>
public sealed record KeyResource(
    string Id,
    string State,
    string Algorithm,
    int? Bits,
    string ProtectedBy,
    DateTimeOffset? CreatedAt,
    long? AgeSeconds,
    DateTimeOffset? ActivatesAt,
    DateTimeOffset? RetiresAt,
    DateTimeOffset? RemovedAt)
{
    /// <summary>How much lies under it; of root keys alone.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? InUse { get; init; }
}

/// <param name="Step">
/// <c>publishing</c> (the new key waits until every instance knows it), <c>rewrapping</c> (what lies under earlier keys is being moved), or
/// <c>confirming</c> (nothing is known to be left, and after a while that is made sure).
/// </param>
/// <param name="Left">What lies under an earlier key still; null where it has not been counted.</param>
/// <param name="Unreadable">Of that, what does not open, because it was changed or misplaced: the rotation does not end while there is any.</param>
public sealed record KeyRotationResource(DateTimeOffset StartedAt, string Step, int? Left, int Unreadable);
