using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// One login for many requests. Whoever needs a token while a login is under way waits for that login and shares its
/// outcome, a failure too: some logins are counted (AppRole), and ten wrong ones at once lock accounts. Safe for concurrent use.
/// </summary>
/// <remarks>
/// The login (never two at once) runs under the cancellation token of the caller that happened to start it. If that one gives up, the next in
/// line starts over.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Without a wait handle the semaphore has nothing to dispose, and readers may outlive the store.")]
internal sealed class TokenCache(TimeProvider time, Func<CancellationToken, Task<Result<StoreToken>>> login)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private StoreToken? _current;
    private Failure? _lastFailure;
    private int _failures;

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

            Forget(token);
            if (isLast)
            {
                return sent; // A login that yields bad tokens will do so again.
            }

            answer.Dispose();
        }
    }

    public async Task<Result<StoreToken>> GetAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Usable() is { } cached)
        {
            return cached;
        }

        var failuresBefore = Volatile.Read(ref _failures);
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Usable() is { } fetched)
            {
                return fetched;
            }

            if (_failures != failuresBefore && _lastFailure is { } shared)
            {
                return shared;
            }

            var result = await login(cancellationToken);
            if (result.TryGet(out var token, out var failure))
            {
                Volatile.Write(ref _current, token);
            }
            else
            {
                _lastFailure = failure;
                Volatile.Write(ref _failures, _failures + 1);
            }

            return result;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The store refused this token. Another caller may have replaced it already; that one stays.</summary>
    public void Forget(StoreToken refused) => Interlocked.CompareExchange(ref _current, null, refused);

    private StoreToken? Usable() => Volatile.Read(ref _current) is { } token && time.GetUtcNow() < token.RenewAt ? token : null;
}
