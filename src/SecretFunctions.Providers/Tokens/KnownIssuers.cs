using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>Issuers whose names and keys are where the cloud's documentation says, unless the operator has overridden that.</summary>
public static class KnownIssuers
{
    /// <summary>Entra ID: both issuer names it uses for a tenant, depending on the application's token version.</summary>
    /// <param name="tenantId">The directory's id, not its domain: it is part of the issuer's name.</param>
    public static TokenTrust Entra(ProviderHttp http, string tenantId, string audience)
    {
        ArgumentNullException.ThrowIfNull(http);
        var authority = http.EndpointOverride("entra") ?? AzureCloud.Public.Authority;
        return new TokenTrust([$"https://login.microsoftonline.com/{tenantId}/v2.0", $"https://sts.windows.net/{tenantId}/"], [audience])
        {
            KeysAddress = new Uri($"{authority.AbsoluteUri.TrimEnd('/')}/{tenantId}/discovery/v2.0/keys"),
        };
    }

    /// <summary>Google, for service accounts such as Pub/Sub's.</summary>
    public static TokenTrust Google(ProviderHttp http, string audience)
    {
        ArgumentNullException.ThrowIfNull(http);
        var authority = http.EndpointOverride("google-oauth2")?.AbsoluteUri.TrimEnd('/') ?? "https://www.googleapis.com";
        return new TokenTrust(["https://accounts.google.com"], [audience]) { KeysAddress = new Uri($"{authority}/oauth2/v3/certs") };
    }
}
