using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>
/// Text as a literal of each language that documents are in. Whatever the text holds, it stays text: nothing in it is expanded, run or read
/// from a file.
/// </summary>
internal static class Quoting
{
    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Indented = true,
        NewLine = "\n",
        // The documents stand in no web page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>POSIX shell, one word: nothing is special between single quotes but the single quote itself (POSIX XCU 2.2.2).</summary>
    public static string Shell(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>A here-document with nothing in it expanded (POSIX XCU 2.7.4). The word at its end is one that is no line of the content.</summary>
    public static string HereDocument(string command, string word, string content)
    {
        var lines = content.TrimEnd('\n').Split('\n');
        while (lines.Contains(word))
        {
            word += "_";
        }

        return $"{command} <<'{word}'\n{string.Join('\n', lines)}\n{word}\n";
    }

    /// <summary>HCL, with Terraform's templates (HCL syntax specification, "Template Literals").</summary>
    public static string Hcl(string text) =>
        $"\"{Escape(text, "\\\"", HclControl).Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal)}\"";

    public static string HclList(IEnumerable<string> texts) => List(texts.Select(Hcl), ",");

    public static string Bicep(string text) =>
        $"'{Escape(text, "\\'", static c => $"\\u{{{(int)c:x}}}").Replace("${", "\\${", StringComparison.Ordinal)}'";

    /// <summary>A line each: Bicep separates by lines.</summary>
    public static string BicepList(IEnumerable<string> texts) => List(texts.Select(Bicep), "");

    /// <summary>YAML 1.2.2 §7.3.1, double quoted: the style in which nothing is a type, a tag or an anchor.</summary>
    public static string Yaml(string text) => $"\"{Escape(text, "\\\"", HclControl)}\"";

    /// <summary>A string of the Common Expression Language.</summary>
    public static string Cel(string text) => $"\"{Escape(text, "\\\"", HclControl)}\"";

    /// <summary>
    /// A value of a condition in an IAM policy. There <c>${</c> begins a variable, and <c>${$}</c> is the dollar sign (IAM User Guide, "Policy
    /// variables").
    /// </summary>
    public static string Iam(string text) => text.Replace("${", "${$}{", StringComparison.Ordinal);

    /// <summary>
    /// A flag of gcloud that takes a list: a comma separates, unless the value begins by naming another separator between carets (gcloud topic
    /// escaping).
    /// </summary>
    public static string GcloudList(IReadOnlyCollection<string> values)
    {
        if (!values.Any(static value => value.Contains(',', StringComparison.Ordinal) || value.StartsWith('^')))
        {
            return string.Join(',', values);
        }

        // No end of it is its beginning, so that it cannot be found half in a value.
        var number = 0;
        string separator;
        do
        {
            separator = string.Create(CultureInfo.InvariantCulture, $"<{number++}>");
        }
        while (values.Any(value => value.Contains(separator, StringComparison.Ordinal)));

        return $"^{separator}^{string.Join(separator, values)}";
    }

    public static string Json(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonOptions))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    /// <summary>In one line.</summary>
    public static string JsonLine(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, JsonOptions with { Indented = false }))
        {
            node.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    public static JsonArray JsonList(IEnumerable<string> texts) => [.. texts.Select(static text => (JsonNode)text)];

    private static string List(IEnumerable<string> literals, string separator) =>
        $"[\n{string.Concat(literals.Select(literal => $"    {literal}{separator}\n"))}  ]";

    private static string HclControl(char control) => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)control:x4}");

    /// <param name="special">Get a backslash before them.</param>
    private static string Escape(string text, string special, Func<char, string> control)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var character in text)
        {
            _ = character switch
            {
                '\n' => escaped.Append("\\n"),
                '\r' => escaped.Append("\\r"),
                '\t' => escaped.Append("\\t"),
                // Also the line ends of Unicode, which YAML takes for such.
                _ when char.IsControl(character) || character is '\u2028' or '\u2029' or '\ufeff' => escaped.Append(control(character)),
                _ when special.Contains(character, StringComparison.Ordinal) => escaped.Append('\\').Append(character),
                _ => escaped.Append(character),
            };
        }

        return escaped.ToString();
    }
}
