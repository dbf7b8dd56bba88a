using System.Text.RegularExpressions;

namespace SecretFunctions.Core.Tests.Variables;

/// <summary>Writes what the parsers read, the other way round and as plainly as can be.</summary>
internal static class DotenvWriter
{
    /// <param name="key">A valid key.</param>
    /// <param name="value">Any text without NUL.</param>
    /// <param name="style">0 unquoted, 1 single quotes, 2 backticks; where the value does not fit into it, or else: double quotes.</param>
    public static string Write(string key, string value, int style) => style switch
    {
        0 when value.AsSpan().Trim(" \t").Length == value.Length && value.IndexOfAny(['\r', '\n']) < 0
            && !Regex.IsMatch(value, "^[\"'`]|[ \t]#") => $"{key}={value}",
        1 when value.IndexOfAny(['\'', '\r']) < 0 => $"export {key} = '{value}' # comment",
        2 when value.IndexOfAny(['`', '\r']) < 0 => $"\t{key}\t=`{value}`#",
        _ => $"{key}=\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", "\\r")}\"",
    };

    /// <summary>The template that renders to <paramref name="text"/>.</summary>
    public static string EscapeBraces(string text) => Regex.Replace(text, @"(\\*)\{\{", match => match.Groups[1].Value + match.Groups[1].Value + "\\{{");
}
