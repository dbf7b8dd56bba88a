using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SecretFunctions.Hosting;

/// <summary>
/// What the head for Azure Functions needs beside <c>SecretFunctions:*</c>. Without these checks the platform would start it, and leave out a timer
/// whose schedule is missing; or the service would keep its data on a disk that goes with the instance.
/// </summary>
public static partial class FunctionsSettings
{
    /// <summary>When the timer for maintenance fires.</summary>
    public const string MaintenanceSchedule = "MaintenanceSchedule";

    /// <summary>When the timer for signing keys fires.</summary>
    public const string KeyRotationSchedule = "KeyRotationSchedule";

    /// <summary>The storage queue that rotation events come through.</summary>
    public const string RotationQueue = "RotationQueue";

    /// <summary>The host's own storage account, and the queue's.</summary>
    public const string HostStorage = "AzureWebJobsStorage";

    /// <summary>Set in Azure and nowhere else: the app's name.</summary>
    private const string SiteName = "WEBSITE_SITE_NAME";

    /// <summary>Call it first in the head: it is about what the composition cannot know, and about what the composition takes for a choice.</summary>
    /// <exception cref="SetupException">Settings are missing or wrong: all of them are named, and no value is repeated.</exception>
    public static void Check(IConfiguration configuration)
    {
        var problems = new[] { MaintenanceSchedule, KeyRotationSchedule }.Select(name => CheckSchedule(configuration, name))
            .Append(CheckQueue(configuration))
            .Concat(string.IsNullOrEmpty(configuration[SiteName]) ? [] : CheckForAzure(configuration.GetSection(SecretFunctionsOptions.Section)))
            .OfType<string>()
            .ToArray();
        if (problems.Length > 0)
        {
            throw new SetupException(string.Join(' ', problems));
        }
    }

    private static string? CheckSchedule(IConfiguration configuration, string name) =>
        configuration[name] is { Length: > 0 } schedule && Schedule().IsMatch(schedule)
            ? null
            : $"{name} must be a schedule of six fields (second, minute, hour, day, month, day of the week; UTC), such as '0 * * * * *'.";

    private static string? CheckQueue(IConfiguration configuration)
    {
        if (configuration[RotationQueue] is not { Length: >= 3 and <= 63 } queue || !QueueName().IsMatch(queue))
        {
            return $"{RotationQueue} must be a queue's name: 3 to 63 lower-case letters, digits and single hyphens.";
        }

        return string.IsNullOrWhiteSpace(configuration[HostStorage]) && string.IsNullOrWhiteSpace(configuration[$"{HostStorage}:queueServiceUri"])
            ? $"{HostStorage} must be set, or {HostStorage}__queueServiceUri with an identity: the queue {RotationQueue} lies there."
            : null;
    }

    /// <summary>An instance there has no disk of its own, no loopback address that anybody could reach, and no file that outlives it.</summary>
    private static IEnumerable<string> CheckForAzure(IConfigurationSection section)
    {
        if (!string.Equals(section["Store"], "tables", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"{section.Key}:Store must be 'tables' in Azure Functions: an instance's disk is gone with the instance.";
        }

        if (section["Root:KeyVaultKey"] is null)
        {
            yield return $"{section.Key}:Root:KeyVaultKey must be set in Azure Functions: a root key's file is gone with the instance.";
        }

        if (section["Issuer"] is null)
        {
            yield return $"{section.Key}:Issuer must be set in Azure Functions, to the public address that clouds fetch the signing keys from.";
        }
    }

    [GeneratedRegex(@"^[0-9A-Za-z*/,-]+(?: [0-9A-Za-z*/,-]+){5}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Schedule();

    [GeneratedRegex(@"^[a-z0-9]+(?:-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex QueueName();
}
