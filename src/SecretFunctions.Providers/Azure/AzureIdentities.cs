using System.Diagnostics;
using System.Text;
using Azure.Core;
using Azure.Identity;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>From a connection's <see cref="ProviderAuth"/> to tokens, one case each.</summary>
internal sealed class AzureIdentities(ProviderHttp http, TimeProvider clock, Func<Uri, TokenCredential> ambient)
{
    public const string TenantId = "tenantId";
    public const string ClientId = "clientId";
    public const string ClientSecret = "clientSecret";

    private const string Override = "entra";

    /// <summary>
    /// Tokens for the vaults of one cloud and for nothing else: what they are for comes from our table, never from a host's
    /// challenge, so that no host can have us hand it a token for another service.
    /// </summary>
    public TokenCache Create(ProviderAuth auth, AzureCloud cloud, StoreClient client)
    {
        var authority = http.EndpointOverride(Override) ?? cloud.Authority;
        switch (auth)
        {
            case ProviderAuth.Static secret:
                var entra = new EntraClient(client, authority, clock);
                return new TokenCache(clock, token => entra.RequestTokenAsync(Text(secret, TenantId), Prove(secret), cloud.Scope, token));
            case ProviderAuth.Ambient:
                var credential = ambient(authority);
                return new TokenCache(clock, token => RequestAsync(credential, cloud.Scope, token));
            case ProviderAuth.WorkloadIdentity identity:
                var federated = new EntraClient(client, authority, clock);
                return new TokenCache(clock, token => ExchangeAsync(federated, identity, cloud.Scope, token), renewsEarly: true);
            default:
                throw new UnreachableException("AuthSchemes names no other.");
        }
    }

    /// <summary>
    /// What this service runs as in production; the developer tools' logins are left out, or a server started from a shell
    /// would read as a person. Not over the guarded client: a managed identity's endpoint is link-local plain http, and
    /// its address comes from the platform, never from a tenant.
    /// </summary>
    public static TokenCredential ServiceIdentity(Uri authority) => new DefaultAzureCredential(new DefaultAzureCredentialOptions
    {
        AuthorityHost = authority,
        ExcludeAzureCliCredential = true,
        ExcludeAzureDeveloperCliCredential = true,
        ExcludeAzurePowerShellCredential = true,
        ExcludeBrokerCredential = true,
        ExcludeInteractiveBrowserCredential = true,
        ExcludeVisualStudioCodeCredential = true,
        ExcludeVisualStudioCredential = true,
    });

    private static FormBody Prove(ProviderAuth.Static secret) =>
        new FormBody().Add("client_id", secret.Reveal(ClientId)).Add("client_secret", secret.Reveal(ClientSecret));

    /// <summary>The client secret's request, with our token in the secret's place (RFC 7523 section 2.2).</summary>
    private static Task<Result<StoreToken>> ExchangeAsync(
        EntraClient entra, ProviderAuth.WorkloadIdentity identity, string scope, CancellationToken cancellationToken) => SubjectToken.ExchangeAsync(
        AzureKeyVaultProvider.Cloud,
        identity,
        assertion =>
        {
            var proof = new FormBody()
                .Add("client_id", identity.Target[ClientId])
                .Add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .Add("client_assertion", assertion.Reveal());
            return entra.RequestTokenAsync(identity.Target[TenantId], proof, scope, cancellationToken);
        },
        cancellationToken);

    private static async Task<Result<StoreToken>> RequestAsync(TokenCredential credential, string scope, CancellationToken cancellationToken)
    {
        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            return new StoreToken(token.Token, token.ExpiresOn - EntraClient.Margin);
        }
        catch (CredentialUnavailableException)
        {
            return ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed,
                "This service has no identity of its own in Azure.",
                "Switch on a managed identity where the service runs, or give the credential a client secret instead of ambient.");
        }
        catch (AuthenticationFailedException)
        {
            return ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed,
                "Azure gave this service's own identity no token.",
                "See the identity settings of the platform the service runs on: managed identity, workload identity, or AZURE_* variables.");
        }
    }

    private static string Text(ProviderAuth.Static secret, string field) => Encoding.UTF8.GetString(secret.Reveal(field));
}
