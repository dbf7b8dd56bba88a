using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Vault;

/// <summary>Something that a root key wrapped.</summary>
/// <param name="RootKeyId">The key, as it was noted beside it.</param>
internal readonly record struct RootWrap(string RootKeyId, byte[] Wrapped);

/// <summary>A root key, or one of its versions where it has some.</summary>
public readonly record struct RootKeyName(string Id, string? Version)
{
    public override string ToString() => Version is null ? Id : $"{Id}/{Version}";
}

/// <summary>A row with something in it that a root key wrapped.</summary>
/// <param name="RewrapAsync">The row's data with the same under another root key.</param>
internal sealed record RootWrappedRow(
    EntityKey Key, string ETag, IReadOnlyList<RootWrap> Wraps, Func<IRootKey, CancellationToken, Task<byte[]>> RewrapAsync);

/// <summary>
/// Everything that root keys wrap, in one place: the keys of every organization, and the data keys of signing keys. Safe for concurrent use.
/// </summary>
public sealed partial class RootWraps(RootKeys roots, OrganizationDirectory organizations, SigningKeyDirectory signingKeys, ILogger<RootWraps> logger)
{
    private IEntityStore Store => roots.Store;

    /// <summary>How many rows lie under which key, or which version of it.</summary>
    internal async Task<IReadOnlyDictionary<RootKeyName, int>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<RootKeyName, int>();
        await foreach (var row in ReadAsync(cancellationToken))
        {
            foreach (var name in row.Wraps.Select(NameOf).Distinct())
            {
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }
        }

        return counts;
    }

    /// <summary>
    /// Wraps anew whatever lies under another key, or another of its versions. Each row is one conditional write: one that changes meanwhile is the
    /// next call's, and where the row is gone its organization was destroyed, and stays so.
    /// </summary>
    /// <param name="root">The key to move to.</param>
    /// <param name="version">Of it; null where it has none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<RootMove> MoveAsync(IRootKey root, string? version, CancellationToken cancellationToken)
    {
        var (move, newest) = (default(RootMove), new RootKeyName(root.Id, version));
        await foreach (var row in ReadAsync(cancellationToken))
        {
            // What does not even say which version wrapped it is found too: nobody can tell what it needs.
            if (row.Wraps.All(wrap => NameOf(wrap) == newest))
            {
                continue;
            }

            move = move with { Found = move.Found + 1 };
            try
            {
                var write = EntityWrite.Replace(row.Key.Row, await row.RewrapAsync(root, cancellationToken), row.ETag);

                // No revision and no event: the keys stay what they are, and nobody need look at them again.
                var moved = (await Store.WriteAsync(row.Key.Partition, [write], cancellationToken)).Applied;
                move = move with { Moved = move.Moved + (moved ? 1 : 0) };
            }
            catch (RootKeyException exception)
            {
                // One that does not open holds up no other, and keeps the rotation from ending.
                move = move with { Unreadable = move.Unreadable + 1 };
                Log.Unreadable(logger, row.Key.Partition, row.Key.Row, exception.Message);
            }
        }

        return move;
    }

    private RootKeyName NameOf(RootWrap wrap)
    {
        try
        {
            return new RootKeyName(wrap.RootKeyId, roots.Get(wrap.RootKeyId).VersionOf(wrap.Wrapped));
        }
        catch (RootKeyException)
        {
            return new RootKeyName(wrap.RootKeyId, null); // Not at hand, or not to be read: needed all the same.
        }
    }

    private async IAsyncEnumerable<RootWrappedRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var organization in await organizations.ListAsync(cancellationToken))
        {
            var id = organization.Document.Id;
            if (await Store.GetAsync(id, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, cancellationToken) is { } keys)
            {
                yield return new RootWrappedRow(
                    new EntityKey(id, keys.Row),
                    keys.ETag,
                    [.. keys.Document.Wrapping.Select(static key => key.Wrapped).Append(keys.Document.Identity).Select(wrapped => new RootWrap(keys.Document.RootKeyId, wrapped))],
                    async (root, token) => Documents.Serialize(
                        await OrganizationKeys.RewrapAsync(roots.Get(keys.Document.RootKeyId), root, id, keys.Document, token), StoredJson.Default.StoredOrganizationKeys));
            }
        }

        var (ring, etag) = await signingKeys.ReadAsync(cancellationToken);
        if (etag is not null)
        {
            yield return new RootWrappedRow(
                new EntityKey(Rows.Deployment, Rows.SigningKeys),
                etag,
                [.. ring.Keys.Select(static key => key.Private).OfType<SealedPrivateKey>().Select(static key => new RootWrap(key.RootKeyId, key.DataKey))],
                async (root, token) => Documents.Serialize(await RewrapAsync(ring, root, token), StoredJson.Default.StoredKeyRing));
        }
    }

    private async Task<StoredKeyRing> RewrapAsync(StoredKeyRing ring, IRootKey root, CancellationToken cancellationToken)
    {
        var keys = new List<StoredSigningKey>();
        foreach (var key in ring.Keys)
        {
            keys.Add(key.Private is { } stored
                ? key with { Private = await SigningKeySeal.RewrapAsync(roots.Get(stored.RootKeyId), root, key.KeyId, stored, cancellationToken) }
                : key);
        }

        return ring with { Keys = keys };
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1711, Level = LogLevel.Error, Message = "Row {Row} of {Partition} could not be moved to the new root key, and stays under its own: {Reason}")]
        public static partial void Unreadable(ILogger logger, string partition, string row, string reason);
    }
}

/// <param name="Found">Rows that lay under another key or version.</param>
/// <param name="Moved">Those that no longer do.</param>
/// <param name="Unreadable">Of those found, the ones that did not open.</param>
internal readonly record struct RootMove(int Found, int Moved, int Unreadable);
