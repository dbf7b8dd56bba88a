using SecretFunctions.Core;

namespace SecretFunctions.Providers.Http;

/// <summary>One login for many requests (<see cref="AccessCache{T}"/>). Safe for concurrent use.</summary>
internal sealed class TokenCache(TimeProvider time, Func<CancellationToken, Task<Result<StoreToken>>> login, bool renewsEarly = false)
{
    private readonly AccessCache<StoreToken> _tokens = new(time, static token => token.RenewAt, login) { RenewsEarly = renewsEarly };

    /// <summary>
    /// Sends a request under the token; once more under a new one where the store refuses the token before its time (revoked, restarted).
    /// Any answer is a success here, a second refusal too.
    /// </summary>
    /// <param name="http">Whom to ask.</param>
    /// <param name="create">Makes the request under the token it is given.</param>
    /// <param name="isRefused">Whether an answer says that the token is not, or no longer, good.</param>
    /// <param name="canRenew">Whether a login yields another token than before.</param>
    /// <param name="cancellationToken">The caller gave up.</param>
    public async Task<Result<StoreAnswer>> SendAsync(
        StoreClient http,
        Func<string, HttpRequestMessage> create,
        Predicate<StoreAnswer> isRefused,
        bool canRenew,
        CancellationToken cancellationToken)
    {
        for (var isLast = !canRenew; ; isLast = true)
        {
            if (!(await GetAsync(cancellationToken)).TryGet(out var token, out var failure))
            {
                return failure;
            }

            using var request = create(token.Reveal());
            var sent = await http.SendAsync(request, cancellationToken);
            if (!sent.TryGet(out var answer, out _) || !isRefused(answer))
            {
                return sent;
            }

            _tokens.Forget(token);
            if (isLast)
            {
                return sent; // A login that yields bad tokens will do so again.
            }

            answer.Dispose();
        }
    }

    public Task<Result<StoreToken>> GetAsync(CancellationToken cancellationToken) => _tokens.GetAsync(cancellationToken);
}
