using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging;

namespace SecretFunctions.Hosting;

/// <summary>What every head logs unless its operator says otherwise. The web framework alone would write several lines for each request.</summary>
public static class LogLevels
{
    private const string Section = "Logging";

    /// <summary>Call it first, once the head knows all of its settings.</summary>
    /// <exception cref="SetupException">What an operator says is no level. The logging framework would throw it later, as something that went wrong inside.</exception>
    public static void Settle(IConfigurationManager configuration)
    {
        // Beneath every other source, so that the operator's word on a category holds.
        configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = [KeyValuePair.Create<string, string?>($"{Section}:LogLevel:Microsoft.AspNetCore", nameof(LogLevel.Warning))],
        });
        foreach (var setting in configuration.GetSection(Section).AsEnumerable())
        {
            if (setting.Key.Contains(":LogLevel:", StringComparison.OrdinalIgnoreCase) && setting.Value is not null && !Enum.TryParse<LogLevel>(setting.Value, ignoreCase: true, out _))
            {
                throw new SetupException($"{setting.Key} must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            }
        }
    }
}
