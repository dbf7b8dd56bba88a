namespace SecretFunctions.Core.Issuer;

public enum SigningKeyState
{
    /// <summary>Published, and does not sign yet.</summary>
    Next,

    /// <summary>Signs.</summary>
    Active,

    /// <summary>Signs no more; published until no token can carry it.</summary>
    Retired,

    /// <summary>Not published any more; its row goes when somebody tidies up.</summary>
    Removed,
}

/// <summary>One key, at one time.</summary>
/// <param name="RetiresAt">When a later key takes over; null while there is none.</param>
/// <param name="RemovedAt">When it is published no longer.</param>
public sealed record SigningKeyStatus(
    string KeyId,
    SigningKeyState State,
    int Bits,
    bool IsRemote,
    DateTimeOffset PublishedAt,
    DateTimeOffset ActivatesAt,
    DateTimeOffset? RetiresAt,
    DateTimeOffset? RemovedAt);

/// <param name="NextRotationAt">When another key takes over without anybody's asking; null where nobody knows.</param>
public sealed record SigningKeyReport(IReadOnlyList<SigningKeyStatus> Keys, DateTimeOffset? NextRotationAt);

/// <summary>
/// The state of every key at any time, from stored times and nothing else: no timer has to fire, and instances that read the same row agree.
/// A key is active from its activation until that of the one after it. Immutable.
/// </summary>
internal sealed class KeyRing
{
    private readonly StoredSigningKey[] _keys;

    /// <param name="keys">Those this instance can use.</param>
    public KeyRing(IEnumerable<StoredSigningKey> keys) =>
        _keys = [.. keys.OrderBy(static key => key.ActivatesAt).ThenBy(static key => key.PublishedAt).ThenBy(static key => key.KeyId, StringComparer.Ordinal)];

    public IReadOnlyList<StoredSigningKey> Keys => _keys;

    /// <summary>Null where there is no key at all.</summary>
    public StoredSigningKey? ActiveAt(DateTimeOffset now) => _keys.Length == 0 ? null : _keys[ActiveIndex(now)];

    /// <summary>The key that waits for its turn.</summary>
    public StoredSigningKey? NextAt(DateTimeOffset now) => _keys.ElementAtOrDefault(ActiveIndex(now) + 1);

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<SigningKeyStatus> At(DateTimeOffset now)
    {
        var active = ActiveIndex(now);
        return [.. _keys.Select((key, index) => StatusOf(key, index, active, now))];
    }

    /// <summary>When a key that is not made yet will sign: an interval after the newest one began to. Null without a key.</summary>
    public DateTimeOffset? NextRotationAt(DateTimeOffset now, IssuerOptions options)
    {
        var earliest = now + options.PublishAhead;
        return _keys.Length == 0 ? null
            : _keys[^1].ActivatesAt + options.RotationInterval is var due && due > earliest ? due
            : earliest;
    }

    /// <summary>Whether the next key has to be published now, to sign in time.</summary>
    public bool IsRotationDue(DateTimeOffset now, IssuerOptions options) =>
        NextAt(now) is null && ActiveAt(now) is { } active && active.ActivatesAt + options.RotationInterval - options.PublishAhead <= now;

    /// <summary>
    /// A key that would begin to sign later than any setting allows: a clock was wrong when it was made. With its times put right; null where
    /// there is none.
    /// </summary>
    public StoredSigningKey? Redated(DateTimeOffset now, IssuerOptions options)
    {
        var active = ActiveIndex(now);
        var index = Array.FindIndex(_keys, key => key.ActivatesAt > now + IssuerOptions.MaxPublishAhead + IssuerOptions.ClockSkew);
        return index < 0 ? null : _keys[index] with { PublishedAt = now, ActivatesAt = index == active ? now : now + options.PublishAhead };
    }

    /// <summary>Where the clock went back before all of them, the first: there is always one to sign with.</summary>
    private int ActiveIndex(DateTimeOffset now) => Math.Max(0, Array.FindLastIndex(_keys, key => key.ActivatesAt <= now));

    private SigningKeyStatus StatusOf(StoredSigningKey key, int index, int active, DateTimeOffset now)
    {
        DateTimeOffset? retires = index + 1 < _keys.Length ? _keys[index + 1].ActivatesAt : null;
        var removed = retires + IssuerOptions.Retention;
        var state = index > active ? SigningKeyState.Next
            : index == active ? SigningKeyState.Active
            : removed <= now ? SigningKeyState.Removed
            : SigningKeyState.Retired;
        return new SigningKeyStatus(key.KeyId, state, key.Bits, key.Remote is not null, key.PublishedAt, key.ActivatesAt, retires, removed);
    }
}
