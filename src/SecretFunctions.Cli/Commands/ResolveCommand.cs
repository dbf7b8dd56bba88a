using System.CommandLine;
using System.Text;
using SecretFunctions.Cli.Input;
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
        var sealTo = new Option<FileInfo?>("--seal-to") { Description = "File with a public key, a JWK: write the values as a JWE, which only the key's owner can open." };
        var file = new Option<FileInfo?>("--out-file") { Description = "Where to write the values, readable by you alone (default: standard output)." };
        var partial = new Option<bool>("--partial") { Description = "Take what resolves, and report the rest." };
        var command = selectors.AddTo(new Command("resolve", "Resolve variables. Without --format it shows where they come from, and no value."));
        command.Add(format);
        command.Add(sealTo);
        command.Add(file);
        command.Add(partial);
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            var target = parsed.GetValue(file);
            var request = selectors.ToRequest(parsed) with { Partial = parsed.GetValue(partial) };
            switch (parsed.GetValue(format), parsed.GetValue(sealTo))
            {
                case (not null, not null):
                    throw new UsageException("With --seal-to the values are written sealed: it goes without --format.");
                case (null, null) when target is not null:
                    throw new UsageException("--out-file needs a --format or --seal-to.");
                case (_, { } key):
                    request = request with { SealTo = await PublicKeyFile.ReadAsync(key, cancellationToken) };
                    Show(await client.ResolveSealedAsync(request, cancellationToken), target, printer);
                    break;
                case (var chosen, _):
                    await ShowAsync(await client.ResolveAsync(request, cancellationToken), chosen, target, printer);
                    break;
            }
        });
    }

    private static async Task ShowAsync(ResolveResponse resolved, string? format, FileInfo? file, Printer printer)
    {
        using var values = new Values(resolved.Variables);
        ProblemText.WriteErrors(Console.Error, resolved.Errors ?? []);
        if (format is not null)
        {
            SecretOutput.Write(file, VariableText.Format(resolved.Variables, format).Span);
        }
        else
        {
            await printer.ManyAsync(resolved.Sources.ToAsyncEnumerable(), null, Printer.Types.SourceDescription, Columns);
        }
    }

    /// <summary>The JWE alone, so that a script can hand it on; or all that was answered.</summary>
    private static void Show(SealedResolveResponse resolved, FileInfo? file, Printer printer)
    {
        ProblemText.WriteErrors(Console.Error, resolved.Errors ?? []);
        if (file is null && printer.Json)
        {
            printer.One(resolved, Printer.Types.SealedResolveResponse);
        }
        else
        {
            SecretOutput.Write(file, Encoding.ASCII.GetBytes(resolved.Sealed));
        }
    }
}
