using System.Security.Cryptography;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Organizations;

/// <summary>
/// Recognizes the operator by their key, which is read at most once in a consistency window however many are presented: whatever has no key of an
/// organization is compared with it. Safe for concurrent use.
/// </summary>
/// <param name="window">Zero reads it for every request, as one read serves all that came before it began.</param>
public sealed class OperatorKeys(IEntityStore store, TimeProvider time, TimeSpan window)
{
    private readonly Lock _gate = new();
    private Reading? _last;

    public async Task<bool> IsOperatorAsync(string presented, CancellationToken cancellationToken)
    {
        var notBefore = time.GetTimestamp() - (long)(window.TotalSeconds * time.TimestampFrequency);
        while (true)
        {
            var reading = Join();
            var key = await reading.Key.WaitAsync(cancellationToken);
            if (reading.StartedAt >= notBefore)
            {
                return key is not null && IsKey(presented, key);
            }
        }
    }

    private static bool IsKey(string presented, OperatorKey key)
    {
        var described = Deployment.Describe(presented);
        return CryptographicOperations.FixedTimeEquals(key.SecretHash, described.SecretHash) && key.Id == described.Id;
    }

    private Reading Join()
    {
        lock (_gate)
        {
            // One under way is waited for also where it began too early: so there is never more than one.
            return _last is { } last && (!last.Key.IsCompleted || (last.Key.IsCompletedSuccessfully && time.GetElapsedTime(last.StartedAt) < window))
                ? last
                : _last = new Reading(Task.Run(ReadAsync), time.GetTimestamp());
        }
    }

    private async Task<OperatorKey?> ReadAsync() =>
        (await store.GetAsync(Rows.Deployment, Rows.Operator, StoredJson.Default.OperatorKey, CancellationToken.None))?.Document;

    private sealed record Reading(Task<OperatorKey?> Key, long StartedAt);
}
