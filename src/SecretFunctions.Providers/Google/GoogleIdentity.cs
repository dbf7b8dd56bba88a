using System.Net.Http.Headers;
using Google.Apis.Auth.OAuth2;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>
/// Who we are at Google: asks one of the vendor's credentials for access tokens and keeps them. Safe for concurrent use.
/// Workload identity will be one more way to make that credential (<see cref="ProgrammaticExternalAccountCredential"/>).
/// </summary>
/// <remarks>
/// The vendor's own cache renews in a task that all share and that outlives them: a request that hangs, and that its caller gave up, would
/// hold up everyone after. Ours renews under the cancellation of one caller, and the next tries anew.
/// </remarks>
internal sealed class GoogleIdentity : IDisposable
{
    /// <summary>Less than the metadata server's own: it hands out the same token until four minutes before the end.</summary>
    private static readonly TimeSpan Margin = new(0, 3, 45);

    private readonly Func<CancellationToken, Task<Result<ServiceCredential>>> _load;
    private readonly IDisposable? _owned;
    private readonly TimeProvider _clock;
    private readonly TokenCache _tokens;
    private ServiceCredential? _credential;

    /// <param name="clock">Tells when a token is due.</param>
    /// <param name="load">Finds the credential; may do I/O. Called again until it succeeds, never twice at once.</param>
    /// <param name="owned">Key material that goes with this object.</param>
    public GoogleIdentity(TimeProvider clock, Func<CancellationToken, Task<Result<ServiceCredential>>> load, IDisposable? owned = null)
    {
        _clock = clock;
        _load = load;
        _owned = owned;
        _tokens = new TokenCache(clock, RequestAsync);
    }

    /// <summary>The service account's e-mail address, where the credential knows it by itself.</summary>
    public string? Email => (_credential as ServiceAccountCredential)?.Id;

    public Task<Result<StoreToken>> GetTokenAsync(CancellationToken cancellationToken) => _tokens.GetAsync(cancellationToken);

    /// <summary>The answer of any status, the caller's to dispose.</summary>
    public Task<Result<StoreAnswer>> GetAsync(StoreClient http, Uri uri, CancellationToken cancellationToken) =>
        _tokens.SendAsync(http, token => Request(uri, token), answer => answer.Status == 401, canRenew: true, cancellationToken);

    public void Dispose() => _owned?.Dispose();

    private static HttpRequestMessage Request(Uri uri, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private async Task<Result<StoreToken>> RequestAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_credential is null)
            {
                var loaded = await _load(cancellationToken);
                if (!loaded.TryGet(out var credential, out var failure))
                {
                    return failure;
                }

                _credential = credential;
            }

            var asked = _clock.GetUtcNow();
            await _credential.RequestAccessTokenAsync(cancellationToken);
            if (_credential.Token is not { AccessToken.Length: > 0 } token)
            {
                return GoogleTokenFailures.Foreign;
            }

            return new StoreToken(token.AccessToken, asked.AddSeconds(token.ExpiresInSeconds ?? 0) - Margin);
        }
        catch (ObjectDisposedException)
        {
            // The credential changed, this store was replaced, and its key is gone: a late reader is sent to the new one.
            return ProviderFailure.Create(
                ProviderFailure.Unreachable, "The credential was replaced in the middle of this read.", "It is tried again with the new one.");
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested && GoogleTokenFailures.From(exception) is { } failure)
        {
            return failure;
        }
    }
}
