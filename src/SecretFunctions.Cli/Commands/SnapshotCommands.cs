using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>snapshot create|list|get|delete</c>.</summary>
internal static class SnapshotCommands
{
    private static readonly Column<SnapshotResource>[] Columns =
    [
        new("ID", static snapshot => snapshot.Id),
        new("AUTOMATION", static snapshot => snapshot.Automation),
        new("ENVIRONMENT", static snapshot => snapshot.Environment),
        new("VARIABLES", static snapshot => $"{snapshot.Variables.Count}"),
        new("CREATED", static snapshot => $"{snapshot.CreatedAt:u}"),
        new("DESCRIPTION", static snapshot => snapshot.Description),
    ];

    private static readonly Column<SnapshotVariable>[] VariableColumns =
    [
        new("KEY", static variable => variable.Key),
        new("SCOPE", static variable => variable.Scope),
        new("FROM", static variable => variable.Credential is null ? variable.From : $"{variable.From}:{variable.Credential}"),
        new("SECRET", static variable => variable.Secret),
        new("VERSION", static variable => variable.Version),
    ];

    public static Command Create(CliSession session) => new("snapshot", "Snapshots: values pinned at deploy time.")
    {
        New(session), List(session), Get(session), Delete(session),
    };

    private static Argument<string> Automation() => new("automation") { Description = "The automation's name." };

    private static Command New(CliSession session)
    {
        var automation = Automation();
        var environment = CommonOptions.Environment();
        var tags = CommonOptions.Tags("Only variables with this tag. Repeat it for more.");
        var description = new Option<string?>("--description") { Description = "Words about it." };
        var kickoff = new KickoffOptions();
        var command = new Command("create", "Pin what an automation resolves now.") { automation, environment, tags, description };
        Array.ForEach(kickoff.All, command.Add);
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            var request = new SnapshotRequest
            {
                Environment = parsed.GetValue(environment),
                Tags = CommonOptions.Some(parsed.GetValue(tags)),
                Kickoff = kickoff.Of(parsed),
                Description = parsed.GetValue(description),
            };
            var made = await client.CreateSnapshotAsync(parsed.GetRequiredValue(automation), request, cancellationToken);
            printer.One(made, Printer.Types.SnapshotResource, Columns);
        });
    }

    private static Command List(CliSession session)
    {
        var automation = Automation();
        return session.Does(new Command("list", "List an automation's snapshots.") { automation }, (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListSnapshotsAsync(parsed.GetRequiredValue(automation), cancellationToken), null, Printer.Types.SnapshotResource, Columns));
    }

    /// <summary>With what is in it, without values.</summary>
    private static Command Get(CliSession session)
    {
        var automation = Automation();
        var id = new Argument<string>("id") { Description = "The snapshot's id." };
        return session.Does(new Command("get", "Show which versions a snapshot pins.") { automation, id }, async (parsed, client, printer, cancellationToken) =>
        {
            var snapshot = await client.GetSnapshotAsync(parsed.GetRequiredValue(automation), parsed.GetRequiredValue(id), cancellationToken);
            if (printer.Json)
            {
                printer.One(snapshot, Printer.Types.SnapshotResource);
            }
            else
            {
                await printer.ManyAsync(snapshot.Variables.ToAsyncEnumerable(), null, Printer.Types.SnapshotVariable, VariableColumns);
            }
        });
    }

    private static Command Delete(CliSession session)
    {
        var automation = Automation();
        var id = new Argument<string>("id") { Description = "The snapshot's id." };
        return session.Does(new Command("delete", "Delete a snapshot.") { automation, id }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteSnapshotAsync(parsed.GetRequiredValue(automation), parsed.GetRequiredValue(id), cancellationToken);
            printer.Done($"Deleted snapshot {parsed.GetValue(id)}.");
        });
    }
}
