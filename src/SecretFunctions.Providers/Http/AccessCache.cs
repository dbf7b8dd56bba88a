using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// Access that is asked for once and serves many: a token, a session. Whoever needs it while it is being asked for waits for that and shares
/// the outcome, a failure too: some logins are counted (AppRole), and ten wrong ones at once lock accounts. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Asking belongs to nobody alone: who gives up leaves the others waiting for the same answer, and only when the last one has left is it
/// cancelled; the next starts over.
/// </remarks>
/// <param name="time">Tells when access ends.</param>
/// <param name="goodUntil">From then on it is not handed out any more, some time before the store refuses it.</param>
/// <param name="ask">Obtains it.</param>
internal sealed class AccessCache<T>(TimeProvider time, Func<T, DateTimeOffset> goodUntil, Func<CancellationToken, Task<Result<T>>> ask)
    where T : class
{
    /// <summary>Of the time between asking and <c>goodUntil</c>: what is left is for several tries.</summary>
    private const double EarlyAfter = 0.8;

    /// <summary>After an early renewal failed. The old still serves, so nothing is urgent.</summary>
    private static readonly TimeSpan EarlyAgainAfter = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private T? _current;
    private DateTimeOffset _renewFrom = DateTimeOffset.MaxValue;
    private Request? _asking;

    /// <summary>Whether it is renewed before its end, while the old still serves and nobody has to wait.</summary>
    public bool RenewsEarly { get; init; }

    public async Task<Result<T>> GetAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Request asking;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_current is { } current && now < goodUntil(current))
            {
                if (RenewsEarly && now >= _renewFrom && _asking is null)
                {
                    Ask();
                }

                return current;
            }

            asking = _asking ?? Ask(waiters: 0);
            asking.Waiters++;
        }

        try
        {
            return await asking.Answer.WaitAsync(cancellationToken);
        }
        finally
        {
            Leave(asking);
        }
    }

    /// <summary>The store refused this. Another caller may have replaced it already; that one stays.</summary>
    public void Forget(T refused)
    {
        lock (_gate)
        {
            _current = ReferenceEquals(_current, refused) ? null : _current;
        }
    }

    /// <summary>Under the gate. An early renewal counts as a waiter itself, so that nobody's leaving ends it.</summary>
    private Request Ask(int waiters = 1)
    {
        var asking = _asking = new Request { Waiters = waiters };
        asking.Answer = RunAsync(asking);
        return asking;
    }

    private void Leave(Request asking)
    {
        lock (_gate)
        {
            if (--asking.Waiters > 0 || asking.Answer.IsCompleted)
            {
                return;
            }

            _asking = ReferenceEquals(_asking, asking) ? null : _asking;
        }

        asking.Patience.Cancel();
    }

    private async Task<Result<T>> RunAsync(Request asking)
    {
        // Leaves the lock before anything can complete.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var asked = time.GetUtcNow();
        try
        {
            var result = await ask(asking.Patience.Token);
            lock (_gate)
            {
                if (result.TryGet(out var access, out _))
                {
                    _current = access;
                    var end = goodUntil(access);
                    _renewFrom = end == DateTimeOffset.MaxValue ? end : asked + ((end - asked) * EarlyAfter);
                }
                else
                {
                    _renewFrom = time.GetUtcNow() + EarlyAgainAfter;
                }
            }

            return result;
        }
        finally
        {
            lock (_gate)
            {
                _asking = ReferenceEquals(_asking, asking) ? null : _asking;
            }
        }
    }

    [SuppressMessage("Design", "CA1001", Justification = "Without a timer or a wait handle the source has nothing to dispose, and it may be cancelled late.")]
    private sealed class Request
    {
        public CancellationTokenSource Patience { get; } = new();

        public int Waiters { get; set; }

        public Task<Result<T>> Answer { get; set; } = null!;
    }
}
