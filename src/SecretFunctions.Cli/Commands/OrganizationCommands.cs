using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>organization get|set|delete</c>: the operator's.</summary>
internal static class OrganizationCommands
{
    private static readonly Column<OrganizationResource>[] Columns =
    [
        new("NAME", static organization => organization.Name),
        new("DISPLAY NAME", static organization => organization.DisplayName),
        new("DESCRIPTION", static organization => organization.Description),
        new("TOKEN AUDIENCES", static organization => string.Join(',', organization.TokenAudiences)),
        new("UPDATED", static organization => $"{organization.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("organization", "Organizations: everything else is in one. The operator's.")
    {
        Get(session), Set(session), Delete(session),
    };

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("organization");
        return session.Does(new Command("get", "Show an organization.") { name }, async (parsed, client, printer, cancellationToken) =>
            printer.One(await client.GetOrganizationAsync(parsed.GetRequiredValue(name), cancellationToken), Printer.Types.OrganizationResource, Columns));
    }

    private static Command Set(CliSession session)
    {
        var name = CommonOptions.Name("organization");
        var displayName = CommonOptions.DisplayName();
        var description = CommonOptions.Description();
        var audiences = new Option<string[]>("--token-audience") { Description = "For whom its automations may have tokens, in place of those there are. Repeat it for more." };
        return session.Does(
            new Command("set", "Create or change an organization.") { name, displayName, description, audiences },
            async (parsed, client, printer, cancellationToken) =>
            {
                var organization = parsed.GetRequiredValue(name);
                var current = await Upsert.FindAsync(() => client.GetOrganizationAsync(organization, cancellationToken));
                var request = new OrganizationRequest
                {
                    DisplayName = parsed.GetValue(displayName) ?? current?.DisplayName,
                    Description = parsed.GetValue(description) ?? current?.Description,
                    TokenAudiences = CommonOptions.Some(parsed.GetValue(audiences)) ?? current?.TokenAudiences,
                };
                printer.One(await client.PutOrganizationAsync(organization, request, cancellationToken), Printer.Types.OrganizationResource, Columns);
            });
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("organization");
        var release = CommonOptions.Release();
        return session.Does(
            new Command("delete", "Delete an organization with all that is in it. Its keys are destroyed, so no backup brings values back.") { name, release },
            async (parsed, client, printer, cancellationToken) =>
            {
                await client.DeleteOrganizationAsync(parsed.GetRequiredValue(name), parsed.GetValue(release), cancellationToken);
                printer.Done($"Deleted organization {parsed.GetValue(name)}.");
            });
    }
}
