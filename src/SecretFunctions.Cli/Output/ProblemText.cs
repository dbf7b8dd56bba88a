using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Output;

/// <summary>A failure for people: what, where, and what to do about it.</summary>
internal static class ProblemText
{
    public static void Write(TextWriter writer, SecretFunctionsException problem)
    {
        writer.WriteLine($"secretfunctions: {Table.Printable(problem.Detail)} ({Table.Printable(problem.Code)})");
        WriteHint(writer, problem.Hint, "  ");
        WriteErrors(writer, problem.Errors);
        if (problem.Status >= 500 && problem.TraceId is { } traceId)
        {
            writer.WriteLine($"  trace: {Table.Printable(traceId)}");
        }
    }

    public static void WriteErrors(TextWriter writer, IReadOnlyList<ProblemEntry> errors)
    {
        foreach (var error in errors)
        {
            var place = error switch
            {
                { Line: { } line } => $"line {line}: ",
                { Key: { } key, Field: { } field } => $"{key} ({field}): ",
                { Key: { } key } => $"{key}: ",
                { Field: { } field } => $"{field}: ",
                _ => "",
            };
            var code = error.ProviderCode is null ? error.Code : $"{error.Code}, {error.ProviderCode}";
            writer.WriteLine($"  {Table.Printable($"{place}{error.Detail} ({code})")}");
            WriteHint(writer, error.Hint, "    ");
        }
    }

    private static void WriteHint(TextWriter writer, string? hint, string indent)
    {
        if (hint is not null)
        {
            writer.WriteLine($"{indent}hint: {Table.Printable(hint)}");
        }
    }
}
