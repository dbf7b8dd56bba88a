using System.Globalization;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Testing.Storage;

/// <summary>A whole <see cref="IEntityStore"/> in memory, for tests of what stands on one. It passes the same contract as the others.</summary>
public sealed class InMemoryEntityStore : IEntityStore
{
    private const string ContinuationPrefix = "from:";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Partition> _partitions = new(StringComparer.Ordinal);
    private long _lastETag;

    public Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken)
    {
        EntityRules.Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return Task.FromResult(Find(key.Partition, key.Row));
        }
    }

    public Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken)
    {
        EntityRules.Check(range, limit);
        cancellationToken.ThrowIfCancellationRequested();
        var from = continuation is null ? range.From : ReadContinuation(range, continuation);
        lock (_gate)
        {
            if (!_partitions.TryGetValue(range.Partition, out var partition) || string.CompareOrdinal(from, range.Before) >= 0)
            {
                return Task.FromResult(new EntityPage([], null));
            }

            var rows = partition.Rows.GetViewBetween(from, range.Before)
                .TakeWhile(row => row != range.Before)
                .Take(limit + 1)
                .ToArray();
            var entities = rows.Take(limit).Select(row => partition.Entities[row]).ToArray();
            return Task.FromResult(new EntityPage(entities, rows.Length > limit ? ContinuationPrefix + rows[limit] : null));
        }
    }

    public Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
    {
        if (EntityRules.Check(partition, writes) is { } refused)
        {
            return Task.FromResult(refused);
        }

        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            for (var i = 0; i < writes.Count; i++)
            {
                if (FindConflict(writes[i], Find(partition, writes[i].Row)) is { } conflict)
                {
                    return Task.FromResult(WriteResult.Failed(conflict, i));
                }
            }

            return Task.FromResult(WriteResult.Success([.. writes.Select(write => Apply(partition, write))]));
        }
    }

    private static WriteConflict? FindConflict(EntityWrite write, Entity? current) => write.Kind switch
    {
        WriteKind.Insert => current is null ? null : WriteConflict.AlreadyExists,
        WriteKind.Upsert => null,
        _ when current is null => WriteConflict.NotFound,
        WriteKind.Delete when write.ETag is null => null,
        _ => write.ETag == current.ETag ? null : WriteConflict.Changed,
    };

    private static string ReadContinuation(EntityRange range, string continuation)
    {
        var row = continuation.StartsWith(ContinuationPrefix, StringComparison.Ordinal) ? continuation[ContinuationPrefix.Length..] : "";
        return string.CompareOrdinal(row, range.From) > 0 && string.CompareOrdinal(row, range.Before) < 0
            ? row
            : throw new ArgumentException("The continuation is not of this range.", nameof(continuation));
    }

    private Entity? Find(string partition, string row) =>
        _partitions.TryGetValue(partition, out var found) ? found.Entities.GetValueOrDefault(row) : null;

    private string Apply(string name, EntityWrite write)
    {
        if (!_partitions.TryGetValue(name, out var partition))
        {
            _partitions[name] = partition = new Partition();
        }

        if (write.Kind == WriteKind.Delete)
        {
            partition.Entities.Remove(write.Row);
            partition.Rows.Remove(write.Row);
            return "";
        }

        // Copied, as any store would: the caller may use its buffer again.
        var etag = (++_lastETag).ToString(CultureInfo.InvariantCulture);
        partition.Entities[write.Row] = new Entity(new EntityKey(name, write.Row), write.Data.ToArray(), etag);
        partition.Rows.Add(write.Row);
        return etag;
    }

    private sealed class Partition
    {
        public Dictionary<string, Entity> Entities { get; } = new(StringComparer.Ordinal);

        public SortedSet<string> Rows { get; } = new(StringComparer.Ordinal);
    }
}
