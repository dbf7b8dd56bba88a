using System.Net.Http.Headers;
using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>Who we are at Google: sends requests under access tokens and keeps those. Safe for concurrent use.</summary>
/// <param name="tokens">Access tokens.</param>
/// <param name="name">Whose they are, as far as it is known; asked after there was one.</param>
/// <param name="owned">Key material that goes with this object.</param>
internal sealed class GoogleIdentity(TokenCache tokens, Func<string?> name, IDisposable? owned = null) : IDisposable
{
    /// <summary>Less than the metadata server's own: it hands out the same token until four minutes before the end.</summary>
    public static readonly TimeSpan Margin = new(0, 3, 45);

    /// <summary>A service account's e-mail address, or a federated principal; null where it is not known.</summary>
    public string? Name => name();

    public Task<Result<StoreToken>> GetTokenAsync(CancellationToken cancellationToken) => tokens.GetAsync(cancellationToken);

    /// <summary>The answer of any status, the caller's to dispose.</summary>
    public Task<Result<StoreAnswer>> GetAsync(StoreClient http, Uri uri, CancellationToken cancellationToken) =>
        tokens.SendAsync(http, token => Request(uri, token), answer => answer.Status == 401, canRenew: true, cancellationToken);

    public void Dispose() => owned?.Dispose();

    private static HttpRequestMessage Request(Uri uri, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }
}
