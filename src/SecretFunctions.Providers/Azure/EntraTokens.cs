using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>Tokens that Entra ID signs for applications of one directory.</summary>
public static class EntraTokens
{
    /// <summary>Both issuer names Entra uses for a directory, depending on the application's token version; the keys are the same.</summary>
    /// <param name="tenantId">The directory's id in lower case, not its domain: it is part of the issuer's name.</param>
    /// <param name="audience">The application they are for.</param>
    public static TokenTrust Trust(ProviderHttp http, string tenantId, string audience)
    {
        ArgumentNullException.ThrowIfNull(http);
        var authority = http.EndpointOverride("entra") ?? AzureCloud.Public.Authority;
        return new TokenTrust([$"https://login.microsoftonline.com/{tenantId}/v2.0", $"https://sts.windows.net/{tenantId}/"], [audience])
        {
            KeysAddress = new Uri($"{authority.AbsoluteUri.TrimEnd('/')}/{tenantId}/discovery/v2.0/keys"),
        };
    }
}
