using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Credentials;

/// <summary>
/// What stands between our callers and one store: a limit on concurrent requests, retries with jitter that honour Retry-After, and a
/// circuit breaker. Safe for concurrent use.
/// </summary>
internal sealed class UpstreamProtection : IDisposable
{
    /// <summary>Requests at once through one credential: more than a kickoff needs, less than any store minds.</summary>
    private const int MaxConcurrent = 64;

    private const int MaxRetries = 2;

    /// <summary>A store that asks for a longer pause is taken at its word: the kickoff fails now.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _limit = new(MaxConcurrent);

    // Over what went wrong alone: reads of values and of versions share one limit and one breaker.
    private readonly ResiliencePipeline<IReadOnlyList<Failure?>> _pipeline;
    private readonly string _credential;

    public UpstreamProtection(string credential, TimeProvider time)
    {
        _credential = credential;
        _pipeline = new ResiliencePipelineBuilder<IReadOnlyList<Failure?>> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<IReadOnlyList<Failure?>>
            {
                MaxRetryAttempts = MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(150),
                ShouldHandle = static arguments => ValueTask.FromResult(MayRetry(arguments.Outcome.Result)),
                DelayGenerator = static arguments => ValueTask.FromResult(Pause(arguments.Outcome.Result)),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<IReadOnlyList<Failure?>>
            {
                FailureRatio = 0.8,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = BreakDuration,
                // Cancelled means that the deadline passed: reads are shared, so nobody else cancels them.
                ShouldHandle = static arguments => ValueTask.FromResult(
                    IsDown(arguments.Outcome.Result) || arguments.Outcome.Exception is OperationCanceledException),
            })
            .Build();
    }

    /// <param name="count">Results to expect.</param>
    /// <param name="call">One request to the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Result<T>>> RunAsync<T>(
        int count, Func<CancellationToken, Task<IReadOnlyList<Result<T>>>> call, CancellationToken cancellationToken)
    {
        IReadOnlyList<Result<T>> results = [];
        await _limit.WaitAsync(cancellationToken);
        try
        {
            await _pipeline.ExecuteAsync(
                async (CancellationToken token) =>
                {
                    results = await call(token);
                    IReadOnlyList<Failure?> failures = [.. results.Select(static result => result.Failure)];
                    return failures;
                },
                cancellationToken);
            return results;
        }
        catch (BrokenCircuitException)
        {
            var failure = ProviderFailure.Create(
                ProviderFailure.Unreachable,
                $"The store behind credential '{_credential}' failed again and again, so it is left alone for {BreakDuration.TotalSeconds:0} seconds.",
                "See the earlier failures of this credential: 'test connection' repeats them one by one.");
            return [.. Enumerable.Repeat<Result<T>>(failure, count)];
        }
        finally
        {
            _limit.Release();
        }
    }

    public void Dispose() => _limit.Dispose();

    /// <summary>Only where nothing at all was read: what a batch did return is not read twice.</summary>
    private static bool MayRetry(IReadOnlyList<Failure?>? failures) =>
        failures is not null && failures.All(static failure => failure is not null && failure.IsTransient() && !(failure.RetryAfter > LongestPause));

    private static bool IsDown(IReadOnlyList<Failure?>? failures) =>
        failures is not null && failures.All(static failure => failure is { Code: ProviderFailure.Unreachable or ProviderFailure.Timeout });

    private static TimeSpan? Pause(IReadOnlyList<Failure?>? failures) => failures?.Max(static failure => failure?.RetryAfter);
}
