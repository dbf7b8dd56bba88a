using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SecretFunctions.Core.Store;

/// <summary>A document read from the store, and the ETag to write it back with.</summary>
public sealed record Stored<T>(string Row, T Document, string ETag);

/// <summary>A page of documents, and the row to go on from: null at the end.</summary>
public sealed record StoredPage<T>(IReadOnlyList<Stored<T>> Items, string? Next);

/// <summary>Entities as JSON documents: what nearly every row is.</summary>
public static class Documents
{
    public static byte[] Serialize<T>(T document, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(document, type);

    public static Stored<T> Read<T>(Entity entity, JsonTypeInfo<T> type) => new(
        entity.Key.Row,
        JsonSerializer.Deserialize(entity.Data.Span, type) ?? throw new JsonException($"Row '{entity.Key.Row}' holds no document."),
        entity.ETag);

    public static async Task<Stored<T>?> GetAsync<T>(
        this IEntityStore store, string partition, string row, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await store.GetAsync(new EntityKey(partition, row), cancellationToken) is { } entity ? Read(entity, type) : null;

    /// <summary>
    /// Up to <paramref name="limit"/> documents that pass <paramref name="filter"/>, from <paramref name="range"/>. Reads on over
    /// pages that the filter empties, so that a caller sees short pages only at the end.
    /// </summary>
    public static async Task<StoredPage<T>> ListAsync<T>(
        this IEntityStore store,
        EntityRange range,
        int limit,
        JsonTypeInfo<T> type,
        Func<T, bool>? filter,
        CancellationToken cancellationToken)
    {
        var items = new List<Stored<T>>();
        await foreach (var entity in store.ReadAllAsync(range, Math.Min(limit + 1, MaxPage), cancellationToken))
        {
            var stored = Read(entity, type);
            if (filter is not null && !filter(stored.Document))
            {
                continue;
            }

            if (items.Count == limit)
            {
                return new StoredPage<T>(items, stored.Row);
            }

            items.Add(stored);
        }

        return new StoredPage<T>(items, null);
    }

    /// <summary>Every entity of a range, page after page.</summary>
    public static async IAsyncEnumerable<Entity> ReadAllAsync(
        this IEntityStore store,
        EntityRange range,
        int pageSize,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await store.QueryAsync(range, pageSize, continuation, cancellationToken);
            foreach (var entity in page.Entities)
            {
                yield return entity;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>Deletes a range, transaction after transaction. Killed halfway it leaves the rest, for the next call.</summary>
    public static async Task PurgeAsync(this IEntityStore store, EntityRange range, CancellationToken cancellationToken)
    {
        string? continuation = null;
        while (true)
        {
            var page = await store.QueryAsync(range, EntityLimits.MaxWrites, continuation, cancellationToken);
            if (page.Entities.Count > 0)
            {
                // Lost to another purge: what it took is gone from the next page, which begins where this one did.
                await store.WriteAsync(range.Partition, [.. page.Entities.Select(entity => EntityWrite.Delete(entity.Key.Row, null))], cancellationToken);
            }
            else if (page.Continuation is null)
            {
                return;
            }
            else
            {
                continuation = page.Continuation;
            }
        }
    }

    /// <summary>Deletes these rows as they were read. What was changed or deleted meanwhile is somebody else's business, and passed over.</summary>
    internal static async Task DeleteUnchangedAsync(
        this IEntityStore store, string partition, IEnumerable<(string Row, string ETag)> rows, CancellationToken cancellationToken)
    {
        foreach (var chunk in rows.Chunk(EntityLimits.MaxWrites))
        {
            var writes = chunk.Select(static row => EntityWrite.Delete(row.Row, row.ETag)).ToList();
            while (writes.Count > 0 && await store.WriteAsync(partition, writes, cancellationToken) is { Applied: false } lost)
            {
                writes.RemoveAt(lost.ConflictIndex);
            }
        }
    }

    /// <summary>Replaces these rows as they were read, several in a transaction. What was changed or deleted meanwhile is passed over.</summary>
    /// <returns>The rows that were replaced.</returns>
    internal static async Task<IReadOnlyList<string>> ReplaceUnchangedAsync(
        this IEntityStore store, string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
    {
        var replaced = new List<string>(writes.Count);
        for (var start = 0; start < writes.Count;)
        {
            // As many as a transaction takes by their size, and one at the least.
            var (count, bytes) = (1, writes[start].Data.Length);
            while (count < EntityLimits.MaxWrites && start + count < writes.Count
                && (bytes += writes[start + count].Data.Length) <= EntityLimits.MaxTransactionDataBytes)
            {
                count++;
            }

            var chunk = writes.Skip(start).Take(count).ToList();
            start += count;
            while (chunk.Count > 0 && await store.WriteAsync(partition, chunk, cancellationToken) is { Applied: false } lost)
            {
                chunk.RemoveAt(lost.ConflictIndex);
            }

            replaced.AddRange(chunk.Select(static write => write.Row));
        }

        return replaced;
    }

    internal const int MaxPage = 1000;
}
