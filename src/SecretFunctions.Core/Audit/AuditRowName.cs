using System.Globalization;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Audit;

/// <summary>What a row of the log is called after: when it was written, its chain, and its first event's number there.</summary>
internal readonly record struct AuditRowName(DateTimeOffset At, string Chain, long First)
{
    private const int Digits = 19;
    private const int MaxChainLength = 64;

    /// <summary>Null where nothing of ours has such a name.</summary>
    public static AuditRowName? Parse(string row)
    {
        var parts = row.Split('|');
        return parts.Length == 4
            && TryCountDown(parts[1], DateTimeOffset.MaxValue.UtcTicks, out var ticks)
            && IsChain(parts[2])
            && TryCountDown(parts[3], long.MaxValue, out var first)
            ? new AuditRowName(new DateTimeOffset(ticks, TimeSpan.Zero), parts[2], first)
            : null;
    }

    /// <summary>Lower-case letters, digits and hyphens.</summary>
    public static bool IsChain(string text) =>
        text.Length is > 0 and <= MaxChainLength && text.All(static character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    public override string ToString() => Rows.Audit(At, Chain, First);

    private static bool TryCountDown(string text, long from, out long value)
    {
        var parsed = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var down) && text.Length == Digits && down <= from;
        value = from - down;
        return parsed;
    }
}
