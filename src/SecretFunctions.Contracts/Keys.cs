namespace SecretFunctions.Contracts;

/// <summary>The service's own keys, by kind. Their private halves and their values are nowhere in it.</summary>
public sealed record KeysResponse(IReadOnlyList<KeyKindResource> Items);

/// <param name="Kind"><c>signing</c>: signs the tokens that this service issues. <c>sealing</c>: values are sealed for it.</param>
/// <param name="Scope"><c>deployment</c>: shared by all organizations. <c>organization</c>: the caller's own.</param>
/// <param name="NextRotationAt">When another key takes over without anybody's asking; null where nobody knows.</param>
/// <param name="Keys">Oldest first.</param>
public sealed record KeyKindResource(string Kind, string Scope, DateTimeOffset? NextRotationAt, IReadOnlyList<KeyResource> Keys);

/// <summary>The key to seal values for, as a public JWK (RFC 7517).</summary>
/// <param name="Kid">Its JWK thumbprint (RFC 7638), which the header of a sealed value has to name.</param>
/// <param name="Alg">RSA-OAEP-256.</param>
/// <param name="Enc">A256GCM; no member of a JWK, but what to seal with beside <paramref name="Alg"/>.</param>
public sealed record SealingKeyResource(string Kty, string Use, string Alg, string Enc, string Kid, string N, string E);

/// <param name="State">
/// <c>next</c> (published, not used yet), <c>active</c>, <c>retired</c> (used no more, still published; of sealing keys: values for it are still
/// accepted) or <c>removed</c>; of sealing keys <c>kept</c> instead, to open what was accepted.
/// </param>
/// <param name="ProtectedBy"><c>root-key</c> or <c>organization-key</c>, or <c>key-vault</c> where it never leaves one.</param>
/// <param name="ActivatesAt">From then on it is used.</param>
/// <param name="RetiresAt">From then on a later one is; null while there is none.</param>
/// <param name="RemovedAt">From then on nobody is shown it; of sealing keys: no value for it is accepted.</param>
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
