using System.Diagnostics;
using System.Diagnostics.Metrics;
using Names = SecretFunctions.Core.Telemetry.SignalNames;

namespace SecretFunctions.Core.Telemetry;

/// <summary>
/// The source of spans and every instrument that is written to as things happen. Where nobody listens they cost a look at a field, and nothing
/// is allocated. What is looked at from time to time instead is in <see cref="DeploymentGauges"/>.
/// </summary>
public static class Signals
{
    /// <summary>From a cache hit to the longest deadline, in seconds.</summary>
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    };

    private static readonly Meter Meter = new(Names.Source);

    public static ActivitySource Source { get; } = new(Names.Source);

    /// <summary>Of a resolve or render, from the decision whether it may be to the durable record.</summary>
    public static Histogram<double> ResolveDuration { get; } = Duration(Names.Metrics.ResolveDuration, "Resolves and renders, by outcome.");

    /// <summary>One for each external secret that a resolve needed.</summary>
    public static Counter<long> CacheReads { get; } =
        Meter.CreateCounter<long>(Names.Metrics.CacheReads, "{secret}", "External secrets, by whether they came from the cache.");

    /// <summary>Of one request to a store, repeated ones each.</summary>
    public static Histogram<double> ProviderCallDuration { get; } =
        Duration(Names.Metrics.ProviderCallDuration, "Requests to external stores, by provider, operation and outcome.");

    /// <summary>Each time a breaker opens, again after a try that failed included.</summary>
    public static Counter<long> BreakersOpened { get; } =
        Meter.CreateCounter<long>(Names.Metrics.BreakersOpened, "{breaker}", "Circuit breakers that opened, by provider.");

    public static Histogram<double> TokenMintDuration { get; } = Duration(Names.Metrics.TokenMintDuration, "Tokens of our own, by outcome.");

    /// <summary>From minting our token to having the cloud's.</summary>
    public static Histogram<double> TokenExchangeDuration { get; } =
        Duration(Names.Metrics.TokenExchangeDuration, "Exchanges of our tokens for access, by cloud and outcome.");

    /// <summary>Of one row, which may hold the events of many resolves.</summary>
    public static Histogram<double> AuditWriteDuration { get; } = Duration(Names.Metrics.AuditWriteDuration, "Rows of the audit log, by outcome.");

    /// <summary>Each once for one chain and process.</summary>
    public static Counter<long> AuditBreaks { get; } =
        Meter.CreateCounter<long>(Names.Metrics.AuditBreaks, "{chain}", "Chains of the audit log that are not as they were written, by what is wrong.");

    /// <summary>Every request whose caller was not recognized, also where it was slowed.</summary>
    public static Counter<long> AuthenticationFailures { get; } =
        Meter.CreateCounter<long>(Names.Metrics.AuthenticationFailures, "{request}", "Requests of callers who were not recognized, by code.");

    /// <summary>Every request that a limit on its caller or organization held back.</summary>
    public static Counter<long> RequestsThrottled { get; } =
        Meter.CreateCounter<long>(Names.Metrics.RequestsThrottled, "{request}", "Requests over a limit of their caller's or organization's, by code.");

    public static void CountCacheRead(string result)
    {
        if (CacheReads.Enabled)
        {
            CacheReads.Add(1, KeyValuePair.Create<string, object?>(Names.Attributes.CacheResult, result));
        }
    }

    public static void CountBreakerOpened(string provider)
    {
        if (BreakersOpened.Enabled)
        {
            BreakersOpened.Add(1, KeyValuePair.Create<string, object?>(Names.Attributes.Provider, provider));
        }
    }

    /// <param name="code">One of ours, never what the caller sent.</param>
    public static void CountAuthenticationFailure(string code)
    {
        if (AuthenticationFailures.Enabled)
        {
            AuthenticationFailures.Add(1, KeyValuePair.Create<string, object?>(Names.Attributes.Outcome, code));
        }
    }

    public static void CountAuditBreak(string reason)
    {
        if (AuditBreaks.Enabled)
        {
            AuditBreaks.Add(1, KeyValuePair.Create<string, object?>(Names.Attributes.Outcome, reason));
        }
    }

    /// <param name="code">Which limit.</param>
    public static void CountThrottled(string code)
    {
        if (RequestsThrottled.Enabled)
        {
            RequestsThrottled.Add(1, KeyValuePair.Create<string, object?>(Names.Attributes.Outcome, code));
        }
    }

    /// <param name="startedAt">Of <see cref="Stopwatch"/>.</param>
    public static void MeasureAuditWrite(long startedAt, string outcome)
    {
        if (AuditWriteDuration.Enabled)
        {
            AuditWriteDuration.Record(Stopwatch.GetElapsedTime(startedAt).TotalSeconds, KeyValuePair.Create<string, object?>(Names.Attributes.Outcome, outcome));
        }
    }

    private static Histogram<double> Duration(string name, string description) => Meter.CreateHistogram(name, "s", description, tags: null, Durations);
}
