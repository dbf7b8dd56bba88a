using System.Globalization;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>
/// Exchanges tokens for access at one cloud, anew and not out of any cache. What may end by itself where a trust has just been written is tried
/// again for a while.
/// </summary>
internal sealed class ExchangeCheck(ExchangeWay way, WorkloadIdentityConfig config, TestedTokens tokens, TimeProvider time) : IAsyncDisposable
{
    private const string Step = "exchange";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Between one try and the next: 25 s in all, which whoever tests can wait for, and most of what Entra ID takes.</summary>
    private static readonly TimeSpan[] Pauses = [.. new[] { 2, 3, 5, 5, 5, 5 }.Select(static seconds => TimeSpan.FromSeconds(seconds))];

    private readonly Lock _gate = new();
    private ISecretStore? _store;
    private ClockReading? _clock;

    /// <summary>By the first answer.</summary>
    public ClockReading? Clock
    {
        get
        {
            lock (_gate)
            {
                return _clock;
            }
        }
    }

    /// <summary>Who we became, where the cloud tells.</summary>
    public string? Identity { get; private set; }

    private FederationTarget Cloud => way.Provider.Federation!;

    public async Task<TestStep> ExchangeAsync(CancellationToken cancellationToken)
    {
        _store = way.Provider.Open(new ProviderConnection(
            way.Credential?.Name ?? config.Name, way.Settings, new ProviderAuth.WorkloadIdentity(config.Target, tokens))
        { AnswerDated = ReadClock });
        var started = time.GetTimestamp();
        string? refusedAtFirst = null;
        for (var tries = 0; ; tries++)
        {
            if ((await WithinAsync(_store.AuthenticateAsync, cancellationToken)).TryGet(out var identity, out var failure))
            {
                Identity = identity;
                return new TestStep(Step, null, Accepted(identity, refusedAtFirst, time.GetElapsedTime(started)));
            }

            if (!Cloud.PropagationCodes.Contains(failure.ProviderCode))
            {
                return new TestStep(Step, Explain(failure), null);
            }

            if (tries == Pauses.Length)
            {
                return new TestStep(Step, StillRefused(Explain(failure), time.GetElapsedTime(started)), null);
            }

            refusedAtFirst ??= failure.ProviderCode;
            await Task.Delay(Pauses[tries], time, cancellationToken);
        }
    }

    /// <summary>After an exchange.</summary>
    public async Task<TestStep> ReadAsync(SecretReference secret, CancellationToken cancellationToken)
    {
        const string step = "read";
        return way.Credential is null
            ? new TestStep(step, NoPlaceToRead, null)
            : (await WithinAsync(token => SecretTrial.ReadAsync(way.Provider, _store!, secret, token), cancellationToken)).TryGet(out var version, out var failure)
                ? new TestStep(step, null, $"Version {version} was read.")
                : new TestStep(step, failure, null);
    }

    public ValueTask DisposeAsync() => _store?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void ReadClock(DateTimeOffset theirs)
    {
        lock (_gate)
        {
            _clock ??= new ClockReading($"{Cloud.DisplayName}'s", theirs, time.GetUtcNow());
        }
    }

    private string Accepted(string? identity, string? refusedAtFirst, TimeSpan took)
    {
        var became = identity is null ? $"{Cloud.DisplayName} let us in." : $"We became {identity}.";
        return refusedAtFirst is null
            ? became
            : $"{became} It took {Seconds(took)}: {refusedAtFirst} until then, which is {Cloud.DisplayName}'s propagation delay. A trust that was just written takes some minutes until all of it knows.";
    }

    private Failure Explain(Failure failure) => failure.Code == ProviderFailure.TrustRejected
        ? failure with { Hint = $"{failure.Hint} What to paste there: GET /v1/workload-identity-configs/{config.Name}/trust-policy." }
        : failure;

    private Failure StillRefused(Failure failure, TimeSpan after) => failure with
    {
        Detail = $"{failure.Detail} It was still refused after {Seconds(after)}.",
        Hint = $"{failure.Hint} If the trust was written within the last minutes, wait and test again: that is {Cloud.DisplayName}'s propagation delay.",
    };

    private async Task<Result<T>> WithinAsync<T>(Func<CancellationToken, Task<Result<T>>> run, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await run(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProviderFailure.Create(
                ProviderFailure.Timeout,
                $"{Cloud.DisplayName} did not answer within {Seconds(Patience)}.",
                "Check the address, and whether a firewall drops requests from here.");
        }
    }

    private Failure NoPlaceToRead => new(
        FailureKind.Unresolved, "workload_identity.no_credential", $"No credential refers to configuration '{config.Name}', so there is no place to read from.")
    {
        Hint = $"Write a credential whose auth is of type workload-identity with config {config.Name}.",
    };

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");
}
