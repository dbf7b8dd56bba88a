namespace SecretFunctions.Contracts;

/// <summary>The service's own keys, by kind. Their private halves and their values are nowhere in it.</summary>
public sealed record KeysResponse(IReadOnlyList<KeyKindResource> Items);

/// <param name="Kind"><c>signing</c>: signs the tokens that this service issues.</param>
/// <param name="Scope"><c>deployment</c>: shared by all organizations.</param>
/// <param name="NextRotationAt">When another key takes over without anybody's asking; null where nobody knows.</param>
/// <param name="Keys">Oldest first.</param>
public sealed record KeyKindResource(string Kind, string Scope, DateTimeOffset? NextRotationAt, IReadOnlyList<KeyResource> Keys);

/// <param name="State"><c>next</c> (published, not used yet), <c>active</c>, <c>retired</c> (used no more, still published) or <c>removed</c>.</param>
/// <param name="ProtectedBy"><c>root-key</c>, or <c>key-vault</c> where it never leaves one.</param>
/// <param name="ActivatesAt">From then on it is used.</param>
/// <param name="RetiresAt">From then on a later one is; null while there is none.</param>
/// <param name="RemovedAt">From then on nobody is shown it.</param>
public sealed record KeyResource(
    string Id,
    string State,
    string Algorithm,
    int Bits,
    string ProtectedBy,
    DateTimeOffset CreatedAt,
    long AgeSeconds,
    DateTimeOffset ActivatesAt,
    DateTimeOffset? RetiresAt,
    DateTimeOffset? RemovedAt);
