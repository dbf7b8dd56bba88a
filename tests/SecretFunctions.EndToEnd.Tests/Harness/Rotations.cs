using System.Text;
using SecretFunctions.Contracts;

namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>What tests that rotate keys have in common.</summary>
internal static class Rotations
{
    public const string OperatorKey = "the-operators-own-key-0123456789-0123";
    public const int Variables = 12;

    /// <summary>Several rounds and the time of grace, on a machine that has much to do.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>As short as they may be, and no limits to the load.</summary>
    public static (string Name, string Value)[] Settings(string operatorKey) =>
    [
        ("SecretFunctions__BootstrapKey", operatorKey),
        ("SecretFunctions__Vault__KeyGraceSeconds", "10"),
        ("SecretFunctions__Maintenance__IntervalSeconds", "5"),
        ("SecretFunctions__Limits__PrincipalRequestsPerSecond", "0"),
        ("SecretFunctions__Limits__OrganizationRequestsPerSecond", "0"),
        ("SecretFunctions__Limits__CostlyRequestsPerSecond", "0"),
    ];

    public static Task<ServerProcess> StartAsync(string data) => ServerProcess.StartAsync(data, Settings(OperatorKey));

    public static Dictionary<string, string> Expected() => Enumerable.Range(0, Variables).ToDictionary(static i => $"KEY_{i}", static i => $"value of {i}");

    public static async Task FillAsync(SecretFunctionsClient client)
    {
        foreach (var (key, text) in Expected())
        {
            await PutAsync(client, key, text);
        }

        await client.PutAutomationAsync("crew", new AutomationRequest { Project = "default" }, CancellationToken.None);
        await client.PutAssignmentsAsync(
            "crew", "dev", new AssignmentsRequest { Items = [.. Expected().Keys.Select(static key => new AssignmentItem { Key = key })] }, null, CancellationToken.None);
    }

    public static async Task PutAsync(SecretFunctionsClient client, string key, string text)
    {
        using var value = new SensitiveText(Encoding.UTF8.GetBytes(text));
        await client.PutVariableAsync(new("dev", key, null), new VariableRequest { Value = value }, CancellationToken.None);
    }

    public static async Task<Dictionary<string, string>> ResolveAsync(SecretFunctionsClient client)
    {
        var answer = await client.ResolveAsync(new ResolveRequest { Automation = "crew" }, CancellationToken.None);
        return answer.Variables.ToDictionary(static pair => pair.Key, static pair => Encoding.UTF8.GetString(pair.Value.Reveal()));
    }

    public static Task EndedAsync(SecretFunctionsClient client) => Eventually.TrueAsync(
        async () => (await client.ListKeysAsync(CancellationToken.None)).Items.All(static kind => kind.Rotation is null), Patience, "rotations end");

    /// <summary>What an operator does who needs no backup from before.</summary>
    public static async Task KeepNewestRootKeyAsync(string data)
    {
        var path = Path.Combine(data, "root.key");
        var lines = await File.ReadAllLinesAsync(path);
        lines.Length.ShouldBeGreaterThan(1);
        await File.WriteAllTextAsync(path, $"{lines[0]}\n");
    }
}
