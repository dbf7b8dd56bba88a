using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Issuer;

/// <summary>
/// What this instance remembers of the signing keys, unwrapped. To sign, it has read the row within the consistency window. To publish, it
/// answers from memory: a key is published an hour before it signs at the least, and no memory is served that long. Safe for concurrent use.
/// </summary>
/// <param name="window">How long to sign by what was read; zero reads for every token.</param>
public sealed partial class IssuerKeys(
    SigningKeyDirectory directory, SigningKeyMaker maker, IssuerOptions options, TimeProvider time, TimeSpan window, ILogger<IssuerKeys> logger)
{
    /// <summary>Published without looking again.</summary>
    internal static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(10);

    /// <summary>Published while somebody looks; anything older waits for the look.</summary>
    internal static readonly TimeSpan ServedFor = TimeSpan.FromSeconds(60);

    /// <summary>Published where the store cannot be reached: verifiers elsewhere go on.</summary>
    internal static readonly TimeSpan ServedInOutage = TimeSpan.FromMinutes(45);

    /// <summary>Between two tries to do what the timer should have done.</summary>
    private static readonly TimeSpan AdvanceEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile Loaded? _current;
    private Look? _running;
    private long? _advancedAt;

    /// <summary>The key that signs now.</summary>
    /// <exception cref="StoreUnavailableException">The row could not be read: nothing older is used instead.</exception>
    /// <exception cref="RootKeyException">The keys could not be unwrapped.</exception>
    internal async ValueTask<Result<ISigner>> GetSignerAsync(CancellationToken cancellationToken)
    {
        var current = _current;
        if (current is null || !IsCurrent(current) || time.GetElapsedTime(current.ReadAt) >= window)
        {
            if (!(await LookAsync(window, cancellationToken)).TryGet(out current, out var failure))
            {
                return failure;
            }
        }

        return current.Ring.ActiveAt(time.GetUtcNow()) is { } active && current.Signers.TryGetValue(active.KeyId, out var signer)
            ? Result.Of(signer)
            : NoKey;
    }

    /// <summary>The keys that tokens may carry now, oldest first.</summary>
    /// <exception cref="StoreUnavailableException">The row could not be read for long.</exception>
    /// <exception cref="RootKeyException">The keys could not be unwrapped.</exception>
    public async ValueTask<Result<RsaPublicKey[]>> GetPublishedAsync(CancellationToken cancellationToken)
    {
        var current = _current;
        var age = current is null ? TimeSpan.MaxValue : time.GetElapsedTime(current.ReadAt);
        if (current is null || !IsCurrent(current) || age >= ServedFor)
        {
            if (!(await LookOrRememberAsync(current, age, cancellationToken)).TryGet(out current, out var failure))
            {
                return failure;
            }
        }
        else if (age >= FreshFor)
        {
            // Nobody waits for this one. If it fails, somebody will wait for a later one and be told.
            Join();
        }

        return current.PublishedAt(time.GetUtcNow());
    }

    private static Failure NoKey { get; } =
        new(FailureKind.Unavailable, "issuer.no_signing_key", "There is no key to sign with: the last one was revoked, and its vault has no new version.");

    private bool IsCurrent(Loaded loaded) => loaded.Generation == directory.Generation;

    private async Task<Result<Loaded>> LookOrRememberAsync(Loaded? remembered, TimeSpan age, CancellationToken cancellationToken)
    {
        var mayRemember = remembered is not null && age < ServedInOutage;
        try
        {
            var looked = await LookAsync(ServedFor, cancellationToken);
            return looked.Failure is not null && mayRemember ? remembered! : looked;
        }
        catch (Exception exception) when (mayRemember && exception is StoreUnavailableException or RootKeyException)
        {
            Log.Remembered(logger, exception.Message);
            return remembered!;
        }
    }

    /// <summary>One read serves all that wait for it, unless it began too early to show what a caller must see.</summary>
    private async Task<Result<Loaded>> LookAsync(TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var notBefore = time.GetTimestamp() - (long)(maxAge.TotalSeconds * time.TimestampFrequency);
        var generation = directory.Generation;
        while (true)
        {
            var look = Join();
            var loaded = await look.Loaded.WaitAsync(cancellationToken);
            if (look.StartedAt >= notBefore && look.Generation >= generation)
            {
                return loaded;
            }
        }
    }

    private Look Join()
    {
        lock (_gate)
        {
            if (_running is { Loaded.IsCompleted: false } running)
            {
                return running;
            }

            // Shared by all that wait, so not one caller's to cancel; on the pool, so that no lock is held meanwhile.
            var (startedAt, generation) = (time.GetTimestamp(), directory.Generation);
            return _running = new Look(Task.Run(() => LoadAsync(startedAt, generation)), startedAt, generation);
        }
    }

    private async Task<Result<Loaded>> LoadAsync(long startedAt, int generation)
    {
        var (stored, etag) = await directory.ReadAsync(CancellationToken.None);
        var ring = directory.Usable(stored);
        if (ring.Keys.Count == 0 || (ring.IsRotationDue(time.GetUtcNow(), options) && IsTimeToAdvance()))
        {
            if (await AdvanceAsync(ring.Keys.Count == 0) is { } none)
            {
                return none;
            }

            (stored, etag) = await directory.ReadAsync(CancellationToken.None);
            (ring, generation) = (directory.Usable(stored), directory.Generation);
        }

        var previous = _current;
        if (previous is not null && previous.ETag == etag)
        {
            return _current = previous with { ReadAt = startedAt, Generation = generation };
        }

        var signers = new Dictionary<string, ISigner>(StringComparer.Ordinal);
        foreach (var key in ring.Keys)
        {
            // Unwrapping may be a call to a cloud's vault: keys that are known are not opened again.
            if (previous?.Signers.TryGetValue(key.KeyId, out var signer) != true
                && !(await maker.OpenAsync(key, CancellationToken.None)).TryGet(out signer, out var failure))
            {
                return failure;
            }

            signers[key.KeyId] = signer!;
        }

        return _current = new Loaded(ring, etag, signers, startedAt, generation);
    }

    /// <summary>What the timer would do. Where there is a key to sign with, failing in this is the timer's to tell.</summary>
    private async Task<Failure?> AdvanceAsync(bool isNeeded)
    {
        _advancedAt = time.GetTimestamp();
        try
        {
            var failure = await directory.AdvanceAsync(CancellationToken.None);
            return isNeeded ? failure : null;
        }
        catch (Exception exception) when (!isNeeded && exception is StoreUnavailableException or RootKeyException)
        {
            Log.NotRotated(logger, exception.Message);
            return null;
        }
    }

    private bool IsTimeToAdvance() => _advancedAt is not { } last || time.GetElapsedTime(last) >= AdvanceEvery;

    /// <param name="Generation">Of the directory when the look began: a later change makes it worthless.</param>
    private sealed record Loaded(KeyRing Ring, string? ETag, IReadOnlyDictionary<string, ISigner> Signers, long ReadAt, int Generation)
    {
        public RsaPublicKey[] PublishedAt(DateTimeOffset now) =>
            [.. Ring.At(now).Where(static key => key.State != SigningKeyState.Removed).Select(key => Signers[key.KeyId].PublicKey)];
    }

    private sealed record Look(Task<Result<Loaded>> Loaded, long StartedAt, int Generation);

    private static partial class Log
    {
        [LoggerMessage(EventId = 1611, Level = LogLevel.Warning, Message = "The signing keys are published as last read: {Reason}")]
        public static partial void Remembered(ILogger logger, string reason);

        [LoggerMessage(EventId = 1612, Level = LogLevel.Warning, Message = "A new signing key is due and could not be made: {Reason}")]
        public static partial void NotRotated(ILogger logger, string reason);
    }
}
