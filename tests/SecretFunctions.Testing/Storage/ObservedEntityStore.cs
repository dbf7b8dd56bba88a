using System.Collections.Concurrent;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Testing.Storage;

/// <summary>Another store, seen through: remembers what was asked of it, and lets a test hold a call back or make it fail.</summary>
public sealed class ObservedEntityStore(IEntityStore inner) : IEntityStore
{
    private readonly ConcurrentQueue<string> _reads = [];
    private readonly ConcurrentQueue<IReadOnlyList<EntityWrite>> _writes = [];

    /// <summary>Rows that were read since <see cref="Forget"/>, and the beginning of every range.</summary>
    public IReadOnlyCollection<string> Reads => _reads;

    /// <summary>Transactions since <see cref="Forget"/>.</summary>
    public IReadOnlyCollection<IReadOnlyList<EntityWrite>> Writes => _writes;

    /// <summary>Runs before a row is read: it may wait, or throw what the store shall throw.</summary>
    public Func<EntityKey, Task>? BeforeRead { get; set; }

    /// <summary>Runs after a row was read and before the answer is given.</summary>
    public Func<EntityKey, Task>? AfterRead { get; set; }

    /// <summary>Runs after a page of a range was read and before the answer is given.</summary>
    public Func<EntityRange, Task>? AfterQuery { get; set; }

    /// <summary>Runs before a transaction: it may wait, or throw what the store shall throw.</summary>
    public Func<IReadOnlyList<EntityWrite>, Task>? BeforeWrite { get; set; }

    public void Forget()
    {
        _reads.Clear();
        _writes.Clear();
    }

    public async Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken)
    {
        _reads.Enqueue(key.Row);
        await (BeforeRead?.Invoke(key) ?? Task.CompletedTask);
        var entity = await inner.GetAsync(key, cancellationToken);
        await (AfterRead?.Invoke(key) ?? Task.CompletedTask);
        return entity;
    }

    public async Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken)
    {
        _reads.Enqueue($"{range.From}..");
        var page = await inner.QueryAsync(range, limit, continuation, cancellationToken);
        await (AfterQuery?.Invoke(range) ?? Task.CompletedTask);
        return page;
    }

    public async Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken)
    {
        _writes.Enqueue(writes);
        await (BeforeWrite?.Invoke(writes) ?? Task.CompletedTask);
        return await inner.WriteAsync(partition, writes, cancellationToken);
    }
}
