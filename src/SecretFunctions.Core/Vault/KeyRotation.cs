namespace SecretFunctions.Core.Vault;

/// <summary>How rotations keep clear of requests that began before.</summary>
/// <param name="Grace">Longer than any request takes, and than the instances' clocks differ. Default 15 minutes.</param>
/// <param name="Window">The consistency window.</param>
public sealed record KeyRotationOptions(TimeSpan Grace, TimeSpan Window)
{
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromMinutes(15);

    private const int SettlingShare = 4;

    /// <summary>
    /// A new key is known this long before it seals. So whoever meets something under it has it: views are looked at again within the window, and
    /// a request that reads a row has looked not long before. A share of the grace, because it is measured by two instances' clocks.
    /// </summary>
    public TimeSpan Settling => (Window * 2) + (Grace / SettlingShare);

    /// <summary>
    /// What lies under an earlier key is wrapped anew at once, but the key itself is kept this long at the least, so that nobody is left who could
    /// still store something under it.
    /// </summary>
    public TimeSpan Kept => (Window * 2) + Grace;
}

/// <summary>How far a rotation of an organization's key has come: a row, so that any instance goes on where another was killed. Holds no key.</summary>
internal sealed record KeyRotation(DateTimeOffset StartedAt)
{
    /// <summary>The version that sealed when the following was noted. Where another does by now, it is worth nothing.</summary>
    public int? Current { get; init; }

    /// <summary>The walk over all sealed rows that is under way.</summary>
    public RewrapPass? Pass { get; init; }

    /// <summary>When the next one begins; null where one is under way, or the first may begin at once.</summary>
    public DateTimeOffset? NextPassAt { get; init; }

    /// <summary>Envelopes under earlier keys; null where they have not been counted.</summary>
    public int? Left { get; init; }

    /// <summary>Of those, as many as the last walk could not open: changed or misplaced, they keep their key from being dropped.</summary>
    public int Unreadable { get; init; }
}

/// <summary>A walk over all sealed rows.</summary>
internal sealed record RewrapPass(DateTimeOffset StartedAt)
{
    /// <summary>The last row that is done; null at the beginning.</summary>
    public string? After { get; init; }

    public int Unreadable { get; init; }

    /// <summary>The earlier versions that it met: those must stay for now.</summary>
    public IReadOnlyList<int> Met { get; init; } = [];
}
