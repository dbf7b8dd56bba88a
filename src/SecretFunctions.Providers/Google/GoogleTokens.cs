using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>Tokens that Google signs for service accounts, such as the one of a Pub/Sub push subscription.</summary>
public static class GoogleTokens
{
    public static TokenTrust Trust(ProviderHttp http, string audience)
    {
        ArgumentNullException.ThrowIfNull(http);
        var authority = http.EndpointOverride("google-oauth2")?.AbsoluteUri.TrimEnd('/') ?? "https://www.googleapis.com";
        return new TokenTrust(["https://accounts.google.com"], [audience]) { KeysAddress = new Uri($"{authority}/oauth2/v3/certs") };
    }
}
