using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Resolution;

/// <summary>A secret of an external store that a variable refers to.</summary>
internal sealed record BoundReference(ProviderCredential Credential, SecretAddress Address, string? Selector)
{
    public SecretKey Key => new(Credential.Name, Credential.Generation, Address);
}

/// <summary>One secret as read through one state of a credential: whatever changes there makes it another.</summary>
internal readonly record struct SecretKey(string Credential, int Generation, SecretAddress Address)
{
    public string Row => Rows.Cache(Credential, Digest);

    public SealContext SealContext(string organizationId) => new(organizationId, $"cache/{Credential}/{Digest}", Generation);

    private string Digest =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Address.Name}\n{Address.Version}")).AsSpan(0, 16));
}

/// <summary>A secret that was read, still sealed.</summary>
internal sealed record CachedSecret(SealedValue Payload, string Version, DateTimeOffset FetchedAt)
{
    public bool IsFresh(ProviderCredential credential, DateTimeOffset now) => now - FetchedAt < TimeSpan.FromSeconds(credential.CacheTtlSeconds);

    public bool MayServeStale(ProviderCredential credential, DateTimeOffset now) =>
        credential.StaleIfErrorSeconds > 0
        && now - FetchedAt < TimeSpan.FromSeconds((double)credential.CacheTtlSeconds + credential.StaleIfErrorSeconds);
}

/// <summary>In the store, so that a cold instance starts warm. Names the secret for the timer that watches it; the value is sealed.</summary>
/// <param name="Address">With the version only where one is pinned.</param>
/// <param name="Version">The one that was read.</param>
internal sealed record CachedSecretRow(string Credential, int Generation, SecretAddress Address, string Version, DateTimeOffset FetchedAt, byte[] Sealed);

/// <summary>"Not found", remembered for a moment, so that a missing secret is not asked for by every kickoff.</summary>
internal sealed record Missing(Failure Failure, DateTimeOffset Until)
{
    public static readonly TimeSpan Remembered = TimeSpan.FromSeconds(5);
}

/// <summary>What one view of an organization knows of external secrets. Dropped with the view. Safe for concurrent use.</summary>
internal sealed class SecretMemory
{
    public ConcurrentDictionary<SecretKey, CachedSecret> Cached { get; } = new();

    public ConcurrentDictionary<SecretKey, Missing> Missing { get; } = new();

    /// <summary>Reads under way, joined by whoever wants the same.</summary>
    public ConcurrentDictionary<SecretKey, TaskCompletionSource<FetchOutcome>> Reading { get; } = new();
}

/// <summary>A secret, or why there is none.</summary>
/// <param name="Stale">Past its TTL, since the store could not be reached.</param>
internal readonly record struct FetchOutcome(CachedSecret? Secret, bool Stale, Failure? Failure);
