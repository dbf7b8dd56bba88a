using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>role list|get|set|delete</c>.</summary>
internal static class RoleCommands
{
    private static readonly Column<RoleResource>[] Columns =
    [
        new("NAME", static role => role.BuiltIn ? $"{role.Name} (built in)" : role.Name),
        new("PERMISSIONS", static role => string.Join(", ", role.Permissions.Select(static permission => $"{permission.Key}={permission.Value}"))),
        new("PROJECTS", static role => Table.Names(role.Projects)),
        new("ENVIRONMENTS", static role => Table.Names(role.Environments)),
    ];

    public static Command Create(CliSession session) => new("role", "Roles: what members may do, and where.")
    {
        List(session), Get(session), Set(session), Delete(session),
    };

    private static Command List(CliSession session)
    {
        var limit = CommonOptions.Limit(null);
        return session.Does(new Command("list", "List roles.") { limit }, (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListRolesAsync(cancellationToken), parsed.GetValue(limit), Printer.Types.RoleResource, Columns));
    }

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("role");
        return session.Does(new Command("get", "Show a role.") { name }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetRoleAsync(parsed.GetRequiredValue(name), cancellationToken), Printer.Types.RoleResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("role");
        var permissions = new Option<string[]>("--permission") { Description = "FEATURE=LEVEL. Repeat it for more.", Required = true };
        var projects = new Option<string[]>("--project") { Description = "Only in this project. Repeat it for more." };
        var environments = new Option<string[]>("--environment", "-e") { Description = "Only in this environment. Repeat it for more." };
        return session.Does(
            new Command("set", "Create it, or replace all of it: for everybody who has it.") { name, permissions, projects, environments },
            async (parsed, client, printer, cancellationToken) => printer.One(
                await client.PutRoleAsync(
                    parsed.GetRequiredValue(name),
                    new RoleRequest
                    {
                        Permissions = CommonOptions.ParsePermissions(parsed.GetRequiredValue(permissions)) ?? [],
                        Projects = parsed.GetValue(projects) is { Length: > 0 } within ? within : null,
                        Environments = parsed.GetValue(environments) is { Length: > 0 } of ? of : null,
                    },
                    cancellationToken),
                Printer.Types.RoleResource,
                Columns));
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("role");
        return session.Does(new Command("delete", "Delete a role that no member has.") { name }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteRoleAsync(parsed.GetRequiredValue(name), cancellationToken);
            printer.Done($"Deleted role {parsed.GetValue(name)}.");
        });
    }
}
