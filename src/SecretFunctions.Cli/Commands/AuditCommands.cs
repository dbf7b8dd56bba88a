using System.CommandLine;
using System.Text.Json;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>audit list</c>, <c>audit export</c>, <c>audit verify</c>.</summary>
internal static class AuditCommands
{
    public const int DefaultLimit = 50;

    private static readonly Column<JsonElement>[] Columns =
    [
        new("AT", static auditEvent => Text(auditEvent, "at")),
        new("ACTOR", static auditEvent => auditEvent.TryGetProperty("actor", out var actor) ? $"{Text(actor, "type")}:{Text(actor, "name")}" : ""),
        new("ACTION", static auditEvent => Text(auditEvent, "action")),
        new("OUTCOME", static auditEvent => Text(auditEvent, "outcome")),
        new("TARGET", static auditEvent => auditEvent.TryGetProperty("target", out var target) ? Describe(target) : ""),
    ];

    public static Command Create(CliSession session) => new("audit", "The audit log.") { List(session), Export(session), Verify(session) };

    private static Command List(CliSession session)
    {
        var limit = CommonOptions.Limit(DefaultLimit);
        var filter = new FilterOptions();
        return session.Does(filter.AddTo(new Command("list", "List audit events, newest first.") { limit }), (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListAuditEventsAsync(filter.Read(parsed), cancellationToken), parsed.GetValue(limit), Printer.Types.JsonElement, Columns));
    }

    private static Command Export(CliSession session)
    {
        var filter = new FilterOptions();
        return session.Does(
            filter.AddTo(new Command("export", "Write all audit events that fit to standard output, a JSON object to a line, as they were written.")),
            async (parsed, client, _, cancellationToken) =>
            {
                await using var output = Console.OpenStandardOutput();
                await client.ExportAuditEventsAsync(filter.Read(parsed), output, cancellationToken);
            });
    }

    private static Command Verify(CliSession session)
    {
        var log = FilterOptions.LogOption();
        return session.Does(
            new Command("verify", "Check that the audit log is whole and as it was written. Exit code 1 where it is not.") { log },
            async (parsed, client, printer, cancellationToken) =>
            {
                var found = await client.VerifyAuditEventsAsync(parsed.GetValue(log), cancellationToken);
                if (printer.Json)
                {
                    printer.One(found, Printer.Types.AuditVerification);
                }
                else
                {
                    Console.WriteLine(Describe(found));
                }

                return found.Ok ? ExitCode.Success : ExitCode.Failure;
            });
    }

    private static string Describe(AuditVerification found)
    {
        var newest = found.Checkpoint is { } checkpoint ? $" The newest checkpoint is number {checkpoint.Number}, {checkpoint.Hash}, {(checkpoint.SignedBy is { } key ? $"signed by key {key}" : "not signed")}." : "";
        return found.FirstBroken is not { } broken
            ? $"{found.Events} events, as they were written.{newest}"
            : $"Not as it was written: {broken.Reason} at {broken.At:O}, chain {broken.Chain ?? "-"}, number {broken.Number}, event {broken.EventId ?? "-"}. {found.Events} events were found.{newest}";
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>Its words, and of a list only how long it is.</summary>
    private static string Describe(JsonElement target) => string.Join(' ', target.EnumerateObject().Select(static property =>
        property.Value.ValueKind == JsonValueKind.Array ? $"{property.Name}={property.Value.GetArrayLength()}" : $"{property.Name}={property.Value}"));

    /// <summary>Which events.</summary>
    private sealed class FilterOptions
    {
        private readonly Option<string?> _actor = new("--actor") { Description = "Only of this actor: member:E-MAIL, automation:NAME or service:NAME." };
        private readonly Option<string?> _action = new("--action") { Description = "Only this action: variable.resolve." };
        private readonly Option<string?> _outcome = new("--outcome") { Description = "Only with this outcome: success, partial, failure or denied." };
        private readonly Option<string?> _kickoff = new("--kickoff") { Description = "Only of the kickoff with this id." };
        private readonly Option<string?> _target = new("--target") { Description = "Only what was done to this, or where it took part: key:OPENAI_API_KEY." };
        private readonly Option<string?> _from = new("--from") { Description = "At this time or later: 2026-01-31T12:00:00Z." };
        private readonly Option<string?> _to = new("--to") { Description = "Before this time." };
        private readonly Option<string?> _log = LogOption();

        public static Option<string?> LogOption() => new("--log") { Description = "deployment: what was done to the deployment's own keys and organizations." };

        public Command AddTo(Command command)
        {
            foreach (var option in new[] { _actor, _action, _outcome, _kickoff, _target, _from, _to, _log })
            {
                command.Add(option);
            }

            return command;
        }

        public AuditEventQuery Read(ParseResult parsed) => new()
        {
            Actor = parsed.GetValue(_actor),
            Action = parsed.GetValue(_action),
            Outcome = parsed.GetValue(_outcome),
            Kickoff = parsed.GetValue(_kickoff),
            Target = parsed.GetValue(_target),
            From = parsed.GetValue(_from),
            To = parsed.GetValue(_to),
            Log = parsed.GetValue(_log),
        };
    }
}
