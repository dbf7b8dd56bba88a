using Google.Apis.Auth.OAuth2;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>Asks one of the vendor's credentials for access tokens.</summary>
/// <remarks>
/// The vendor's own cache renews in a task that all share and that outlives them: a request that hangs, and that its caller gave up, would
/// hold up everyone after. Ours ends with the last who waits for it, and the next tries anew.
/// </remarks>
/// <param name="clock">Tells when a token is due.</param>
/// <param name="load">Finds the credential; may do I/O. Called again until it succeeds.</param>
internal sealed class VendorTokens(TimeProvider clock, Func<CancellationToken, Task<Result<ServiceCredential>>> load)
{
    private ServiceCredential? _credential;

    /// <summary>The service account's e-mail address, where the credential knows it by itself.</summary>
    public string? Email => (_credential as ServiceAccountCredential)?.Id;

    public async Task<Result<StoreToken>> RequestAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_credential is null)
            {
                var loaded = await load(cancellationToken);
                if (!loaded.TryGet(out var credential, out var failure))
                {
                    return failure;
                }

                _credential = credential;
            }

            var asked = clock.GetUtcNow();
            await _credential.RequestAccessTokenAsync(cancellationToken);
            if (_credential.Token is not { AccessToken.Length: > 0 } token)
            {
                return GoogleTokenFailures.Foreign;
            }

            return new StoreToken(token.AccessToken, asked.AddSeconds(token.ExpiresInSeconds ?? 0) - GoogleIdentity.Margin);
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
