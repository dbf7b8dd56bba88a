using System.Globalization;
using SecretFunctions.Core.Credentials;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>Another's clock, and ours when it was read.</summary>
/// <param name="Whose">A noun in the genitive: AWS's.</param>
/// <param name="Theirs">In whole seconds, as HTTP has them.</param>
internal readonly record struct ClockReading(string Whose, DateTimeOffset Theirs, DateTimeOffset Ours)
{
    /// <summary>The least that clouds put up with: Vault says 60 s, Entra ID five minutes, others say nothing.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    private TimeSpan Ahead => Ours - Theirs;

    /// <summary>Null where nobody's clock was read.</summary>
    public static TestStep? Compare(IReadOnlyCollection<ClockReading> readings)
    {
        if (readings.Count == 0)
        {
            return null;
        }

        var worst = readings.MaxBy(static reading => reading.Ahead.Duration());
        return worst.Ahead.Duration() > Tolerance
            ? new TestStep("clock", worst.Skewed, null)
            : new TestStep("clock", null, string.Create(
                CultureInfo.InvariantCulture, $"Our clock is within {Math.Ceiling(worst.Ahead.Duration().TotalSeconds):0} s of {string.Join(" and of ", readings.Select(static reading => reading.Whose))}."));
    }

    private Failure Skewed => new(
        FailureKind.Unresolved,
        "clock.skewed",
        string.Create(
            CultureInfo.InvariantCulture,
            $"Our clock is {Ahead.Duration().TotalSeconds:0} s {(Ahead > TimeSpan.Zero ? "ahead of" : "behind")} {Whose}: it is {Ours:yyyy-MM-dd HH:mm:ss}Z here and {Theirs:yyyy-MM-dd HH:mm:ss}Z there."))
    {
        Hint = Ahead > TimeSpan.Zero
            ? "Tokens begin too late for others: they are refused as not yet valid. Synchronize the clock of the machine this service runs on (NTP)."
            : "Tokens end too early for others: they are refused as expired. Synchronize the clock of the machine this service runs on (NTP).",
    };
}
