using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>A way into one store: a credential, and where that holds no secret of its own, the configuration and the subject in its place.</summary>
public sealed class StoreAccess
{
    public StoreAccess(ProviderCredential credential) => Credential = credential;

    /// <param name="credential">That refers to the configuration.</param>
    /// <param name="subject">Cut to what the configuration's tokens name.</param>
    internal StoreAccess(ProviderCredential credential, WorkloadIdentityConfig config, TokenSubject subject)
        : this(credential)
    {
        Config = config;
        Subject = new BoundSubject(config.Name, config.Generation, subject);
    }

    public ProviderCredential Credential { get; }

    internal WorkloadIdentityConfig? Config { get; }

    /// <summary>Null where everybody gets in as the same.</summary>
    internal BoundSubject? Subject { get; }
}

/// <summary>As whom a store is read, by one state of a configuration. Nothing that was read or opened as one is ever another's. Compared by value.</summary>
/// <param name="Subject">Cut to the configuration's subject scope: who has the same access shares it.</param>
internal sealed record BoundSubject(string Config, int Generation, TokenSubject Subject);
