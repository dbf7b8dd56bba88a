using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Vault;

/// <summary>Which root key this deployment's data needs. The first thing that is stored.</summary>
/// <param name="Id">The key that wraps from now on.</param>
internal sealed record RootKeyRecord(string Id)
{
    /// <summary>Since when it does; null where nobody noted it.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Of a key that has versions, the newest when last it was looked; null before the first rotation.</summary>
    public string? Version { get; init; }

    /// <summary>Null where none is under way.</summary>
    public RootKeyRotation? Rotation { get; init; }
}

/// <param name="From">Keys that something may lie under still: whoever starts needs them too.</param>
internal sealed record RootKeyRotation(DateTimeOffset StartedAt, IReadOnlyList<string> From)
{
    /// <summary>Rows under another key or version when last they were looked through; null before the first time.</summary>
    public int? Left { get; init; }

    /// <summary>Of those, as many as did not open.</summary>
    public int Unreadable { get; init; }
}

/// <summary>
/// The root keys as the data needs them. Which one wraps is the store's word, so that all instances agree; the source has the keys themselves. Safe for
/// concurrent use.
/// </summary>
public sealed class RootKeys(IEntityStore store, IRootKeySource source, TimeProvider time)
{
    /// <summary>Those at hand, the newest first.</summary>
    public IReadOnlyList<string> Ids => source.Ids;

    internal IEntityStore Store => store;

    /// <summary>The key that wraps. Read each time: it is seldom asked for, and one that was rotated away from must get nothing new.</summary>
    /// <exception cref="RootKeyException">It is not at hand.</exception>
    public async Task<IRootKey> GetCurrentAsync(CancellationToken cancellationToken) =>
        await ReadAsync(cancellationToken) is { } record ? Get(record.Document.Id) : Get(source.Ids[0]);

    /// <summary>The key that something names which lies under it.</summary>
    /// <exception cref="RootKeyException">It is not at hand.</exception>
    public IRootKey Get(string id) => source.Find(id) ?? throw new RootKeyException(
        $"What is stored needs root key {id}, but this instance has {string.Join(", ", source.Ids)}: restore the root key the data was made with.");

    internal IRootKey? Find(string id) => source.Find(id);

    internal IRootKey Next(string current) => source.Next(current);

    internal Task<Stored<RootKeyRecord>?> ReadAsync(CancellationToken cancellationToken) =>
        store.GetAsync(Rows.Deployment, Rows.RootKey, StoredJson.Default.RootKeyRecord, cancellationToken);

    /// <summary>Whether every key that the data needs is at hand; a store without data takes the newest. Safe to repeat.</summary>
    /// <exception cref="RootKeyException">One is not: one sentence that says which, and what to do.</exception>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        var record = await ReadAsync(cancellationToken);
        if (record is null)
        {
            var first = new RootKeyRecord(source.Ids[0]) { Since = time.GetUtcNow() };
            await store.WriteAsync(
                Rows.Deployment, [EntityWrite.Insert(Rows.RootKey, Documents.Serialize(first, StoredJson.Default.RootKeyRecord))], cancellationToken);

            // Another instance may have been first, with another key.
            record = await ReadAsync(cancellationToken) ?? throw new StoreUnavailableException("What was stored a moment ago is not there.");
        }

        Check(record.Document);
    }

    private void Check(RootKeyRecord record)
    {
        var has = string.Join(", ", source.Ids);
        var from = record.Rotation?.From ?? [];
        if (source.Find(record.Id) is null)
        {
            throw new RootKeyException(from.Any(id => source.Find(id) is not null)
                ? $"The data is being moved to root key {record.Id}, but this instance has {has}: restore the root key file as it was after that rotation began."
                : $"The data belongs to root key {record.Id}, but this instance has {has}: restore the root key the data was made with.");
        }

        if (from.FirstOrDefault(id => source.Find(id) is null) is { } missing)
        {
            throw new RootKeyException(
                $"Part of the data still lies under root key {missing}, but this instance has {has}: put that key back until the rotation to {record.Id} is over.");
        }
    }
}
