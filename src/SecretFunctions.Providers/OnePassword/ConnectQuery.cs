using System.Text.RegularExpressions;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>How Connect tells ids from titles, and asks for titles.</summary>
internal static partial class ConnectQuery
{
    public static bool IsId(string text) => Id().IsMatch(text);

    /// <summary>Quotes and backslashes are escaped as in JSON (SCIM, RFC 7644 section 3.4.2.2).</summary>
    public static string Filter(string attribute, string value)
    {
        var escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"filter={Uri.EscapeDataString($"{attribute} eq \"{escaped}\"")}";
    }

    [GeneratedRegex("^[0-9a-z]{26}\\z")]
    private static partial Regex Id();
}
