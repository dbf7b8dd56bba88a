using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>variable reveal|versions|restore|usage|sealing-key</c>.</summary>
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

    private static readonly Column<VariableUsage>[] UsageColumns =
    [
        new("AT", static usage => $"{usage.At:u}"),
        new("ACTION", static usage => usage.Action),
        new("ACTOR", static usage => $"{usage.Actor.Type}:{usage.Actor.Name}"),
        new("AUTOMATION", static usage => usage.Automation),
        new("KICKOFF", static usage => usage.Kickoff?.Id),
        new("VERSION", static usage => usage.Version),
        new("OUTCOME", static usage => usage.Outcome),
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

    public static Command Usage(CliSession session)
    {
        var name = new VariableOptions();
        var limit = CommonOptions.Limit(AuditCommands.DefaultLimit);
        var command = name.AddTo(new Command("usage", "List who had a variable, newest first."));
        command.Add(limit);
        return session.Does(command, (parsed, client, printer, cancellationToken) =>
        {
            var (environment, key, scope) = name.Of(parsed);
            return printer.ManyAsync(client.ListVariableUsageAsync(environment, key, scope, cancellationToken), parsed.GetValue(limit), Printer.Types.VariableUsage, UsageColumns);
        });
    }

    /// <summary>JSON however one prints: it is for programs that seal.</summary>
    public static Command SealingKey(CliSession session) => session.Does(
        new Command("sealing-key", "Print the public key to seal values for, as a JWK."),
        static async (_, client, _, cancellationToken) =>
            new Printer(json: true).One(await client.GetSealingKeyAsync(cancellationToken), Printer.Types.SealingKeyResource));
}
