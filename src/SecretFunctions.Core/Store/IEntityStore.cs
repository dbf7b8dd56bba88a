namespace SecretFunctions.Core.Store;

/// <summary>
/// The one storage port, with the semantics of an Azure Storage table: entities under a partition key and a row key,
/// an ETag on each, transactions within one partition. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Both implementations pass the same conformance suite (<c>EntityStoreContract</c>). A write is durable when its task
/// completes with success, and a reader sees all of a transaction or none of it.
/// </remarks>
public interface IEntityStore
{
    /// <summary>The entity, or null where there is none.</summary>
    /// <exception cref="StoreUnavailableException">The store could not be reached or did not answer in time.</exception>
    Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken);

    /// <summary>
    /// One page of a partition in ordinal row-key order. A page may hold fewer than <paramref name="limit"/>
    /// entities, or none, and still carry a continuation: only a null continuation is the end.
    /// </summary>
    /// <param name="range">Which rows.</param>
    /// <param name="limit">The most entities to return, 1 to 1000.</param>
    /// <param name="continuation">From the page before, with the same range; null for the first page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">A range or limit no store takes, or a continuation that is not of this range.</exception>
    /// <exception cref="StoreUnavailableException">The store could not be reached or did not answer in time.</exception>
    Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken);

    /// <summary>
    /// Applies all writes, in order, or none. Each row may occur once. The limits are <see cref="EntityLimits"/>.
    /// </summary>
    /// <returns>The new ETags, or the first write whose condition did not hold.</returns>
    /// <exception cref="ArgumentException">
    /// A key, a row named twice, or an empty list: a bug in the caller. May be thrown before there is a task.
    /// </exception>
    /// <exception cref="StoreUnavailableException">
    /// The store could not be reached or did not answer in time. Whether the transaction was applied is then unknown;
    /// when it was, all of it was.
    /// </exception>
    Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken);
}

/// <summary>
/// Names one entity. Both keys are printable ASCII without <c>/ \ # ? %</c>, the partition key 1 to 256 characters, the row key
/// 1 to 512: what Table Storage orders and stores the same way as SQLite.
/// </summary>
public readonly record struct EntityKey(string Partition, string Row);

/// <param name="Key">Its place.</param>
/// <param name="Data">0 to <see cref="EntityLimits.MaxDataBytes"/> bytes; the caller decides what they mean.</param>
/// <param name="ETag">Opaque; changes with every write, and never returns to an earlier value.</param>
public sealed record Entity(EntityKey Key, ReadOnlyMemory<byte> Data, string ETag);

/// <summary>A page of entities, and where the next one starts.</summary>
public sealed record EntityPage(IReadOnlyList<Entity> Entities, string? Continuation);

/// <summary>
/// Rows of one partition from <paramref name="From"/> (inclusive) to <paramref name="Before"/> (exclusive), ordinal.
/// </summary>
public readonly record struct EntityRange(string Partition, string From, string Before)
{
    /// <summary>Every row whose key starts with <paramref name="prefix"/>, which may not be empty.</summary>
    public static EntityRange Prefix(string partition, string prefix) =>
        new(partition, prefix, prefix[..^1] + (char)(prefix[^1] + 1));
}

/// <summary>What holds for both stores; the tighter of the two decides (Table Storage, so Azurite too).</summary>
public static class EntityLimits
{
    /// <summary>15 binary properties of 64 KiB leave room for keys and names within Table Storage's 1 MiB entity.</summary>
    public const int MaxDataBytes = 15 * 64 * 1024;

    /// <summary>Entities in one page.</summary>
    public const int MaxPageEntities = 1000;

    /// <summary>Writes in one transaction.</summary>
    public const int MaxWrites = 100;

    /// <summary>
    /// Sum of a transaction's data. Table Storage takes 4 MiB on the wire, where data travels as base64 beside headers.
    /// </summary>
    public const int MaxTransactionDataBytes = 2_900_000;
}

/// <summary>The store could not be reached, or did not answer in time.</summary>
public sealed class StoreUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);
