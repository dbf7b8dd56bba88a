namespace SecretFunctions.Cli.Output;

/// <summary>Text in columns.</summary>
internal static class Table
{
    private const string Gap = "  ";

    public static void Write(TextWriter writer, string[] names, IReadOnlyList<string?[]> rows)
    {
        string[][] lines = [names, .. rows.Select(static row => row.Select(Printable).ToArray())];
        var widths = Enumerable.Range(0, names.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            writer.WriteLine(string.Join(Gap, line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    public static void WriteProperties(TextWriter writer, IReadOnlyList<(string Name, string? Value)> properties)
    {
        var width = properties.Max(static property => property.Name.Length);
        foreach (var (name, value) in properties)
        {
            writer.WriteLine($"{name.PadRight(width)}{Gap}{Printable(value)}".TrimEnd());
        }
    }

    /// <summary>What a limit names; without one it is all.</summary>
    public static string Names(IReadOnlyCollection<string>? names) => names is null or { Count: 0 } ? "all" : string.Join(',', names);

    /// <summary>Others wrote these texts: no control character of theirs reaches the terminal.</summary>
    public static string Printable(string? text) => string.Create(text?.Length ?? 0, text ?? "", static (span, text) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = char.IsControl(text[i]) ? '?' : text[i];
        }
    });
}
