using System.CommandLine;
using SecretFunctions.Cli.Input;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>variable list|get|set|delete|import</c>; those about values are in <see cref="VariableValueCommands"/>.</summary>
internal static class VariableCommands
{
    public static readonly Column<VariableResource>[] Columns =
    [
        new("KEY", static variable => variable.Key),
        new("ENVIRONMENT", static variable => variable.Environment),
        new("SCOPE", static variable => variable.Scope),
        new("VERSION", static variable => $"{variable.Version}"),
        new("TAGS", static variable => string.Join(',', variable.Tags)),
        new("UPDATED", static variable => $"{variable.UpdatedAt:u}"),
        new("BY", static variable => variable.UpdatedBy),
    ];

    public static Command Create(CliSession session) => new("variable", "Variables: named secrets, kept in the built-in vault.")
    {
        List(session),
        Get(session),
        Set(session),
        Delete(session),
        VariableValueCommands.Reveal(session),
        VariableValueCommands.Versions(session),
        VariableValueCommands.Restore(session),
        Import(session),
    };

    private static Command List(CliSession session)
    {
        var environment = new Option<string?>("--environment", "-e") { Description = "Only those of this environment." };
        var scope = new Option<string?>("--scope", "-s") { Description = "Only those of this scope." };
        var tag = new Option<string?>("--tag") { Description = "Only those with this tag." };
        var limit = CommonOptions.Limit(null);
        return session.Does(
            new Command("list", "List variables, without values.") { environment, scope, tag, limit },
            (parsed, client, printer, cancellationToken) => printer.ManyAsync(
                client.ListVariablesAsync(parsed.GetValue(environment), parsed.GetValue(scope), parsed.GetValue(tag), cancellationToken),
                parsed.GetValue(limit),
                Printer.Types.VariableResource,
                Columns));
    }

    private static Command Get(CliSession session)
    {
        var name = new VariableOptions();
        return session.Does(name.AddTo(new Command("get", "Show a variable, without its value.")), async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetVariableAsync(name.Of(parsed), cancellationToken), Printer.Types.VariableResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var name = new VariableOptions();
        var file = new Option<FileInfo?>("--value-file") { Description = "File with the value, taken byte for byte (default: standard input, without its last line end)." };
        var isSealed = new Option<bool>("--sealed") { Description = "What is read is a value that has been sealed already: a JWE for the organization's sealing key." };
        var tags = CommonOptions.Tags("A tag it shall carry, in place of those it has. Repeat it for more.");
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        var command = name.AddTo(new Command("set", "Store a value. It is read from standard input or a file, never from an argument."));
        command.Add(file);
        command.Add(isSealed);
        command.Add(tags);
        command.Add(displayName);
        command.Add(description);
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            var variable = name.Of(parsed);
            using var value = await SecretInput.ReadAsync(parsed.GetValue(file), $"Value of {variable.Key}: ", cancellationToken);
            var request = new VariableRequest
            {
                Value = parsed.GetValue(isSealed) ? null : value,
                SealedValue = parsed.GetValue(isSealed) ? value : null,
                Tags = parsed.GetValue(tags) is { Length: > 0 } given ? given : null,
                DisplayName = parsed.GetValue(displayName),
                Description = parsed.GetValue(description),
            };
            var saved = await Upsert.PatchOrPutAsync(
                () => client.PatchVariableAsync(variable, request, cancellationToken), () => client.PutVariableAsync(variable, request, cancellationToken));
            printer.One(saved, Printer.Types.VariableResource, Columns);
        });
    }

    private static Command Delete(CliSession session)
    {
        var name = new VariableOptions();
        return session.Does(name.AddTo(new Command("delete", "Delete a variable with all its versions.")), async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteVariableAsync(name.Of(parsed), cancellationToken);
            printer.Done($"Deleted variable {name.Of(parsed).Key}.");
        });
    }

    private static Command Import(CliSession session)
    {
        var file = new Argument<string>("file") { Description = "A .env file; - is standard input." };
        var environment = CommonOptions.Environment();
        var scope = VariableOptions.ScopeOption();
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would change, and change nothing." };
        return session.Does(
            new Command("import", "Store all variables of a .env file, or none if a line of it is wrong.") { file, environment, scope, dryRun },
            async (parsed, client, printer, cancellationToken) =>
            {
                var dotenv = await SecretInput.ReadDocumentAsync(parsed.GetRequiredValue(file), cancellationToken);
                var outcome = await client.ImportVariablesAsync(
                    parsed.GetRequiredValue(environment), parsed.GetValue(scope), dotenv, parsed.GetValue(dryRun), cancellationToken);
                printer.One(
                    outcome,
                    Printer.Types.ImportResponse,
                    new("created", static result => $"{result.Created}"),
                    new("updated", static result => $"{result.Updated}"),
                    new("unchanged", static result => $"{result.Unchanged}"));
            });
    }
}
