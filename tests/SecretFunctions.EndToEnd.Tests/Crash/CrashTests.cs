using System.Text;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests.Crash;

public sealed class CrashTests : IDisposable
{
    private const string OperatorKey = "the-operators-own-key-0123456789-0123";
    private const int Rounds = 5;
    private const int Writers = 8;
    private const ulong Seed = 20_260;

    private readonly TemporaryFolder _folder = new();
    private readonly Ledger _ledger = new();

    [Fact]
    public async Task A_server_killed_at_random_moments_under_concurrent_writes_loses_and_halves_nothing()
    {
        var numbers = new SeededNumbers(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await StartAsync();
            await _ledger.VerifyAsync(server, OperatorKey);
            await WriteUntilKilledAsync(server, round, numbers.Between(10, 250));
        }

        await using var last = await StartAsync();
        await _ledger.VerifyAsync(last, OperatorKey);
        _ledger.Acknowledged.ShouldBeGreaterThan(Rounds * 10);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(_folder.File("data"), ("SecretFunctions__BootstrapKey", OperatorKey));

    /// <summary>The kill falls on an acknowledgement to one writer, whatever the store does for the others at that moment.</summary>
    private async Task WriteUntilKilledAsync(ServerProcess server, int round, int acknowledgements)
    {
        var before = _ledger.Acknowledged;
        using var client = server.Client(OperatorKey);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async writer =>
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    if (await WriteAsync(client, $"R{round}_W{writer}_{i}", $"COUNTER{writer}", i) - before == acknowledgements)
                    {
                        await server.KillAsync();
                    }
                }
            }
            catch (SecretFunctionsException exception) when (exception.Code == SecretFunctionsException.Unreachable)
            {
                // Killed: whether this last write is there, nobody was told.
            }
        }));
    }

    private async Task<int> WriteAsync(SecretFunctionsClient client, string name, string counter, int i)
    {
        switch (i % 3)
        {
            case 0:
                return _ledger.Acknowledge(await Ledger.PutAsync(client, name));
            case 1:
                return _ledger.Acknowledge(await Ledger.ImportAsync(client, name));
            default:
                var count = _ledger.LastCount(counter) + 1;
                using (var value = new SensitiveText(Encoding.ASCII.GetBytes($"{count}")))
                {
                    await client.PutVariableAsync(new("dev", counter, null), new VariableRequest { Value = value }, CancellationToken.None);
                }

                return _ledger.AcknowledgeCount(counter, count);
        }
    }
}
