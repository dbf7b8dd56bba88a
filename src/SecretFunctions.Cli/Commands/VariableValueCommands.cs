using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>variable reveal|versions|restore</c>.</summary>
internal static class VariableValueCommands
{
    private static readonly Column<VariableVersion>[] Columns =
    [
        new("VERSION", static version => $"{version.Version}"),
        new("CURRENT", static version => version.Current ? "yes" : ""),
        new("SEALED", static version => version.Sealed ? "yes" : ""),
        new("CREATED", static version => $"{version.CreatedAt:u}"),
        new("BY", static version => version.CreatedBy),
    ];

    public static Command Reveal(CliSession session)
    {
        var name = new VariableOptions();
        return session.Does(
            name.AddTo(new Command("reveal", "Print a variable's value: alone, as it is, or as JSON with its version. Audited.")),
            async (parsed, client, printer, cancellationToken) =>
            {
                var revealed = await client.RevealVariableAsync(name.Of(parsed), cancellationToken);
                using var value = revealed.Value;
                if (printer.Json)
                {
                    printer.One(revealed, Printer.Types.RevealResponse);
                }
                else
                {
                    SecretOutput.Write(null, value.Reveal());
                }
            });
    }

    public static Command Versions(CliSession session)
    {
        var name = new VariableOptions();
        return session.Does(name.AddTo(new Command("versions", "List a variable's versions.")), (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListVariableVersionsAsync(name.Of(parsed), cancellationToken), null, Printer.Types.VariableVersion, Columns));
    }

    public static Command Restore(CliSession session)
    {
        var name = new VariableOptions();
        var version = new Argument<int>("version") { Description = "The version whose value becomes current, as a new version." };
        var command = name.AddTo(new Command("restore", "Make an earlier value the current one."));
        command.Add(version);
        return session.Does(command, async (parsed, client, printer, cancellationToken) => printer.One(
            await client.RestoreVariableVersionAsync(name.Of(parsed), parsed.GetValue(version), cancellationToken),
            Printer.Types.VariableResource,
            VariableCommands.Columns));
    }
}
