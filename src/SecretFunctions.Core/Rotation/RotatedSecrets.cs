using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Core.Rotation;

/// <param name="Name">The secret's, at its store.</param>
/// <param name="Row">Null for one that this instance has in memory, or is reading, and has not stored yet.</param>
internal sealed record RotatedSecret(string Credential, string Name, string? Row);

/// <summary>Drops cached secrets that changed at their store: deleted, recorded and announced to all instances in one transaction. Safe for concurrent use.</summary>
public sealed class RotatedSecrets(SecretCache cache)
{
    /// <summary>How many there were. Nothing at all happens where there are none.</summary>
    /// <param name="noticed">How it was noticed, for the audit log: <c>poll</c>, or the source of an event.</param>
    internal async Task<int> DropAsync(Caller caller, IReadOnlyList<RotatedSecret> secrets, string noticed, CancellationToken cancellationToken)
    {
        var dropped = 0;
        foreach (var some in secrets.Chunk(ResourceStore.MaxWrites))
        {
            string[] rows = [.. some.Select(static secret => secret.Row).OfType<string>()];
            dropped += some.Length - rows.Length + await cache.DropAsync(
                caller,
                rows,
                Change.Of(
                    "cache.rotated",
                    ("credential", Join(some.Select(static secret => secret.Credential))),
                    ("secret", Join(some.Select(static secret => secret.Name))),
                    ("noticed", noticed)),
                cancellationToken);
        }

        return dropped;
    }

    private static string Join(IEnumerable<string> names) => string.Join(", ", names.Distinct(StringComparer.Ordinal));
}
