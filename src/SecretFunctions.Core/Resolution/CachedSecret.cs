using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Resolution;

/// <summary>A secret of an external store that a variable refers to.</summary>
internal sealed record BoundReference(StoreAccess Access, SecretAddress Address, string? Selector)
{
    public ProviderCredential Credential => Access.Credential;

    public SecretKey Key => new(Credential.Name, Credential.Generation, Address, Access.Subject);
}

/// <summary>One secret as read as one subject through one state of a credential and of its configuration: whatever changes there makes it another.</summary>
/// <param name="Subject">Null where everybody gets in as the same.</param>
internal readonly record struct SecretKey(string Credential, int Generation, SecretAddress Address, BoundSubject? Subject)
{
    public string Row => Rows.Cache(Credential, Digest);

    public SealContext SealContext(string organizationId) => new(
        organizationId, Subject is null ? $"cache/{Credential}/{Digest}" : $"cache/{Credential}/{Digest}/{Subject.Generation}", Generation);

    /// <summary>No secret's name begins with a line's end, so that one read as a subject is never taken for one read as nobody in particular.</summary>
    private string Identity => Subject is null ? $"{Address.Name}\n{Address.Version}" : $"\n{Subject.Config}\n{Subject.Subject}\n{Address.Name}\n{Address.Version}";

    private string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Identity)).AsSpan(0, 16));
}

/// <summary>A secret that was read, still sealed.</summary>
/// <param name="NotAfter">As in <see cref="SecretPayload"/>: neither fresh nor servable as stale from then on.</param>
internal sealed record CachedSecret(SealedValue Payload, string Version, DateTimeOffset FetchedAt, DateTimeOffset? NotAfter)
{
    public bool IsFresh(ProviderCredential credential, DateTimeOffset now) =>
        IsValid(now) && now - FetchedAt < TimeSpan.FromSeconds(credential.CacheTtlSeconds);

    public bool MayServeStale(ProviderCredential credential, DateTimeOffset now) =>
        credential.StaleIfErrorSeconds > 0
        && IsValid(now)
        && now - FetchedAt < TimeSpan.FromSeconds((double)credential.CacheTtlSeconds + credential.StaleIfErrorSeconds);

    private bool IsValid(DateTimeOffset now) => !(NotAfter <= now);
}

/// <summary>In the store, so that a cold instance starts warm. Names the secret for the timer that watches it; the value is sealed.</summary>
/// <param name="Address">With the version only where one is pinned.</param>
/// <param name="Version">The one that was read.</param>
internal sealed record CachedSecretRow(string Credential, int Generation, SecretAddress Address, string Version, DateTimeOffset FetchedAt, byte[] Sealed)
{
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>As whom it was read. Absent where the credential tells nobody apart.</summary>
    public BoundSubject? Subject { get; init; }
}

/// <summary>"Not found", remembered for a moment, so that a missing secret is not asked for by every kickoff.</summary>
internal sealed record Missing(Failure Failure, DateTimeOffset Until)
{
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
}

/// <summary>What one view of an organization knows of external secrets. Dropped with the view. Safe for concurrent use.</summary>
internal sealed class SecretMemory
{
    /// <summary>Far more than the variables of an organization refer to. Beyond it memory starts anew, and the rows in the store still serve.</summary>
    private const int MaxEntries = 10_000;

    public ConcurrentDictionary<SecretKey, CachedSecret> Cached { get; } = new();

    public ConcurrentDictionary<SecretKey, Missing> Missing { get; } = new();

    /// <summary>Reads under way, joined by whoever wants the same.</summary>
    public ConcurrentDictionary<SecretKey, TaskCompletionSource<FetchOutcome>> Reading { get; } = new();

    public void Keep(SecretKey key, CachedSecret secret) => Keep(Cached, key, secret);

    public void Keep(SecretKey key, Missing missing) => Keep(Missing, key, missing);

    /// <summary>What may be had though the store gave no answer: the value last read, where that is allowed; else the failure.</summary>
    public FetchOutcome FallBack(SecretKey key, ProviderCredential credential, Failure failure, DateTimeOffset now) =>
        Cached.TryGetValue(key, out var kept) && kept.MayServeStale(credential, now)
            ? new FetchOutcome(kept, true, null)
            : new FetchOutcome(null, false, failure);

    private static void Keep<T>(ConcurrentDictionary<SecretKey, T> entries, SecretKey key, T entry)
    {
        if (entries.Count >= MaxEntries)
        {
            entries.Clear();
        }

        entries[key] = entry;
    }
}

/// <summary>A secret, or why there is none.</summary>
/// <param name="Stale">Past its TTL, since the store could not be reached.</param>
internal readonly record struct FetchOutcome(CachedSecret? Secret, bool Stale, Failure? Failure);
