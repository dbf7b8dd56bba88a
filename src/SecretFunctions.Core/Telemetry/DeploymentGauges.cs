using System.Diagnostics.Metrics;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Health;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using Names = SecretFunctions.Core.Telemetry.SignalNames;

namespace SecretFunctions.Core.Telemetry;

/// <summary>
/// What is looked at from time to time. Most of it is the deployment's and not the instance's, and read from the store, so that every instance
/// tells the same whichever of them does the maintenance. Made only where metrics are exported. Safe for concurrent use.
/// </summary>
public sealed class DeploymentGauges : IDisposable
{
    private readonly MaintenanceLeases _leases;
    private readonly SigningKeyDirectory _keys;
    private readonly IssuerAddress _issuer;
    private readonly OpenStores _stores;
    private readonly Readiness _readiness;
    private readonly Bulkhead _bulkhead;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new(Names.Source);
    private readonly DateTimeOffset _startedAt;
    private volatile Look? _last;

    public DeploymentGauges(
        MaintenanceLeases leases, SigningKeyDirectory keys, IssuerAddress issuer, OpenStores stores, Readiness readiness, Bulkhead bulkhead, TimeProvider time)
    {
        _leases = leases;
        _keys = keys;
        _issuer = issuer;
        _stores = stores;
        _readiness = readiness;
        _bulkhead = bulkhead;
        _time = time;
        _startedAt = time.GetUtcNow();
        _meter.CreateObservableGauge(Names.Metrics.MaintenanceLag, ObserveLag, "s", "Since the last round of maintenance came to its end, on whichever instance.");
        _meter.CreateObservableGauge(Names.Metrics.SigningKeyAge, ObserveKeyAge, "s", "Since the active signing key began to sign.");
        _meter.CreateObservableGauge(Names.Metrics.SigningKeyRotationDue, ObserveRotation, "s", "Until another signing key is to take over; below zero it is overdue.");
        _meter.CreateObservableGauge(Names.Metrics.CredentialsExpiring, ObserveExpiring, "{credential}", "Credentials that end soon, by the tightest threshold they are past.");
        _meter.CreateObservableGauge(Names.Metrics.BreakersOpen, ObserveBreakers, "{breaker}", "Circuit breakers of this instance that are not closed, by provider.");
        _meter.CreateObservableGauge(Names.Metrics.Ready, ObserveReady, "1", "1 where a part of this instance is ready, else 0.");
    }

    /// <summary>Looks. What cannot be read stays as it was last seen; the age of the last round grows all the same.</summary>
    /// <remarks>Nothing that goes wrong here leaves it, but that it is cancelled: what is told of the service must not end it.</remarks>
    public Task RefreshAsync(CancellationToken cancellationToken) => _bulkhead.RunAsync(Rows.Deployment, "signals", () => LookAsync(cancellationToken), cancellationToken);

    public void Dispose() => _meter.Dispose();

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var (round, key) = (_last?.Round, _last?.Key);
        try
        {
            round = await _leases.ReadLastRoundAsync(cancellationToken);

            // Without an issuer nothing is signed, and no key has to be changed.
            key = _issuer.Value is null ? null : await _keys.ReadAgeAsync(cancellationToken);
        }
        catch (StoreUnavailableException)
        {
            // The gauge of what is ready says so.
        }

        _last = new Look(round, key, await _readiness.CheckAsync(cancellationToken));
    }

    private IEnumerable<Measurement<double>> ObserveLag() =>
        _last is { } last ? [new Measurement<double>((_time.GetUtcNow() - (last.Round?.At ?? _startedAt)).TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> ObserveKeyAge() =>
        _last?.Key is { } key ? [new Measurement<double>((_time.GetUtcNow() - key.ActiveSince).TotalSeconds)] : [];

    private IEnumerable<Measurement<double>> ObserveRotation() =>
        _last?.Key is { } key ? [new Measurement<double>((key.RotationDueAt - _time.GetUtcNow()).TotalSeconds)] : [];

    /// <summary>Every threshold, so that one that nothing is past any more goes back to none.</summary>
    private IEnumerable<Measurement<int>> ObserveExpiring() => _last?.Round is { } round
        ? ExpiryWarnings.Thresholds.Select(threshold =>
            new Measurement<int>(round.Expiring.GetValueOrDefault(threshold.Name), KeyValuePair.Create<string, object?>(Names.Attributes.Threshold, threshold.Name)))
        : [];

    private IEnumerable<Measurement<int>> ObserveBreakers() => _stores.CountBroken()
        .Select(static provider => new Measurement<int>(provider.Value, KeyValuePair.Create<string, object?>(Names.Attributes.Provider, provider.Key)));

    private IEnumerable<Measurement<int>> ObserveReady() => _last is { } last
        ? last.Parts.Select(static part => new Measurement<int>(part.IsReady ? 1 : 0, KeyValuePair.Create<string, object?>(Names.Attributes.Part, part.Part)))
        : [];

    private sealed record Look(FinishedRound? Round, (DateTimeOffset ActiveSince, DateTimeOffset RotationDueAt)? Key, IReadOnlyList<PartState> Parts);
}
