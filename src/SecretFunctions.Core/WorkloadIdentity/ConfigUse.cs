using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>Which credentials get in through a configuration.</summary>
internal static class ConfigUse
{
    private const int MaxNamed = 20;

    public static async Task<IReadOnlyList<ProviderCredential>> FindAsync(
        IEntityStore store, string organizationId, string config, CancellationToken cancellationToken) =>
        await store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.CredentialPrefix), 500, cancellationToken)
            .Select(static entity => Documents.Read(entity, StoredJson.Default.ProviderCredential).Document)
            .Where(credential => credential.Auth.Config == config)
            .ToListAsync(cancellationToken);

    /// <param name="detail">What is refused, and what to do about it.</param>
    public static Failure InUse(IReadOnlyList<ProviderCredential> credentials, string detail) =>
        Failure.Conflict("workload_identity.in_use", detail) with
        {
            Errors = [.. credentials.Take(MaxNamed).Select(static credential => new FailureEntry("workload_identity.used_by", $"Credential '{credential.Name}'."))],
        };
}
