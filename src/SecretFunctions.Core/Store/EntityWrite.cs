namespace SecretFunctions.Core.Store;

public enum WriteKind
{
    /// <summary>Fails with <see cref="WriteConflict.AlreadyExists"/> where the row exists.</summary>
    Insert,

    /// <summary>Creates or replaces, whatever is there.</summary>
    Upsert,

    /// <summary>Replaces the entity with this ETag.</summary>
    Replace,

    /// <summary>Deletes the entity with this ETag, or any where the ETag is null.</summary>
    Delete,
}

/// <summary>One write of a transaction. The data is not copied: leave it alone until the write has completed.</summary>
public readonly record struct EntityWrite
{
    private EntityWrite(WriteKind kind, string row, ReadOnlyMemory<byte> data, string? etag)
    {
        Kind = kind;
        Row = row;
        Data = data;
        ETag = etag;
    }

    public WriteKind Kind { get; }

    public string Row { get; }

    public ReadOnlyMemory<byte> Data { get; }

    public string? ETag { get; }

    public static EntityWrite Insert(string row, ReadOnlyMemory<byte> data) => new(WriteKind.Insert, row, data, null);

    public static EntityWrite Upsert(string row, ReadOnlyMemory<byte> data) => new(WriteKind.Upsert, row, data, null);

    /// <summary>Fails with NotFound where there is no such row, with Changed where its ETag is another.</summary>
    public static EntityWrite Replace(string row, ReadOnlyMemory<byte> data, string etag) =>
        new(WriteKind.Replace, row, data, etag);

    /// <summary>Fails with NotFound where there is no such row, with Changed where its ETag is another.</summary>
    public static EntityWrite Delete(string row, string? etag) => new(WriteKind.Delete, row, default, etag);
}

public enum WriteConflict
{
    AlreadyExists,
    NotFound,
    Changed,

    /// <summary>More than <see cref="EntityLimits"/> allows. Nothing was sent.</summary>
    TooLarge,
}

/// <summary>Either every write was applied, or none was and <see cref="Conflict"/> says why.</summary>
public readonly record struct WriteResult
{
    private WriteResult(IReadOnlyList<string> etags, WriteConflict? conflict, int conflictIndex)
    {
        ETags = etags;
        Conflict = conflict;
        ConflictIndex = conflictIndex;
    }

    /// <summary>One per write, in order; empty for a deletion. Empty list where nothing was applied.</summary>
    public IReadOnlyList<string> ETags { get; }

    public WriteConflict? Conflict { get; }

    /// <summary>The zero-based write whose condition did not hold.</summary>
    public int ConflictIndex { get; }

    public bool Applied => Conflict is null;

    public static WriteResult Success(IReadOnlyList<string> etags) => new(etags, null, -1);

    public static WriteResult Failed(WriteConflict conflict, int index) => new([], conflict, index);
}
