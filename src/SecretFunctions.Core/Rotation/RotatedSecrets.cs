using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Rotation;

/// <summary>Drops cached secrets that changed at their store: deleted, recorded and announced to all instances in one transaction. Safe for concurrent use.</summary>
public sealed class RotatedSecrets(SecretCache cache)
{
    /// <summary>Names in one audit event, so that it stays readable and far below what an event may hold.</summary>
    private const int MaxNamed = ResourceStore.MaxWrites;

    /// <summary>How many there were. Nothing at all happens where there are none.</summary>
    /// <param name="noticed">How it was noticed, for the audit log: <c>poll</c>, or the source of an event.</param>
    internal async Task<int> DropAsync(
        Caller caller, IReadOnlyList<Stored<WatchedSecret>> secrets, string noticed, CancellationToken cancellationToken)
    {
        var dropped = 0;
        foreach (var some in secrets.Chunk(MaxNamed))
        {
            dropped += await cache.DropAsync(
                caller,
                [.. some.Select(static secret => secret.Row)],
                Change.Of("cache.rotated", ("credential", Names(some, static secret => secret.Credential)), ("secret", Names(some, static secret => secret.Address.Name)), ("noticed", noticed)),
                cancellationToken);
        }

        return dropped;
    }

    private static string Names(IEnumerable<Stored<WatchedSecret>> secrets, Func<WatchedSecret, string> name) =>
        string.Join(", ", secrets.Select(secret => name(secret.Document)).Distinct(StringComparer.Ordinal));
}
