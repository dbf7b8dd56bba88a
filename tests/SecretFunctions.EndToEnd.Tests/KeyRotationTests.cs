using System.Text;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

public sealed class KeyRotationTests : IDisposable
{
    private const string OperatorKey = "the-operators-own-key-0123456789-0123";
    private const int Variables = 12;
    private const int Resolvers = 3;

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.File("data");

    [Fact]
    public async Task Keys_of_all_kinds_are_rotated_twice_under_a_steady_load_without_an_error_or_a_value_lost()
    {
        await using (var server = await StartAsync(Data))
        {
            using var client = server.Client(OperatorKey);
            await FillAsync(client);
            using var over = new CancellationTokenSource();
            var load = Enumerable.Range(0, Resolvers).Select(_ => LoadAsync(client, over.Token)).Append(WriteAsync(client, over.Token)).ToArray();
            for (var round = 0; round < 2; round++)
            {
                await RotateAllAsync(client);
                await EndedAsync(client);
            }

            await over.CancelAsync();
            (await Task.WhenAll(load)).Min().ShouldBeGreaterThan(10, "there was a load all the while");
            (await client.ListKeysAsync(CancellationToken.None)).Items.Single(static kind => kind.Kind == "organization").Keys.ShouldHaveSingleItem().Id.ShouldBe("3");
            await server.StopAsync();
        }

        await Rotations.KeepNewestRootKeyAsync(Data);
        await using var restarted = await StartAsync(Data);
        using var last = restarted.Client(OperatorKey);
        (await ResolveAsync(last)).ShouldBe(Expected(), ignoreOrder: true);
    }

    [Fact]
    public async Task Backups_from_before_and_after_rotations_open_on_a_fresh_instance_with_the_root_key_of_their_time()
    {
        await using (var server = await StartAsync(Data))
        {
            using var client = server.Client(OperatorKey);
            await FillAsync(client);
            await server.StopAsync();
        }

        // The server stopped: the database with what lies beside it.
        Copy(Data, _folder.File("before"));
        await using (var server = await StartAsync(Data))
        {
            using var client = server.Client(OperatorKey);
            for (var round = 0; round < 2; round++)
            {
                await client.RotateKeyAsync("root", CancellationToken.None);
                await client.RotateKeyAsync("organization", CancellationToken.None);
                await EndedAsync(client);
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
            await using var restored = await StartAsync(_folder.File(backup));
            using var client = restored.Client(OperatorKey);
            (await ResolveAsync(client)).ShouldBe(Expected(), ignoreOrder: true, backup);
        }

        // The old database with the new key file as it is, too: it keeps the earlier keys.
        File.Copy(Path.Combine(Data, "root.key"), Path.Combine(_folder.File("before"), "root.key"), overwrite: true);
        await using var both = await StartAsync(_folder.File("before"));
        using var again = both.Client(OperatorKey);
        (await ResolveAsync(again)).ShouldBe(Expected(), ignoreOrder: true);
    }

    public void Dispose() => _folder.Dispose();

    private static Task<ServerProcess> StartAsync(string data) => ServerProcess.StartAsync(data, Rotations.Settings(OperatorKey));

    private static Dictionary<string, string> Expected() => Enumerable.Range(0, Variables).ToDictionary(static i => $"KEY_{i}", static i => $"value of {i}");

    private static async Task FillAsync(SecretFunctionsClient client)
    {
        foreach (var (key, text) in Expected())
        {
            await PutAsync(client, key, text);
        }

        await client.PutAutomationAsync("crew", new AutomationRequest { Project = "default" }, CancellationToken.None);
        await client.PutAssignmentsAsync(
            "crew", "dev", new AssignmentsRequest { Items = [.. Expected().Keys.Select(static key => new AssignmentItem { Key = key })] }, null, CancellationToken.None);
    }

    private static async Task PutAsync(SecretFunctionsClient client, string key, string text)
    {
        using var value = new SensitiveText(Encoding.UTF8.GetBytes(text));
        await client.PutVariableAsync(new("dev", key, null), new VariableRequest { Value = value }, CancellationToken.None);
    }

    private static async Task<Dictionary<string, string>> ResolveAsync(SecretFunctionsClient client)
    {
        var answer = await client.ResolveAsync(new ResolveRequest { Automation = "crew" }, CancellationToken.None);
        return answer.Variables.ToDictionary(static pair => pair.Key, static pair => Encoding.UTF8.GetString(pair.Value.Reveal()));
    }

    private static async Task<int> LoadAsync(SecretFunctionsClient client, CancellationToken over)
    {
        var count = 0;
        for (; !over.IsCancellationRequested; count++)
        {
            (await ResolveAsync(client)).ShouldBe(Expected(), ignoreOrder: true);
        }

        return count;
    }

    /// <summary>The same values anew, so that plans are built again and rows change under the walk.</summary>
    private static async Task<int> WriteAsync(SecretFunctionsClient client, CancellationToken over)
    {
        var count = 0;
        for (; !over.IsCancellationRequested; count++)
        {
            var (key, text) = Expected().ElementAt(count % Variables);
            await PutAsync(client, key, text);
        }

        return count;
    }

    private static async Task RotateAllAsync(SecretFunctionsClient client)
    {
        foreach (var kind in new[] { "root", "organization", "sealing" })
        {
            await client.RotateKeyAsync(kind, CancellationToken.None);
        }

        // A signing key waits a day for its turn; revoking the active one is what brings it forward.
        var signing = await client.RotateKeyAsync("signing", CancellationToken.None);
        if (signing.Keys.FirstOrDefault(static key => key.State == "active") is { } active && signing.Keys.Count > 1)
        {
            await client.RevokeSigningKeyAsync(active.Id, CancellationToken.None);
        }
    }

    private static Task EndedAsync(SecretFunctionsClient client) => Eventually.TrueAsync(
        async () => (await client.ListKeysAsync(CancellationToken.None)).Items.All(static kind => kind.Rotation is null), Rotations.Patience, "rotations end");

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
