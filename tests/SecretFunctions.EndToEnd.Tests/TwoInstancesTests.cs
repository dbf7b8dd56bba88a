using System.Net;
using System.Text;
using SecretFunctions.Contracts;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>Two processes on one store: what one changes, the other shows within the consistency window.</summary>
public sealed class TwoInstancesTests(Azurite azurite) : IClassFixture<Azurite>, IDisposable
{
    private const string Key = "the-operators-own-key-0123456789-0123";

    // The window, and what a busy machine may add to it: an instance that never looked again would not show the change at all.
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = Window + TimeSpan.FromSeconds(4);

    private static readonly VariableName Shared = new("dev", "SHARED", null);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    [Trait("Category", "Emulator")]
    public async Task On_the_same_tables_a_change_and_a_revocation_at_one_reach_the_other()
    {
        (string, string)[] settings =
        [
            ("SecretFunctions__Store", "tables"),
            ("SecretFunctions__Tables__ConnectionString", azurite.ConnectionString),
            ("SecretFunctions__Tables__Name", Azurite.NewTableName()),
            ("SecretFunctions__BootstrapKey", Key),
            ("SecretFunctions__ConsistencyWindowSeconds", $"{Window.TotalSeconds}"),
        ];
        await CheckAsync(settings);
    }

    [Fact]
    public async Task On_the_same_folder_a_change_and_a_revocation_at_one_reach_the_other() =>
        await CheckAsync([("SecretFunctions__BootstrapKey", Key), ("SecretFunctions__ConsistencyWindowSeconds", $"{Window.TotalSeconds}")]);

    public void Dispose() => _folder.Dispose();

    private async Task CheckAsync((string, string)[] settings)
    {
        var starts = await Task.WhenAll(
            ServerProcess.StartAsync(_folder.File("data"), settings), ServerProcess.StartAsync(_folder.File("data"), settings));
        await using var one = starts[0];
        await using var other = starts[1];
        using var here = one.Client(Key);
        await PutAsync(here, "before");
        var made = await here.CreateApiKeyAsync(
            new ApiKeyRequest
            {
                Name = "there",
                Principal = new PrincipalReference("service", "reader"),
                Permissions = new Dictionary<string, string> { ["secret_values"] = "view" },
            },
            CancellationToken.None);
        using var there = other.Client(Encoding.ASCII.GetString(made.Key!.Reveal()));

        // The other instance is warm: it knows the key, the plan and the value.
        await Eventually.TrueAsync(async () => await TryResolveAsync(there) == "before", Bound, "the first value arrives");

        await PutAsync(here, "after");
        await Eventually.TrueAsync(async () => await TryResolveAsync(there) == "after", Bound, "the second value arrives");

        await here.DeleteApiKeyAsync(made.Id, CancellationToken.None);
        await Eventually.TrueAsync(async () => await TryResolveAsync(there) is null, Bound, "the revocation arrives");
    }

    private static Task PutAsync(SecretFunctionsClient client, string value) =>
        client.PutVariableAsync(Shared, new VariableRequest { Value = new SensitiveText(Encoding.UTF8.GetBytes(value)) }, CancellationToken.None);

    /// <summary>Null where the key is refused; any other failure is one of the test.</summary>
    private static async Task<string?> TryResolveAsync(SecretFunctionsClient client)
    {
        try
        {
            var resolved = await client.ResolveAsync(new ResolveRequest(), CancellationToken.None);
            return Encoding.UTF8.GetString(resolved.Variables[Shared.Key].Reveal());
        }
        catch (SecretFunctionsException exception) when (exception.Status == (int)HttpStatusCode.Unauthorized)
        {
            return null;
        }
    }
}
