using System.CommandLine;
using SecretFunctions.Cli.Input;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>variable list|get|delete|import</c>; what is written and read of a value is in <see cref="VariableSetCommand"/> and <see cref="VariableValueCommands"/>.</summary>
internal static class VariableCommands
{
    public static readonly Column<VariableResource>[] Columns =
    [
        new("KEY", static variable => variable.Key),
        new("ENVIRONMENT", static variable => variable.Environment),
        new("SCOPE", static variable => variable.Scope),
        new("FROM", static variable => variable.Reference is { } reference ? $"{reference.Credential ?? reference.Provider}:{reference.Secret}" : "vault"),
        new("VERSION", static variable => variable.Reference is { } reference ? reference.Version : $"{variable.Version}"),
        new("TAGS", static variable => string.Join(',', variable.Tags)),
        new("UPDATED", static variable => $"{variable.UpdatedAt:u}"),
        new("BY", static variable => variable.UpdatedBy),
        new("ACCESS", static variable => string.Join(',', (variable.Access ?? []).Select(static entry => $"{entry.Member}={entry.Role}"))),
    ];

    public static Command Create(CliSession session) => new("variable", "Variables: named secrets, kept in the built-in vault or an external store.")
    {
        List(session),
        Get(session),
        VariableSetCommand.Create(session),
        Delete(session),
        VariableValueCommands.Reveal(session),
        VariableValueCommands.Versions(session),
        VariableValueCommands.Restore(session),
        VariableValueCommands.Usage(session),
        VariableValueCommands.SealingKey(session),
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
