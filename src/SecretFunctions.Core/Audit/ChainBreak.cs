namespace SecretFunctions.Core.Audit;

/// <summary>Where the log is not what was written: the first such place, as far as it can be named.</summary>
/// <param name="Reason">One of <see cref="ChainBreaks"/>.</param>
/// <param name="At">Of the row, or of the one by which it was noticed.</param>
/// <param name="Chain">Null where it is none of a chain's.</param>
/// <param name="Number">Of the event, or of the first that is missing; of checkpoints theirs.</param>
/// <param name="EventId">Of the event that is found there; null where there is none, or it cannot be read.</param>
public sealed record ChainBreak(string Reason, DateTimeOffset At, string? Chain, long Number, string? EventId);

/// <summary>What can be wrong.</summary>
public static class ChainBreaks
{
    /// <summary>An event, or what ties its row to the chain, is not as it was written.</summary>
    public const string Changed = "changed";

    /// <summary>Events between others, or before all others of their chain, are gone.</summary>
    public const string Missing = "missing";

    /// <summary>A row lies in another's place.</summary>
    public const string Reordered = "reordered";

    /// <summary>A row that nobody with the organization's key wrote, or wrote there.</summary>
    public const string Inserted = "inserted";

    /// <summary>The last events of a chain are gone.</summary>
    public const string TailMissing = "tail_missing";

    /// <summary>All events of a chain are gone.</summary>
    public const string ChainMissing = "chain_missing";

    public const string CheckpointChanged = "checkpoint_changed";

    public const string CheckpointMissing = "checkpoint_missing";
}
