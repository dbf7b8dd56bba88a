using System.Text;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Credentials;

/// <summary>A stored credential as its provider is told of it.</summary>
public static class CredentialConnection
{
    /// <summary>The credential's provider, where it has one and the configuration fits the two.</summary>
    internal static Result<ISecretProvider> FindProvider(ProviderCatalog providers, ProviderCredential credential, WorkloadIdentityConfig? config)
    {
        if (providers.Find(credential.Provider) is not { } provider)
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest, $"This version has no provider '{credential.Provider}'.", "Delete the credential, or run the version that wrote it.");
        }

        // Both were checked together when each was written; the two may have been written at the same time.
        return config is not null
            && (provider.Federation?.Cloud != config.Cloud || Validate(provider, credential.Name, credential.Settings, config).Count > 0)
                ? ProviderFailure.Create(
                    ProviderFailure.InvalidRequest,
                    $"Credential '{credential.Name}' and workload identity configuration '{config.Name}' do not go together.",
                    "Write the credential anew: the answer says what does not fit.")
                : Result.Of(provider);
    }

    /// <summary>What a provider needs to open the store. The caller disposes its <see cref="ProviderAuth.Static"/>.</summary>
    internal static Result<ProviderConnection> Create(OrganizationView view, StoreAccess access, SubjectTokens tokens)
    {
        var credential = access.Credential;
        return (credential.Auth, access) switch
        {
            ({ Type: AuthScheme.Ambient }, _) => new ProviderConnection(credential.Name, credential.Settings, new ProviderAuth.Ambient()),
            ({ Type: AuthScheme.Static, Sealed: { } envelope }, _) => CreateStatic(view, credential, envelope),
            ({ Type: AuthScheme.WorkloadIdentity }, { Config: { } config, Subject: { } subject }) => new ProviderConnection(
                credential.Name, credential.Settings, new ProviderAuth.WorkloadIdentity(config.Target, tokens.For(view.Organization.Id, subject))),
            _ => ProviderFailure.Create(
                ProviderFailure.InvalidRequest, $"Credential '{credential.Name}' has no usable authentication.", "Write the credential anew."),
        };
    }

    /// <summary>What a provider has against these settings with this configuration. No token is minted.</summary>
    internal static IReadOnlyList<FailureEntry> Validate(
        ISecretProvider provider, string credential, IReadOnlyDictionary<string, string> settings, WorkloadIdentityConfig config) =>
        provider.Validate(new ProviderConnection(credential, settings, new ProviderAuth.WorkloadIdentity(config.Target, new NoTokens())));

    internal static IReadOnlyList<FailureEntry> ValidateAmbient(ISecretProvider provider, string credential, IReadOnlyDictionary<string, string> settings) =>
        provider.Validate(new ProviderConnection(credential, settings, new ProviderAuth.Ambient()));

    internal static IReadOnlyList<FailureEntry> ValidateStatic(
        ISecretProvider provider, string credential, IReadOnlyDictionary<string, string> settings, IReadOnlyDictionary<string, string> fields)
    {
        using var auth = new ProviderAuth.Static(fields.ToDictionary(static field => field.Key, static field => new SecretValue(Encoding.UTF8.GetBytes(field.Value))));
        return provider.Validate(new ProviderConnection(credential, settings, auth));
    }

    /// <summary>The stored static fields as JSON, for merging a patch into them. The caller clears it; null where there are none.</summary>
    public static SecretValue? OpenFields(OrganizationView view, ProviderCredential credential) => credential.Auth.Sealed is { } envelope
        ? Envelope.Open(view.Keys, new SealContext(view.Organization.Id, credential.SealSubject, credential.Generation), envelope)
        : null;

    private static Result<ProviderConnection> CreateStatic(OrganizationView view, ProviderCredential credential, byte[] envelope)
    {
        using var opened = Envelope.Open(view.Keys, new SealContext(view.Organization.Id, credential.SealSubject, credential.Generation), envelope);
        return opened is null
            ? ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed,
                $"The stored fields of credential '{credential.Name}' do not open: the row was changed, or moved here from elsewhere.",
                "Restore the row from a backup, or write the credential anew.")
            : new ProviderConnection(credential.Name, credential.Settings, new ProviderAuth.Static(CredentialFields.Deserialize(opened.Reveal())));
    }

    /// <summary>Of a connection that is looked at and never opened.</summary>
    private sealed class NoTokens : ISubjectTokenSource
    {
        public Task<Result<SecretValue>> MintAsync(string audience, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("Validation does no I/O.");
    }
}
