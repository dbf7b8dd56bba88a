using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Resolution;

/// <summary>A row of the cache as far as watching it needs: what is sealed in it is not even read.</summary>
/// <param name="Version">The one that was read.</param>
internal sealed record WatchedSecret(string Credential, int Generation, SecretAddress Address, string Version, DateTimeOffset FetchedAt)
{
    /// <summary>As whom it was read, and so is asked for.</summary>
    public BoundSubject? Subject { get; init; }

    /// <summary>A pin that read as itself never moves. A stage or alias reads as the version it stands for, today.</summary>
    public bool CanChange => Address.Version != Version;

    /// <summary>
    /// Whether anybody may still be served it: not under another state of the credential or its configuration, nor past its TTL and what an outage
    /// adds to it.
    /// </summary>
    /// <param name="config">The configuration it was read through; null where it was read through none, or that is gone.</param>
    public bool IsOf(ProviderCredential? credential, WorkloadIdentityConfig? config, DateTimeOffset now) =>
        credential is not null
        && credential.Generation == Generation
        && credential.Auth.Config == Subject?.Config
        && config?.Generation == Subject?.Generation
        && now - FetchedAt < TimeSpan.FromSeconds((double)credential.CacheTtlSeconds + credential.StaleIfErrorSeconds);
}
