using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>project list|get|set|delete</c>.</summary>
internal static class ProjectCommands
{
    private static readonly Column<ProjectResource>[] Columns =
    [
        new("NAME", static project => project.Name),
        new("DISPLAY NAME", static project => project.DisplayName),
        new("DESCRIPTION", static project => project.Description),
        new("UPDATED", static project => $"{project.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("project", "Projects: workspaces that automations belong to.")
    {
        List(session), Get(session), Set(session), Delete(session),
    };

    private static Command List(CliSession session)
    {
        var limit = CommonOptions.Limit(null);
        return session.Does(new Command("list", "List projects.") { limit }, (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListProjectsAsync(cancellationToken), parsed.GetValue(limit), Printer.Types.ProjectResource, Columns));
    }

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("project");
        return session.Does(new Command("get", "Show a project.") { name }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetProjectAsync(parsed.GetRequiredValue(name), cancellationToken), Printer.Types.ProjectResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("project");
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        return session.Does(
            new Command("set", "Create or change a project.") { name, displayName, description },
            async (parsed, client, printer, cancellationToken) =>
            {
                var project = parsed.GetRequiredValue(name);
                var request = new DescriptionRequest { DisplayName = parsed.GetValue(displayName), Description = parsed.GetValue(description) };
                var saved = await Upsert.PatchOrPutAsync(
                    () => client.PatchProjectAsync(project, request, cancellationToken), () => client.PutProjectAsync(project, request, cancellationToken));
                printer.One(saved, Printer.Types.ProjectResource, Columns);
            });
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("project");
        var release = CommonOptions.Release();
        return session.Does(
            new Command("delete", "Delete a project.") { name, release },
            async (parsed, client, printer, cancellationToken) =>
            {
                await client.DeleteProjectAsync(parsed.GetRequiredValue(name), parsed.GetValue(release), cancellationToken);
                printer.Done($"Deleted project {parsed.GetValue(name)}.");
            });
    }
}
