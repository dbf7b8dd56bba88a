using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Tables;

/// <summary>Keys as URLs and filters spell them.</summary>
internal static class TableKeys
{
    /// <summary>The part of an entity's URL after the table. Quotes are doubled, then everything is percent-encoded.</summary>
    public static string Path(EntityKey key) => $"(PartitionKey='{Escape(key.Partition)}',RowKey='{Escape(key.Row)}')";

    /// <summary>Not yet percent-encoded.</summary>
    public static string Filter(EntityRange range) =>
        $"PartitionKey eq {Literal(range.Partition)} and RowKey ge {Literal(range.From)} and RowKey lt {Literal(range.Before)}";

    private static string Escape(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));

    private static string Literal(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
