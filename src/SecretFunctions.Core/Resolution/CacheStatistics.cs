using System.Collections.Concurrent;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Resolution;

/// <summary>How this instance's cache did since it started, by organization and credential. Safe for concurrent use.</summary>
public sealed class CacheStatistics
{
    private readonly ConcurrentDictionary<(string Organization, string Credential), Counts> _counts = new();

    public Counts Of(string organizationId, string credential) => _counts.GetOrAdd((organizationId, credential), static _ => new Counts());

    /// <summary>Only ever count upwards.</summary>
    public sealed class Counts
    {
        private long _hits;
        private long _misses;
        private long _stale;
        private long _failures;

        public long Hits => Interlocked.Read(ref _hits);

        public long Misses => Interlocked.Read(ref _misses);

        public long Stale => Interlocked.Read(ref _stale);

        public long Failures => Interlocked.Read(ref _failures);

        internal void Hit()
        {
            Interlocked.Increment(ref _hits);
            Signals.CountCacheRead("hit");
        }

        internal void Miss()
        {
            Interlocked.Increment(ref _misses);
            Signals.CountCacheRead("miss");
        }

        internal void ServedStale()
        {
            Interlocked.Increment(ref _stale);
            Signals.CountCacheRead("stale");
        }

        internal void Failed() => Interlocked.Increment(ref _failures);

        /// <summary>A read that got no answer in time.</summary>
        internal void Ended(bool stale)
        {
            Miss();
            Failed();
            if (stale)
            {
                ServedStale();
            }
        }
    }
}
