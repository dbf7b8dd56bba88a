using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>Which store stands behind a configuration, and what has to be known of it to exchange a token there.</summary>
/// <param name="Credential">Null where none refers to the configuration, and the cloud gets by without.</param>
internal sealed record ExchangeWay(ISecretProvider Provider, ProviderCredential? Credential, IReadOnlyDictionary<string, string> Settings);

/// <summary>Finds the way of a configuration: through the credential that was named, else through the first that refers to it. Safe for concurrent use.</summary>
public sealed class ExchangeWays(ResourceStore resources, ProviderCatalog providers)
{
    /// <summary>Invalid where the choice is; any other failure is one of the configuration and its credentials.</summary>
    internal async Task<Result<ExchangeWay>> FindAsync(
        Caller caller, WorkloadIdentityConfig config, TokenSubject who, string? credential, CancellationToken cancellationToken)
    {
        var organizationId = caller.OrganizationId;
        if (credential is not null)
        {
            return await resources.GetAsync(organizationId, Rows.Credential(credential), StoredJson.Default.ProviderCredential, cancellationToken) is not { Document: var named }
                || (named.Auth.Config != config.Name && !CredentialDirectory.Shows(caller, named))
                ? Failure.Invalid("credential.not_found", $"There is no credential '{credential}'.")
                : named.Auth.Config != config.Name
                    ? Failure.Invalid("workload_identity.other_credential", $"Credential '{credential}' does not refer to configuration '{config.Name}'.")
                    : Through(named, config, who);
        }

        var users = await ConfigUse.FindAsync(resources.Store, organizationId, config.Name, cancellationToken);
        return users.Count == 0
            ? Without(config)
            : Through(users.FirstOrDefault(user => user.Scope.Permits(who.Project, who.Automation)) ?? users[0], config, who);
    }

    private Result<ExchangeWay> Through(ProviderCredential credential, WorkloadIdentityConfig config, TokenSubject who) =>
        CredentialSubjects.CheckScope(credential, who) is { } outOfScope ? outOfScope
        : CredentialConnection.FindProvider(providers, credential, config).TryGet(out var provider, out var failure) ? new ExchangeWay(provider, credential, credential.Settings)
        : failure;

    /// <summary>Where the configuration itself says where to go, nothing of a credential is needed to be let in.</summary>
    private Result<ExchangeWay> Without(WorkloadIdentityConfig config)
    {
        if (providers.FindByCloud(config.Cloud) is not { } provider)
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest, $"This version has no cloud '{config.Cloud}'.", "Delete the configuration, or run the version that wrote it.");
        }

        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var field in provider.Settings)
        {
            // What is not required may have another's name: Vault's mount is that of the JWT method in one place, and that of the secrets in the other.
            var value = field.Default ?? (field.Required ? config.Fields.GetValueOrDefault(field.Name) : null);
            if (value is not null)
            {
                settings[field.Name] = value;
            }
            else if (field.Required)
            {
                missing.Add(field.Name);
            }
        }

        return missing.Count == 0
            ? new ExchangeWay(provider, null, settings)
            : new Failure(
                FailureKind.Unresolved,
                "workload_identity.no_credential",
                $"No credential refers to configuration '{config.Name}', and {string.Join(" and ", missing)} of one {(missing.Count == 1 ? "is" : "are")} needed to exchange a token.")
            {
                Hint = $"Write one: PUT /v1/provider-credentials/NAME with provider {provider.Name}, its {string.Join(" and ", missing)}, and auth of type workload-identity with config {config.Name}.",
            };
    }
}
