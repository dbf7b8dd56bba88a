namespace SecretFunctions.Core.Store;

/// <summary>The port's own rules, checked in one place so that no implementation is laxer than another.</summary>
public static class EntityRules
{
    private const int MaxPartitionLength = 256;
    private const int MaxRowLength = 512;

    /// <summary>Null where the transaction may be sent; else the result to return.</summary>
    /// <exception cref="ArgumentException">A key no store takes, a row named twice, or no write at all.</exception>
    public static WriteResult? Check(string partition, IReadOnlyList<EntityWrite> writes)
    {
        CheckKey(partition, MaxPartitionLength, nameof(partition));
        if (writes.Count == 0)
        {
            throw new ArgumentException("A transaction needs at least one write.", nameof(writes));
        }

        if (writes.Count > EntityLimits.MaxWrites)
        {
            return WriteResult.Failed(WriteConflict.TooLarge, EntityLimits.MaxWrites);
        }

        var rows = new HashSet<string>(writes.Count, StringComparer.Ordinal);
        var total = 0;
        for (var i = 0; i < writes.Count; i++)
        {
            var write = writes[i];
            CheckKey(write.Row, MaxRowLength, nameof(writes));
            if (!rows.Add(write.Row))
            {
                throw new ArgumentException($"Row '{write.Row}' occurs twice in one transaction.", nameof(writes));
            }

            total += write.Data.Length;
            if (write.Data.Length > EntityLimits.MaxDataBytes || total > EntityLimits.MaxTransactionDataBytes)
            {
                return WriteResult.Failed(WriteConflict.TooLarge, i);
            }
        }

        return null;
    }

    /// <exception cref="ArgumentException">A key no store takes.</exception>
    public static void Check(EntityKey key)
    {
        CheckKey(key.Partition, MaxPartitionLength, nameof(key));
        CheckKey(key.Row, MaxRowLength, nameof(key));
    }

    /// <exception cref="ArgumentException">A partition no store takes, a bound no key can be compared with, or a limit out of range.</exception>
    public static void Check(EntityRange range, int limit)
    {
        CheckKey(range.Partition, MaxPartitionLength, nameof(range));
        CheckBound(range.From, nameof(range));
        CheckBound(range.Before, nameof(range));
        if (limit is < 1 or > EntityLimits.MaxPageEntities)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, $"A page holds 1 to {EntityLimits.MaxPageEntities} entities.");
        }
    }

    // Wider than a key: "everything" starts at the empty string, and the end of a prefix range is its last character's
    // successor, which may be one that keys may not hold.
    private static void CheckBound(string bound, string parameterName)
    {
        if (bound.Length > MaxRowLength || bound.AsSpan().ContainsAnyExceptInRange(' ', '\x7F'))
        {
            throw new ArgumentException($"'{bound}' is not a valid bound of a range.", parameterName);
        }
    }

    private static void CheckKey(string key, int maxLength, string parameterName)
    {
        if (key.Length == 0 || key.Length > maxLength || key.AsSpan().ContainsAnyExceptInRange(' ', '~') || key.AsSpan().ContainsAny("/\\#?%"))
        {
            throw new ArgumentException($"'{key}' is not a valid entity key.", parameterName);
        }
    }
}
