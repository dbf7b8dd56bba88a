using System.Diagnostics;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Telemetry;

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
    private readonly CircuitBreakerStateProvider _breaker = new();
    private readonly string _provider;
    private readonly string _credential;

    public UpstreamProtection(string provider, string credential, TimeProvider time)
    {
        _provider = provider;
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
                StateProvider = _breaker,
                OnOpened = _ =>
                {
                    Signals.CountBreakerOpened(_provider);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <summary>Whether the store failed again and again, and no call has succeeded since.</summary>
    public bool IsBroken => _breaker.CircuitState is CircuitState.Open or CircuitState.HalfOpen;

    /// <param name="operation">What the call does, for spans and metrics.</param>
    /// <param name="count">Results to expect.</param>
    /// <param name="call">One request to the store.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Result<T>>> RunAsync<T>(
        string operation, int count, Func<CancellationToken, Task<IReadOnlyList<Result<T>>>> call, CancellationToken cancellationToken)
    {
        IReadOnlyList<Result<T>> results = [];
        await _limit.WaitAsync(cancellationToken);
        try
        {
            await _pipeline.ExecuteAsync(
                async (CancellationToken token) =>
                {
                    results = await CallAsync(operation, count, call, token);
                    IReadOnlyList<Failure?> failures = [.. results.Select(static result => result.Failure)];
                    return failures;
                },
                cancellationToken);
            return results;
        }
        catch (BrokenCircuitException)
        {
            Tell();
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

    private Task<IReadOnlyList<Result<T>>> CallAsync<T>(
        string operation, int count, Func<CancellationToken, Task<IReadOnlyList<Result<T>>>> call, CancellationToken cancellationToken) =>
        Watch.Begin(SignalNames.Spans.ProviderCall, ActivityKind.Client, Signals.ProviderCallDuration) is { } watch
            ? WatchedAsync(watch, operation, count, call, cancellationToken)
            : call(cancellationToken);

    private Task<IReadOnlyList<Result<T>>> WatchedAsync<T>(
        Watch watch, string operation, int count, Func<CancellationToken, Task<IReadOnlyList<Result<T>>>> call, CancellationToken cancellationToken) => watch
        .With(SignalNames.Attributes.Provider, _provider)
        .With(SignalNames.Attributes.Operation, operation)
        .OnSpan(SignalNames.Attributes.Credential, _credential)
        .OnSpan(SignalNames.Attributes.Secrets, count)

        // Given up is what the deadline does: to whoever waits that is a store that did not answer.
        .RunAsync(() => call(cancellationToken), OutcomeOf, ProviderFailure.Timeout);

    private static string OutcomeOf<T>(IReadOnlyList<Result<T>> results)
    {
        var first = results.Count == 0 ? null : results[0].Failure?.Code;
        return results.All(result => result.Failure?.Code == first) ? first ?? SignalNames.Outcomes.Success : SignalNames.Outcomes.Partial;
    }

    /// <summary>Nobody is called, so there is no span: the kickoff's own says why.</summary>
    private void Tell()
    {
        if (Activity.Current is { IsAllDataRequested: true, Source.Name: SignalNames.Source } span)
        {
            span.AddEvent(new ActivityEvent(SignalNames.Spans.BreakerRejected, tags: new()
            {
                [SignalNames.Attributes.Provider] = _provider,
                [SignalNames.Attributes.Credential] = _credential,
            }));
        }
    }

    /// <summary>Only where nothing at all was read: what a batch did return is not read twice.</summary>
    private static bool MayRetry(IReadOnlyList<Failure?>? failures) =>
        failures is not null && failures.All(static failure => failure is not null && failure.IsTransient() && !(failure.RetryAfter > LongestPause));

    private static bool IsDown(IReadOnlyList<Failure?>? failures) =>
        failures is not null && failures.All(static failure => failure is { Code: ProviderFailure.Unreachable or ProviderFailure.Timeout });

    private static TimeSpan? Pause(IReadOnlyList<Failure?>? failures) => failures?.Max(static failure => failure?.RetryAfter);
}
