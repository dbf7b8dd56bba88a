using System.Collections.Concurrent;

namespace SecretFunctions.Core.Maintenance;

/// <summary>What a round learns on its way through the organizations. Safe for concurrent use.</summary>
internal sealed class RoundFindings
{
    private readonly ConcurrentDictionary<string, int> _expiring = new(StringComparer.Ordinal);

    public void AddExpiring(string threshold) => _expiring.AddOrUpdate(threshold, 1, static (_, count) => count + 1);

    public FinishedRound FinishedAt(DateTimeOffset at) => new(at, new SortedDictionary<string, int>(_expiring, StringComparer.Ordinal));
}
