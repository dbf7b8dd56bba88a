using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

public sealed class KeyRotationTests : IDisposable
{
    private const int Resolvers = 3;

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.File("data");

    [Fact]
    public async Task Keys_of_all_kinds_are_rotated_twice_under_a_steady_load_without_an_error_or_a_value_lost()
    {
        await using (var server = await Rotations.StartAsync(Data))
        {
            using var client = server.Client(Rotations.OperatorKey);
            await Rotations.FillAsync(client);
            using var over = new CancellationTokenSource();
            var load = Enumerable.Range(0, Resolvers).Select(_ => LoadAsync(client, over.Token)).Append(WriteAsync(client, over.Token)).ToArray();
            for (var round = 0; round < 2; round++)
            {
                await RotateAllAsync(client);
                await Rotations.EndedAsync(client);
            }

            await over.CancelAsync();
            (await Task.WhenAll(load)).Min().ShouldBeGreaterThan(10, "there was a load all the while");
            (await client.ListKeysAsync(CancellationToken.None)).Items.Single(static kind => kind.Kind == "organization").Keys.ShouldHaveSingleItem().Id.ShouldBe("3");
            await server.StopAsync();
        }

        await Rotations.KeepNewestRootKeyAsync(Data);
        await using var restarted = await Rotations.StartAsync(Data);
        using var last = restarted.Client(Rotations.OperatorKey);
        (await Rotations.ResolveAsync(last)).ShouldBe(Rotations.Expected(), ignoreOrder: true);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<int> LoadAsync(SecretFunctionsClient client, CancellationToken over)
    {
        var count = 0;
        for (; !over.IsCancellationRequested; count++)
        {
            (await Rotations.ResolveAsync(client)).ShouldBe(Rotations.Expected(), ignoreOrder: true);
        }

        return count;
    }

    /// <summary>The same values anew, so that plans are built again and rows change under the walk.</summary>
    private static async Task<int> WriteAsync(SecretFunctionsClient client, CancellationToken over)
    {
        var count = 0;
        for (; !over.IsCancellationRequested; count++)
        {
            var (key, text) = Rotations.Expected().ElementAt(count % Rotations.Variables);
            await Rotations.PutAsync(client, key, text);
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
}
