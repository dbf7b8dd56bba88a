using System.CommandLine;
using System.Text.Json;
using SecretFunctions.Cli.Output;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>audit list</c>.</summary>
internal static class AuditCommands
{
    private const int DefaultLimit = 50;

    private static readonly Column<JsonElement>[] Columns =
    [
        new("AT", static auditEvent => Text(auditEvent, "at")),
        new("ACTOR", static auditEvent => auditEvent.TryGetProperty("actor", out var actor) ? $"{Text(actor, "type")}:{Text(actor, "name")}" : ""),
        new("ACTION", static auditEvent => Text(auditEvent, "action")),
        new("OUTCOME", static auditEvent => Text(auditEvent, "outcome")),
        new("TARGET", static auditEvent => auditEvent.TryGetProperty("target", out var target) ? Describe(target) : ""),
    ];

    public static Command Create(CliSession session) => new("audit", "The audit log.") { List(session) };

    private static Command List(CliSession session)
    {
        var limit = CommonOptions.Limit(DefaultLimit);
        return session.Does(new Command("list", "List audit events, newest first.") { limit }, (parsed, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListAuditEventsAsync(cancellationToken), parsed.GetValue(limit), Printer.Types.JsonElement, Columns));
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>Its words, and of a list only how long it is.</summary>
    private static string Describe(JsonElement target) => string.Join(' ', target.EnumerateObject().Select(static property =>
        property.Value.ValueKind == JsonValueKind.Array ? $"{property.Name}={property.Value.GetArrayLength()}" : $"{property.Name}={property.Value}"));
}
