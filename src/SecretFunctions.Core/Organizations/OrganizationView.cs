using System.Collections.Concurrent;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Core.Organizations;

/// <summary>
/// One organization as of one revision: its keys, and whatever requests have had to read so far. Nothing in it that a
/// change could make stale outlives the revision. Safe for concurrent use.
/// </summary>
public sealed class OrganizationView(Organization organization, OrganizationKeys keys, string keysETag, string revision, KnownNames apiKeys)
{
    public Organization Organization { get; } = organization;

    public OrganizationKeys Keys { get; } = keys;

    internal string KeysETag { get; } = keysETag;

    internal string Revision { get; } = revision;

    /// <summary>Ids of API keys.</summary>
    internal KnownNames ApiKeys { get; } = apiKeys;

    /// <summary>API keys that were presented and found, by id, with the caller each stands for.</summary>
    internal ConcurrentDictionary<string, KeyHolder> KeyHolders { get; } = new(StringComparer.Ordinal);

    /// <summary>All of them, once a token was presented.</summary>
    internal IReadOnlyList<TrustedIssuer>? TrustedIssuers { get; set; }

    /// <summary>Whom trusted issuers that have let somebody in stand for, by their names.</summary>
    internal ConcurrentDictionary<string, Caller> TokenHolders { get; } = new(StringComparer.Ordinal);

    internal PlanCache Plans { get; } = new();

    internal SecretMemory Secrets { get; } = new();

    /// <summary>Outlives the revision: what a sealed value's key is does not change.</summary>
    internal ContentKeys ContentKeys { get; init; } = new();
}
