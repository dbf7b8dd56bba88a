using System.CommandLine;
using System.Text;
using SecretFunctions.Cli.Input;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>render TEMPLATE_FILE</c>.</summary>
internal static class RenderCommand
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create(CliSession session)
    {
        var template = new Argument<string>("template-file") { Description = "Text with {{KEY}} where values belong; - is standard input." };
        var file = new Option<FileInfo?>("--out-file") { Description = "Where to write the result, readable by you alone (default: standard output)." };
        var selectors = new SelectorOptions();
        var command = selectors.AddTo(new Command("render", "Fill a template in with resolved variables."));
        command.Add(template);
        command.Add(file);
        return session.Does(command, async (parsed, client, _, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(template);
            var selected = selectors.ToRequest(parsed);
            var request = new RenderRequest
            {
                Templates = new Dictionary<string, string> { [name] = Decode(await SecretInput.ReadDocumentAsync(name, cancellationToken)) },
                Automation = selected.Automation,
                Project = selected.Project,
                Environment = selected.Environment,
                Tags = selected.Tags,
                Kickoff = selected.Kickoff,
                Fresh = selected.Fresh,
                Snapshot = selected.Snapshot,
            };
            var answer = await client.RenderAsync(request, cancellationToken);
            using var values = new Values(answer.Rendered);
            SecretOutput.Write(parsed.GetValue(file), answer.Rendered[name].Reveal());
        });
    }

    private static string Decode(byte[] utf8)
    {
        try
        {
            return StrictUtf8.GetString(utf8);
        }
        catch (DecoderFallbackException)
        {
            throw new UsageException("The template is not UTF-8 text.");
        }
    }
}
