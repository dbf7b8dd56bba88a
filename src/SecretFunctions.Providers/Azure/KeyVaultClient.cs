using System.Net.Http.Headers;
using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>Authenticated requests to one vault.</summary>
internal sealed class KeyVaultClient(StoreClient http, Uri vault, TokenCache tokens)
{
    /// <summary>Not the newest version of the interface: all we use is in this one, and sovereign clouds lag.</summary>
    private const string ApiVersion = "api-version=7.4";

    public Task<Result<StoreToken>> GetTokenAsync(CancellationToken cancellationToken) => tokens.GetAsync(cancellationToken);

    public Uri Address(string path) => StoreAddress.Combine(vault.AbsoluteUri, $"{path}?{ApiVersion}");

    /// <summary>Whether a page's link leads to this vault: only there may the token go.</summary>
    public bool Owns(Uri link) => Uri.Compare(link, vault, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The answer of any status, the caller's to dispose.</summary>
    public Task<Result<StoreAnswer>> GetAsync(Uri uri, CancellationToken cancellationToken) =>
        tokens.SendAsync(http, token => Request(uri, token), answer => answer.Status == 401, canRenew: true, cancellationToken);

    private static HttpRequestMessage Request(Uri uri, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }
}
