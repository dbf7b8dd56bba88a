namespace SecretFunctions.Providers.Http;

/// <summary>How long a store asks us to stay away (RFC 9110 section 10.2.3).</summary>
public static class RetryAfter
{
    /// <summary>Longer waits than this are a store's mistake or somebody else's page; the circuit breaker does the rest.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Null where the answer does not say. Between nothing and five minutes.</summary>
    public static TimeSpan? From(HttpResponseMessage response, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(response);
        ArgumentNullException.ThrowIfNull(time);
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - time.GetUtcNow());
        return wait is { } some ? TimeSpan.FromTicks(Math.Clamp(some.Ticks, 0, Longest.Ticks)) : null;
    }
}
