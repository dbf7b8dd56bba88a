using System.CommandLine;
using System.Text;
using SecretFunctions.Cli.Output;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>run -- COMMAND…</c>: starts a command with the variables in its environment.</summary>
internal static class RunCommand
{
    public static Command Create(CliSession session)
    {
        var words = new Argument<string[]>("command") { Description = "After --: the command and its arguments.", Arity = ArgumentArity.OneOrMore };
        var selectors = new SelectorOptions();
        var command = selectors.AddTo(new Command("run", "Start a command with the resolved variables in its environment."));
        command.Add(words);
        return session.Does(command, async (parsed, client, cancellationToken) =>
        {
            var resolved = await client.ResolveAsync(selectors.ToRequest(parsed), cancellationToken);
            using var values = new Values(resolved.Variables);
            var variables = resolved.Variables.ToDictionary(static variable => variable.Key, static variable => (string?)Encoding.UTF8.GetString(variable.Value.Reveal()));

            // The command gets what was assigned, not the key to ask for more.
            variables.TryAdd(CliSession.ApiKeyVariable, null);
            return await CommandProcess.RunAsync(parsed.GetRequiredValue(words), variables, cancellationToken);
        });
    }
}
