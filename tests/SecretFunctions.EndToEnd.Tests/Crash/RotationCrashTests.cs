using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests.Crash;

public sealed class RotationCrashTests : IDisposable
{
    private const string OperatorKey = "the-operators-own-key-0123456789-0123";
    private const int Rounds = 4;
    private const ulong Seed = 19_850;

    private readonly TemporaryFolder _folder = new();
    private readonly Ledger _ledger = new();

    [Fact]
    public async Task A_server_killed_while_its_keys_are_rotated_under_writes_loses_nothing()
    {
        var numbers = new SeededNumbers(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await StartAsync();
            await _ledger.VerifyAsync(server, OperatorKey);
            await WriteAndRotateUntilKilledAsync(server, round, numbers);
        }

        await using (var last = await StartAsync())
        {
            using var client = last.Client(OperatorKey);
            await client.RotateKeyAsync("root", CancellationToken.None);
            await client.RotateKeyAsync("organization", CancellationToken.None);
            await Eventually.TrueAsync(async () => (await client.ListKeysAsync(CancellationToken.None)).Items.All(static kind => kind.Rotation is null), Rotations.Patience, "rotations end");
            await _ledger.VerifyAsync(last, OperatorKey);
            await last.StopAsync();
        }

        // All of it lies under the newest root key: the others are taken out of the file.
        await Rotations.KeepNewestRootKeyAsync(_folder.File("data"));
        await using var reduced = await StartAsync();
        await _ledger.VerifyAsync(reduced, OperatorKey);
        _ledger.Acknowledged.ShouldBeGreaterThan(Rounds * 10);
    }

    public void Dispose() => _folder.Dispose();

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(_folder.File("data"), Rotations.Settings(OperatorKey));

    /// <summary>Each kind is rotated at some acknowledgement, and the server killed at a later one, or while it is at work on them.</summary>
    private async Task WriteAndRotateUntilKilledAsync(ServerProcess server, int round, SeededNumbers numbers)
    {
        using var client = server.Client(OperatorKey);
        var (rotateRoot, rotateOrganization, more) = (numbers.Between(5, 40), numbers.Between(5, 40), numbers.Between(10, 2000));
        try
        {
            var moved = false;
            for (var i = 0; ; i++)
            {
                _ledger.Acknowledge(i % 2 == 0 ? await Ledger.PutAsync(client, $"R{round}_{i}") : await Ledger.ImportAsync(client, $"R{round}_{i}"));
                if (i == rotateRoot)
                {
                    await client.RotateKeyAsync("root", CancellationToken.None);
                }

                if (i == rotateOrganization)
                {
                    await client.RotateKeyAsync("organization", CancellationToken.None);
                }

                // Every other round is killed soon after, and the others somewhere in the work that follows.
                moved = moved || i < rotateRoot || i < rotateOrganization || round % 2 == 0
                    || (await client.ListKeysAsync(CancellationToken.None)).Items.Any(static kind => kind is { Kind: "organization", Rotation.Step: not "publishing" });
                if (i > rotateRoot && i > rotateOrganization && moved && --more % 20 == 0)
                {
                    await server.KillAsync();
                }
            }
        }
        catch (SecretFunctionsException exception) when (exception.Code == SecretFunctionsException.Unreachable)
        {
            // Killed: whether this last write is there, nobody was told.
        }
    }
}
