using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>resolve</c>: what took part; values only where a format asks for them.</summary>
internal static class ResolveCommand
{
    private static readonly Column<SourceDescription>[] Columns =
    [
        new("KEY", static source => source.Key),
        new("SCOPE", static source => source.Scope),
        new("FROM", static source => source.Credential is null ? source.From : $"{source.From}:{source.Credential}"),
        new("VERSION", static source => source.Version),
        new("FINGERPRINT", static source => source.Fingerprint),
        new("FETCHED", static source => $"{source.FetchedAt:u}"),
    ];

    public static Command Create(CliSession session)
    {
        var selectors = new SelectorOptions();
        var format = new Option<string?>("--format") { Description = "Write the values: json, dotenv, or shell (export lines for eval)." };
        format.AcceptOnlyFromAmong(VariableText.Json, VariableText.Dotenv, VariableText.Shell);
        var file = new Option<FileInfo?>("--out-file") { Description = "Where to write the values, readable by you alone (default: standard output)." };
        var partial = new Option<bool>("--partial") { Description = "Take what resolves, and report the rest." };
        var command = selectors.AddTo(new Command("resolve", "Resolve variables. Without --format it shows where they come from, and no value."));
        command.Add(format);
        command.Add(file);
        command.Add(partial);
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            if (parsed.GetValue(format) is null && parsed.GetValue(file) is not null)
            {
                throw new UsageException("--out-file needs a --format.");
            }

            var request = selectors.ToRequest(parsed) with { Partial = parsed.GetValue(partial) };
            var resolved = await client.ResolveAsync(request, cancellationToken);
            using var values = new Values(resolved.Variables);
            ProblemText.WriteErrors(Console.Error, resolved.Errors ?? []);
            if (parsed.GetValue(format) is { } chosen)
            {
                SecretOutput.Write(parsed.GetValue(file), VariableText.Format(resolved.Variables, chosen).Span);
            }
            else
            {
                await printer.ManyAsync(resolved.Sources.ToAsyncEnumerable(), null, Printer.Types.SourceDescription, Columns);
            }
        });
    }
}
