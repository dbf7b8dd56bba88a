using System.CommandLine;
using SecretFunctions.Cli.Output;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>whoami</c>.</summary>
internal static class WhoamiCommand
{
    public static Command Create(CliSession session)
    {
        var explain = new Option<string?>("--explain") { Description = "FEATURE:LEVEL[:ENVIRONMENT[:SCOPE]]: may the key do this there, and which rule says so?" };
        return session.Does(
            new Command("whoami", "Who the API key stands for, and what it may do.") { explain },
            async (parsed, client, printer, cancellationToken) => printer.One(
                await client.WhoamiAsync(parsed.GetValue(explain), cancellationToken),
                Printer.Types.WhoamiResponse,
                [
                    new("principal", static me => $"{me.Principal.Type}:{me.Principal.Name}"),
                    new("organization", static me => me.Organization),
                    new("environments", static me => me.Environments is null ? "all" : string.Join(", ", me.Environments)),
                    new("permissions", static me => string.Join(", ", me.Permissions.Select(static permission => $"{permission.Key}={permission.Value}"))),
                    .. parsed.GetValue(explain) is null
                        ? Array.Empty<Column<Contracts.WhoamiResponse>>()
                        : [new("explanation", static me => me.Explanation is { } why ? $"{(why.Allowed ? "allowed" : "refused")} by {why.Rule}: {why.Detail}" : "")],
                ]));
    }
}
