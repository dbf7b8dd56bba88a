namespace SecretFunctions.Core.Maintenance;

/// <summary>Which instance does the round of maintenance now, and until when it is left to it.</summary>
internal sealed record MaintenanceLease(string Holder, DateTimeOffset Until)
{
    /// <summary>Of all instances'; null before the first.</summary>
    public FinishedRound? LastRound { get; init; }
}

/// <summary>A round that came to its end, whichever instance did it: what all of them tell their operator.</summary>
/// <param name="At">Its end.</param>
/// <param name="Expiring">Of all organizations, how many credentials are past which threshold of <see cref="ExpiryWarnings.Thresholds"/> and no tighter one.</param>
public sealed record FinishedRound(DateTimeOffset At, IReadOnlyDictionary<string, int> Expiring);
