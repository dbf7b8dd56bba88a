using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.Infrastructure;

/// <summary>The settings that infra/modules/app.bicep gives the app, as names and as a configuration with values of the kind it puts there.</summary>
internal static partial class AzureSettings
{
    /// <summary>Whatever else is right in it depends on the deployment: these are what the other modules' outputs look like.</summary>
    private static readonly Dictionary<string, string> Values = new()
    {
        ["SecretFunctions__Store"] = "tables",
        ["SecretFunctions__Tables__Endpoint"] = "https://stsecretsabc.table.core.windows.net",
        ["SecretFunctions__Tables__Name"] = "SecretFunctions",
        ["SecretFunctions__Root__KeyVaultKey"] = "https://kv-sf-abc.vault.azure.net/keys/root",
        ["SecretFunctions__Root__KeyVaultKeyRestoredFrom"] = "https://kv-sf-lost.vault.azure.net/keys/root",
        ["SecretFunctions__SigningKeys__KeyVaultKey"] = "https://kv-sf-abc.vault.azure.net/keys/issuer",
        ["SecretFunctions__Issuer"] = "https://func-secrets-abc.azurewebsites.net",
        ["SecretFunctions__Maintenance__IntervalSeconds"] = "60",
        ["SecretFunctions__Providers__AllowedHosts"] = "vault.internal:8200",
        ["SecretFunctions__BootstrapKey"] = new string('a', 64),
        ["MaintenanceSchedule"] = "0 * * * * *",
        ["KeyRotationSchedule"] = "0 0 * * * *",
        ["RotationQueue"] = "rotation-events",
        ["AzureWebJobsStorage__queueServiceUri"] = "https://stsecretsabc.queue.core.windows.net",
    };

    public static string Source { get; } = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "infra", "modules", "app.bicep"));

    /// <summary>As the environment has them, with <c>__</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. SettingsObject().Matches(Source).SelectMany(static settings => Setting().Matches(settings.Groups[1].Value)).Select(static setting => setting.Groups[1].Value),
    ];

    /// <summary>What the app starts with in Azure, with changes.</summary>
    /// <param name="changes">By name; null takes a setting away.</param>
    public static IConfiguration Configuration(params (string Name, string? Value)[] changes)
    {
        var settings = Values.Where(static setting => Names.Contains(setting.Key)).ToDictionary(static setting => setting.Key, static setting => (string?)setting.Value);
        settings["WEBSITE_SITE_NAME"] = "func-secrets-abc";
        foreach (var (name, value) in changes)
        {
            settings[name] = value;
        }

        return new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Where(static setting => setting.Value is not null)
                .Select(static setting => KeyValuePair.Create(setting.Key.Replace("__", ":", StringComparison.Ordinal), setting.Value)))
            .Build();
    }

    /// <summary>Those the test knows a value for; the rest is the platform's.</summary>
    public static bool IsKnown(string name) => Values.ContainsKey(name);

    [GeneratedRegex(@"^var \w+Settings = \{\n(.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex SettingsObject();

    [GeneratedRegex(@"^  (\w+):", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
