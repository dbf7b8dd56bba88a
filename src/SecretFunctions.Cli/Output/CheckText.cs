using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Output;

/// <summary>What a test tried: a line for each check, and what to do about those that failed.</summary>
internal static class CheckText
{
    /// <summary>As wide as the words before a check's name.</summary>
    private const string Indent = "        ";

    /// <returns>How wide the names are, for what is to stand below.</returns>
    public static int Write(TextWriter writer, IReadOnlyList<CredentialTestCheck> checks)
    {
        var width = checks.Max(static check => check.Name.Length);
        foreach (var check in checks)
        {
            writer.WriteLine($"{(check.Ok ? "ok" : "FAILED"),-6}  {check.Name.PadRight(width)}  {Table.Printable(check.Detail)}".TrimEnd());
            if (!check.Ok)
            {
                writer.WriteLine($"{Indent}{new string(' ', width + 2)}{string.Join(", ", new[] { check.Code, check.ProviderCode }.OfType<string>().Select(Table.Printable))}");
                writer.WriteLine($"{Indent}{new string(' ', width + 2)}{Table.Printable(check.Hint)}".TrimEnd());
            }
        }

        return width;
    }
}
