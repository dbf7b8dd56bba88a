using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Health;

/// <summary>One part of the service that it cannot serve without.</summary>
/// <param name="Part"><c>store</c>, <c>root-key</c>, <c>signing-keys</c> or <c>audit</c>.</param>
/// <param name="Problem">Null where it is ready.</param>
public sealed record PartState(string Part, string? Problem)
{
    public bool IsReady => Problem is null;
}

/// <summary>Whether this instance can serve, part by part. Writes nothing. Safe for concurrent use.</summary>
public sealed class Readiness(IEntityStore store, RootKeys rootKeys, IssuerAddress issuer, IssuerKeys keys, AuditLog audit, TimeProvider time)
{
    /// <summary>Using the root key may be a call to a cloud's vault that is counted and paid for, and anybody may ask whether we are ready.</summary>
    internal static readonly TimeSpan RootKeyRemembered = TimeSpan.FromSeconds(60);

    /// <summary>The same where it could not be used: that it can be again is seen soon.</summary>
    internal static readonly TimeSpan RootKeyFailureRemembered = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whoever is told that we are not ready sends nothing, so nothing would be written, and no success follow. After so long we let ourselves
    /// be tried again.
    /// </summary>
    internal static readonly TimeSpan AuditFailureRemembered = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private Task<IReadOnlyList<PartState>>? _looking;
    private volatile Look? _rootKey;

    /// <summary>Whoever asks meanwhile is told the same: anybody may ask, and as often as they like.</summary>
    public Task<IReadOnlyList<PartState>> CheckAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _looking = _looking is { IsCompleted: false } ? _looking : Task.Run(LookAsync, CancellationToken.None);
            return _looking.WaitAsync(cancellationToken);
        }
    }

    private async Task<IReadOnlyList<PartState>> LookAsync()
    {
        var states = new List<PartState>
        {
            await CheckAsync("store", async () => await Deployment.HasDataAsync(store, CancellationToken.None) ? null : "The store has not been set up."),
            await CheckRootKeyAsync(CancellationToken.None),
        };
        if (issuer.Value is not null)
        {
            states.Add(await CheckAsync("signing-keys", async () => (await keys.GetSignerAsync(CancellationToken.None)).Failure?.Detail));
        }

        states.Add(new PartState("audit", audit.HasFailedWithin(AuditFailureRemembered) ? "The audit log could not be written a moment ago, and without it nothing is handed out." : null));
        return states;
    }

    private async Task<PartState> CheckRootKeyAsync(CancellationToken cancellationToken)
    {
        if (_rootKey is { } last && time.GetElapsedTime(last.At) < (last.State.IsReady ? RootKeyRemembered : RootKeyFailureRemembered))
        {
            return last.State;
        }

        var state = await CheckAsync("root-key", async () =>
        {
            var rootKey = await rootKeys.GetCurrentAsync(cancellationToken);
            var probe = await rootKey.WrapAsync("ready?"u8.ToArray(), cancellationToken);
            return (await rootKey.UnwrapAsync(probe, cancellationToken)).AsSpan().SequenceEqual("ready?"u8) ? null : "The root key does not open what it wrapped.";
        });
        _rootKey = new Look(state, time.GetTimestamp());
        return state;
    }

    private static async Task<PartState> CheckAsync(string part, Func<Task<string?>> check)
    {
        try
        {
            return new PartState(part, await check());
        }
        catch (Exception exception) when (exception is StoreUnavailableException or RootKeyException)
        {
            return new PartState(part, exception.Message);
        }
    }

    private sealed record Look(PartState State, long At);
}
