using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary>Options and arguments that several commands spell the same.</summary>
internal static class CommonOptions
{
    public const string DefaultEnvironment = "dev";

    public static Argument<string> Name(string what) => new("name") { Description = $"The {what}'s name." };

    public static Option<string?> DisplayName() => new("--display-name") { Description = "A name for people. Left out, it stays as it is." };

    public static Option<string?> Description() => new("--description") { Description = "Words about it. Left out, they stay as they are." };

    public static Option<string> Environment() =>
        new("--environment", "-e") { Description = "The environment.", DefaultValueFactory = static _ => DefaultEnvironment };

    public static Option<bool> Release() => new("--release") { Description = "Let the name be taken again; clouds may still trust it." };

    public static Option<int?> Limit(int? standard) => new("--limit")
    {
        Description = standard is null ? "The most to list; all where it is left out." : $"The most to list (default {standard}).",
        DefaultValueFactory = _ => standard,
    };

    public static Option<string[]> Tags(string description) => new("--tag") { Description = description };

    /// <summary>Null where there are none.</summary>
    public static Dictionary<string, string>? ParsePermissions(string[] texts)
    {
        var permissions = new Dictionary<string, string>();
        foreach (var text in texts)
        {
            if (text.Split('=') is not [var feature, var level] || !permissions.TryAdd(feature, level))
            {
                throw new UsageException("--permission must be FEATURE=LEVEL, each feature once.");
            }
        }

        return permissions.Count == 0 ? null : permissions;
    }

    public static Option<DateTimeOffset?> ExpiresAt() => new("--expires-at") { Description = "When it ends: 2030-01-31T12:00:00Z.", CustomParser = ParseTime };

    /// <summary>Null where none is named: a request leaves it out then.</summary>
    public static string[]? Some(string[]? names) => names is { Length: > 0 } ? names : null;

    /// <summary>A cloud's or provider's own fields, as texts.</summary>
    public static Dictionary<string, JsonElement> ParseFields(string[] texts)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } field, var value] || !fields.TryAdd(field, Text(value)))
            {
                throw new UsageException("--field must be NAME=VALUE, each field once.");
            }
        }

        return fields;
    }

    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, Printer.Types.String);

    /// <param name="forms">What it can be: <c>member:E-MAIL or automation:NAME</c>.</param>
    public static Option<PrincipalReference> Principal(string forms) => new("--for")
    {
        Description = $"Whom it stands for: {forms}.",
        Required = true,
        CustomParser = result =>
        {
            if (result.Tokens[0].Value.Split(':', 2) is [{ Length: > 0 } type, { Length: > 0 } name])
            {
                return new PrincipalReference(type, name);
            }

            result.AddError($"--for must be {forms}.");
            return null;
        },
    };

    private static DateTimeOffset? ParseTime(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError("--expires-at must be a time such as 2030-01-31T12:00:00Z.");
        return null;
    }
}
