using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>environment list|get|set|delete</c>.</summary>
internal static class EnvironmentCommands
{
    private static readonly Column<EnvironmentResource>[] Columns =
    [
        new("NAME", static environment => environment.Name),
        new("DISPLAY NAME", static environment => environment.DisplayName),
        new("DESCRIPTION", static environment => environment.Description),
        new("UPDATED", static environment => $"{environment.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("environment", "Environments: dev, staging, prod, and those you add.")
    {
        List(session), Get(session), Set(session), Delete(session),
    };

    private static Command List(CliSession session) => session.Does(
        new Command("list", "List environments."),
        static (_, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListEnvironmentsAsync(cancellationToken), null, Printer.Types.EnvironmentResource, Columns));

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("environment");
        return session.Does(new Command("get", "Show an environment.") { name }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetEnvironmentAsync(parsed.GetRequiredValue(name), cancellationToken), Printer.Types.EnvironmentResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("environment");
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        return session.Does(
            new Command("set", "Create or change an environment.") { name, displayName, description },
            async (parsed, client, printer, cancellationToken) =>
            {
                var environment = parsed.GetRequiredValue(name);
                var current = await Upsert.FindAsync(() => client.GetEnvironmentAsync(environment, cancellationToken));
                var request = new DescriptionRequest
                {
                    DisplayName = parsed.GetValue(displayName) ?? current?.DisplayName,
                    Description = parsed.GetValue(description) ?? current?.Description,
                };
                printer.One(await client.PutEnvironmentAsync(environment, request, cancellationToken), Printer.Types.EnvironmentResource, Columns);
            });
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("environment");
        return session.Does(new Command("delete", "Delete an environment.") { name }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteEnvironmentAsync(parsed.GetRequiredValue(name), cancellationToken);
            printer.Done($"Deleted environment {parsed.GetValue(name)}.");
        });
    }
}
