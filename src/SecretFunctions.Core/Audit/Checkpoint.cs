namespace SecretFunctions.Core.Audit;

/// <summary>What binds an organization's chains together at a time: how far each has come since the checkpoint before.</summary>
/// <param name="Organization">Its id: a checkpoint of one organization is none of another's.</param>
/// <param name="Number">From 1 on, without gaps.</param>
/// <param name="At">When it was begun to look: rows that are older, but for what clocks differ by, were looked at. Retention looks at none, and leaves the time as it was.</param>
/// <param name="Previous">The hash of the checkpoint before; <see cref="EventHash.None"/> for the first.</param>
/// <param name="Heads">Of the chains that advanced.</param>
internal sealed record Checkpoint(string Organization, long Number, DateTimeOffset At, string Previous, IReadOnlyList<ChainHead> Heads)
{
    /// <summary>Where retention removes something.</summary>
    public AuditRetention? Retention { get; init; }
}

/// <summary>What retention removes, stated before it does so.</summary>
/// <param name="RemovedBefore">Rows that are older go.</param>
/// <param name="Bases">The last event that goes of every chain: what is left of it goes on from there.</param>
/// <param name="FirstCheckpoint">The number of the first checkpoint that stays.</param>
internal sealed record AuditRetention(DateTimeOffset RemovedBefore, IReadOnlyList<ChainHead> Bases, long FirstCheckpoint);
