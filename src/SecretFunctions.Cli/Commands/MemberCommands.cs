using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>member list|get|set|delete</c>.</summary>
internal static class MemberCommands
{
    private static readonly Column<MemberResource>[] Columns =
    [
        new("E-MAIL", static member => member.Name),
        new("ROLES", static member => string.Join(',', member.Roles)),
        new("PROJECTS", static member => member.Projects is null ? "as the roles say" : string.Join(',', member.Projects)),
        new("DISPLAY NAME", static member => member.DisplayName),
        new("UPDATED", static member => $"{member.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("member", "Members: people in the organization.")
    {
        List(session), Get(session), Set(session), Delete(session),
    };

    private static Command List(CliSession session)
    {
        var limit = CommonOptions.Limit(null);
        return session.Does(new Command("list", "List members.") { limit }, (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListMembersAsync(cancellationToken), parsed.GetValue(limit), Printer.Types.MemberResource, Columns));
    }

    private static Command Get(CliSession session)
    {
        var email = Email();
        return session.Does(new Command("get", "Show a member.") { email }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetMemberAsync(parsed.GetRequiredValue(email), cancellationToken), Printer.Types.MemberResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var email = Email();
        var roles = new Option<string[]>("--role") { Description = "A role. Repeat it for more. Left out, they stay as they are; a new member has none." };
        var projects = new Option<string[]>("--project") { Description = "Only in this project. Repeat it for more. Left out, they stay as they are." };
        var everywhere = new Option<bool>("--all-projects") { Description = "Wherever the roles say: lifts the limit to projects." };
        var displayName = CommonOptions.DisplayName();
        return session.Does(
            new Command("set", "Create or change a member.") { email, roles, projects, everywhere, displayName },
            async (parsed, client, printer, cancellationToken) =>
            {
                var member = parsed.GetRequiredValue(email);
                var current = await Upsert.FindAsync(() => client.GetMemberAsync(member, cancellationToken));
                var limit = parsed.GetValue(projects) is { Length: > 0 } named ? named : parsed.GetValue(everywhere) ? null : current?.Projects;
                var saved = await client.PutMemberAsync(
                    member,
                    new MemberRequest
                    {
                        Roles = parsed.GetValue(roles) is { Length: > 0 } given ? given : current?.Roles ?? [],
                        Projects = limit,
                        DisplayName = parsed.GetValue(displayName) ?? current?.DisplayName,
                    },
                    cancellationToken);
                printer.One(saved, Printer.Types.MemberResource, Columns);
            });
    }

    private static Command Delete(CliSession session)
    {
        var email = Email();
        return session.Does(
            new Command("delete", "Delete a member, with their personal variables and everything that lets somebody in as them.") { email },
            async (parsed, client, printer, cancellationToken) =>
            {
                await client.DeleteMemberAsync(parsed.GetRequiredValue(email), cancellationToken);
                printer.Done($"Deleted member {parsed.GetValue(email)}.");
            });
    }

    private static Argument<string> Email() => new("e-mail") { Description = "The member's e-mail." };
}
