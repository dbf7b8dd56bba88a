using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

public sealed class RotationBackupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.File("data");

    [Fact]
    public async Task Backups_from_before_and_after_rotations_open_on_a_fresh_instance_with_the_root_key_of_their_time()
    {
        await using (var server = await Rotations.StartAsync(Data))
        {
            using var client = server.Client(Rotations.OperatorKey);
            await Rotations.FillAsync(client);
            await server.StopAsync();
        }

        // The server stopped: the database with what lies beside it.
        Copy(Data, _folder.File("before"));
        await using (var server = await Rotations.StartAsync(Data))
        {
            using var client = server.Client(Rotations.OperatorKey);
            for (var round = 0; round < 2; round++)
            {
                await client.RotateKeyAsync("root", CancellationToken.None);
                await client.RotateKeyAsync("organization", CancellationToken.None);
                await Rotations.EndedAsync(client);
            }

            // And while it runs, as the handbook says, where the tool is at hand.
            Directory.CreateDirectory(_folder.File("after"));
            if (File.Exists("/usr/bin/sqlite3"))
            {
                (await Outcome.RunAsync(Programs.Start("sqlite3", [Path.Combine(Data, "secretfunctions.db"), $".backup {_folder.File("after")}/secretfunctions.db"]))).ShouldSucceed();
            }

            await server.StopAsync();
        }

        if (!File.Exists(Path.Combine(_folder.File("after"), "secretfunctions.db")))
        {
            Copy(Data, _folder.File("after"));
        }

        File.Copy(Path.Combine(Data, "root.key"), Path.Combine(_folder.File("after"), "root.key"), overwrite: true);
        await Rotations.KeepNewestRootKeyAsync(_folder.File("after"));
        (await File.ReadAllLinesAsync(Path.Combine(_folder.File("before"), "root.key"))).ShouldHaveSingleItem();
        foreach (var backup in new[] { "before", "after" })
        {
            await using var restored = await Rotations.StartAsync(_folder.File(backup));
            using var client = restored.Client(Rotations.OperatorKey);
            (await Rotations.ResolveAsync(client)).ShouldBe(Rotations.Expected(), ignoreOrder: true, backup);
        }

        // The old database with the new key file as it is, too: it keeps the earlier keys.
        File.Copy(Path.Combine(Data, "root.key"), Path.Combine(_folder.File("before"), "root.key"), overwrite: true);
        await using var both = await Rotations.StartAsync(_folder.File("before"));
        using var again = both.Client(Rotations.OperatorKey);
        (await Rotations.ResolveAsync(again)).ShouldBe(Rotations.Expected(), ignoreOrder: true);
    }

    public void Dispose() => _folder.Dispose();

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
