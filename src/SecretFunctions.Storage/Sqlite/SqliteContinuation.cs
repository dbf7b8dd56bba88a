using System.Buffers.Text;
using System.Text;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Sqlite;

/// <summary>Where a page ended: its last row, encoded so that callers do not come to rely on it.</summary>
internal static class SqliteContinuation
{
    public static string Encode(string lastRow) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(lastRow));

    /// <exception cref="ArgumentException">Not a continuation of this range. A row outside it would widen the query.</exception>
    public static string Decode(string continuation, EntityRange range)
    {
        if (Base64Url.IsValid(continuation, out var length) && length is > 0 and <= 512)
        {
            var row = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(continuation));
            EntityRules.Check(new EntityKey(range.Partition, row));
            if (string.CompareOrdinal(row, range.From) >= 0 && string.CompareOrdinal(row, range.Before) < 0)
            {
                return row;
            }
        }

        throw new ArgumentException("Not a continuation of this query.", nameof(continuation));
    }
}
