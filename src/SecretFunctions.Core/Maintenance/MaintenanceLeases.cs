using System.Security.Cryptography;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Maintenance;

/// <summary>
/// Sees to it that of several instances one does a round, and that rounds are an interval apart. It saves calls and nothing else depends on
/// it: two rounds at once would do the same work twice, without harm. Safe for concurrent use.
/// </summary>
public sealed class MaintenanceLeases(IEntityStore store, MaintenanceOptions options, TimeProvider time)
{
    /// <summary>An instance that dies in a round holds up the next for this long. A round that takes longer extends it.</summary>
    internal static readonly TimeSpan Duration = TimeSpan.FromMinutes(2);

    /// <summary>Timers are not exact: a round a little early is better than one missed.</summary>
    private const double DueAfter = 0.8;

    /// <summary>This process.</summary>
    private readonly string _holder = RandomNumberGenerator.GetHexString(12, lowercase: true);

    /// <summary>Null where no round is due, or another instance is at it.</summary>
    internal async Task<HeldLease?> TryTakeAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        var current = await store.GetAsync(Rows.Deployment, Rows.MaintenanceLease, StoredJson.Default.MaintenanceLease, cancellationToken);
        if (current is { Document.Until: var until } && until > now && until - now <= Longest)
        {
            return null;
        }

        var last = current?.Document.LastRound;
        return await WriteAsync(current?.ETag, now + Duration, last, cancellationToken) is { } etag ? new HeldLease(this, now, last, etag) : null;
    }

    /// <summary>The last round that came to its end, whichever instance did it; null before the first.</summary>
    /// <exception cref="StoreUnavailableException">It could not be read.</exception>
    internal async Task<FinishedRound?> ReadLastRoundAsync(CancellationToken cancellationToken) =>
        (await store.GetAsync(Rows.Deployment, Rows.MaintenanceLease, StoredJson.Default.MaintenanceLease, cancellationToken))?.Document.LastRound;

    private DateTimeOffset Now => time.GetUtcNow();

    private TimeSpan Interval => options.Interval;

    /// <summary>No lease runs longer; one that seems to was written by a clock that was wrong, and binds nobody.</summary>
    private TimeSpan Longest => Interval > Duration ? Interval : Duration;

    /// <summary>The new ETag, or null where another instance was faster.</summary>
    private async Task<string?> WriteAsync(string? etag, DateTimeOffset until, FinishedRound? last, CancellationToken cancellationToken)
    {
        var data = Documents.Serialize(new MaintenanceLease(_holder, until) { LastRound = last }, StoredJson.Default.MaintenanceLease);
        var write = etag is null ? EntityWrite.Insert(Rows.MaintenanceLease, data) : EntityWrite.Replace(Rows.MaintenanceLease, data, etag);
        var result = await store.WriteAsync(Rows.Deployment, [write], cancellationToken);
        return result.Applied ? result.ETags[0] : null;
    }

    /// <summary>A round's right to go on. Safe for concurrent use.</summary>
    internal sealed class HeldLease(MaintenanceLeases leases, DateTimeOffset startedAt, FinishedRound? last, string etag) : IDisposable
    {
        private readonly SemaphoreSlim _gate = new(1, 1);
        private DateTimeOffset _renewAt = startedAt + (Duration / 2);
        private string? _etag = etag;

        /// <summary>False once another instance has taken over.</summary>
        public async Task<bool> HoldAsync(CancellationToken cancellationToken)
        {
            await _gate.WaitAsync(cancellationToken);
            try
            {
                var now = leases.Now;
                if (_etag is not null && now >= _renewAt)
                {
                    _etag = await leases.WriteAsync(_etag, now + Duration, last, cancellationToken);
                    _renewAt = now + (Duration / 2);
                }

                return _etag is not null;
            }
            finally
            {
                _gate.Release();
            }
        }

        /// <summary>The next round is due an interval after this one began; at once where this one was broken off.</summary>
        /// <param name="findings">Null where it was broken off.</param>
        public async Task EndAsync(RoundFindings? findings)
        {
            var now = leases.Now;
            var due = findings is not null ? startedAt + (leases.Interval * DueAfter) : now;
            if (_etag is not null)
            {
                // Also while shutting down: else the others wait for the lease to run out.
                await leases.WriteAsync(_etag, due, findings?.FinishedAt(now) ?? last, CancellationToken.None);
            }
        }

        public void Dispose() => _gate.Dispose();
    }
}
