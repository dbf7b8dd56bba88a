using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Sqlite;

namespace SecretFunctions.Storage.Tests.Sqlite;

/// <summary>
/// The process that the crash test kills: it writes transactions from several tasks until it dies, and prints the name
/// of each one after its acknowledgement.
/// </summary>
internal static class CrashingWriter
{
    public const string Partition = "crash";
    public const int RowsPerTransaction = 3;

    private const int Writers = 16;

    public static async Task RunAsync(string folder, string run)
    {
        using var store = SqliteEntityStore.Open(folder, NullLogger<SqliteEntityStore>.Instance);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteForeverAsync(store, $"{run}-{writer}")));
    }

    private static async Task WriteForeverAsync(SqliteEntityStore store, string prefix)
    {
        for (var i = 0; ; i++)
        {
            var name = $"{prefix}-{i}";

            // The data fills pages and overflow pages, so that a kill finds work in progress.
            var data = new byte[3000];
            var writes = Enumerable.Range(0, RowsPerTransaction).Select(row => EntityWrite.Insert($"{name}.{row}", data)).ToList();
            var result = await store.WriteAsync(Partition, writes, CancellationToken.None);
            await Console.Out.WriteLineAsync(result.Applied ? $"{name}." : "refused");
        }
    }
}
