using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.Storage.Sqlite;

namespace SecretFunctions.Storage.Tests.Sqlite;

public sealed class SqliteCrashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_killed_process_loses_no_acknowledged_transaction_and_leaves_no_half_one()
    {
        var acknowledged = new HashSet<string>();
        for (var run = 0; run < 5; run++)
        {
            acknowledged.UnionWith(await WriteUntilKilledAsync($"{run}", RandomNumberGenerator.GetInt32(1, 1500)));

            using var store = SqliteEntityStore.Open(_folder.Path, NullLogger<SqliteEntityStore>.Instance);
            var found = await CountRowsAsync(store);
            found.Values.ShouldAllBe(count => count == CrashingWriter.RowsPerTransaction);
            acknowledged.Except(found.Keys).ShouldBeEmpty();
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<List<string>> WriteUntilKilledAsync(string run, int acknowledgements)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CrashingWriter).Assembly.Location, _folder.Path, run])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var acknowledged = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            line.ShouldNotBe("refused");

            // Without its full stop a line was cut off by the kill.
            if (line.EndsWith('.'))
            {
                acknowledged.Add(line[..^1]);
            }

            if (acknowledged.Count == acknowledgements)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
        acknowledged.Count.ShouldBeGreaterThanOrEqualTo(acknowledgements, "the writer must not end by itself");
        return acknowledged;
    }

    private static async Task<Dictionary<string, int>> CountRowsAsync(SqliteEntityStore store)
    {
        var counts = new Dictionary<string, int>();
        string? continuation = null;
        do
        {
            var page = await store.QueryAsync(
                new EntityRange(CrashingWriter.Partition, "", "\u007F"), EntityLimits.MaxPageEntities, continuation, CancellationToken.None);
            foreach (var entity in page.Entities)
            {
                var name = entity.Key.Row[..entity.Key.Row.IndexOf('.', StringComparison.Ordinal)];
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
        return counts;
    }
}
