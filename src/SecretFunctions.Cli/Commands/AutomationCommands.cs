using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>automation list|get|set|delete</c>.</summary>
internal static class AutomationCommands
{
    private static readonly Column<AutomationResource>[] Columns =
    [
        new("NAME", static automation => automation.Name),
        new("PROJECT", static automation => automation.Project),
        new("OWNER", static automation => automation.Owner),
        new("DISPLAY NAME", static automation => automation.DisplayName),
        new("UPDATED", static automation => $"{automation.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("automation", "Automations: crews, flows, pipelines and jobs that resolve variables.")
    {
        List(session), Get(session), Set(session), Delete(session),
    };

    private static Command List(CliSession session)
    {
        var project = new Option<string?>("--project") { Description = "Only those of this project." };
        var limit = CommonOptions.Limit(null);
        return session.Does(new Command("list", "List automations.") { project, limit }, (parsed, client, printer, cancellationToken) => printer.ManyAsync(
            client.ListAutomationsAsync(parsed.GetValue(project), cancellationToken), parsed.GetValue(limit), Printer.Types.AutomationResource, Columns));
    }

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("automation");
        return session.Does(new Command("get", "Show an automation.") { name }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetAutomationAsync(parsed.GetRequiredValue(name), cancellationToken), Printer.Types.AutomationResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("automation");
        var project = new Option<string?>("--project") { Description = "The project it belongs to (a new one's default: default)." };
        var owner = new Option<string?>("--owner") { Description = "A member's e-mail." };
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        return session.Does(
            new Command("set", "Create or change an automation.") { name, project, owner, displayName, description },
            async (parsed, client, printer, cancellationToken) =>
            {
                var automation = parsed.GetRequiredValue(name);
                var current = await Upsert.FindAsync(() => client.GetAutomationAsync(automation, cancellationToken));
                var request = new AutomationRequest
                {
                    Project = parsed.GetValue(project) ?? current?.Project ?? "default",
                    Owner = parsed.GetValue(owner) ?? current?.Owner,
                    DisplayName = parsed.GetValue(displayName) ?? current?.DisplayName,
                    Description = parsed.GetValue(description) ?? current?.Description,
                };
                printer.One(await client.PutAutomationAsync(automation, request, cancellationToken), Printer.Types.AutomationResource, Columns);
            });
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("automation");
        var release = CommonOptions.Release();
        return session.Does(
            new Command("delete", "Delete an automation.") { name, release },
            async (parsed, client, printer, cancellationToken) =>
            {
                await client.DeleteAutomationAsync(parsed.GetRequiredValue(name), parsed.GetValue(release), cancellationToken);
                printer.Done($"Deleted automation {parsed.GetValue(name)}.");
            });
    }
}
