using System.CommandLine;
using SecretFunctions.Cli.Output;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>whoami</c>.</summary>
internal static class WhoamiCommand
{
    public static Command Create(CliSession session) => session.Does(
        new Command("whoami", "Who the API key stands for, and what it may do."),
        static async (_, client, printer, cancellationToken) => printer.One(
            await client.WhoamiAsync(cancellationToken),
            Printer.Types.WhoamiResponse,
            new("principal", static me => $"{me.Principal.Type}:{me.Principal.Name}"),
            new("organization", static me => me.Organization),
            new("environments", static me => me.Environments is null ? "all" : string.Join(", ", me.Environments)),
            new("permissions", static me => string.Join(", ", me.Permissions.Select(static permission => $"{permission.Key}={permission.Value}")))));
}
