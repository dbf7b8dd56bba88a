namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>What tests that rotate keys have in common.</summary>
internal static class Rotations
{
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

    /// <summary>What an operator does who needs no backup from before.</summary>
    public static async Task KeepNewestRootKeyAsync(string data)
    {
        var path = Path.Combine(data, "root.key");
        var lines = await File.ReadAllLinesAsync(path);
        lines.Length.ShouldBeGreaterThan(1);
        await File.WriteAllTextAsync(path, $"{lines[0]}\n");
    }
}
