using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>keys list|rotate|revoke</c>.</summary>
internal static class KeyCommands
{
    private static readonly Column<(KeyKindResource Kind, KeyResource Key)>[] Columns =
    [
        new("KIND", static row => row.Kind.Kind),
        new("ID", static row => row.Key.Id),
        new("STATE", static row => row.Key.State),
        new("CREATED", static row => row.Key.CreatedAt is null ? "" : $"{row.Key.CreatedAt:u}"),
        new("IN USE", static row => $"{row.Key.InUse}"),
        new("ROTATION", static row => row.Kind.Rotation is { } rotation && row.Key.State == "active" ? Describe(rotation) : ""),
    ];

    public static Command Create(CliSession session) => new("keys", "The service's own keys.")
    {
        List(session), Rotate(session), Revoke(session),
    };

    private static Command List(CliSession session) => session.Does(
        new Command("list", "List keys of all kinds, and the rotations that are under way."),
        static async (_, client, printer, cancellationToken) => Show(await client.ListKeysAsync(cancellationToken), printer));

    private static Command Rotate(CliSession session)
    {
        var kind = new Argument<string>("kind") { Description = "organization or sealing; the operator also root or signing." };
        return session.Does(new Command("rotate", "Begin a rotation. Everything opens throughout.") { kind }, async (parsed, client, printer, cancellationToken) =>
            Show(new KeysResponse([await client.RotateKeyAsync(parsed.GetRequiredValue(kind), cancellationToken)]), printer));
    }

    private static Command Revoke(CliSession session)
    {
        var id = new Argument<string>("id") { Description = "The signing key's id." };
        return session.Does(new Command("revoke", "Revoke a signing key at once: tokens that it signed are worth nothing.") { id }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.RevokeSigningKeyAsync(parsed.GetRequiredValue(id), cancellationToken);
            printer.Done($"Revoked signing key {parsed.GetValue(id)}.");
        });
    }

    private static void Show(KeysResponse keys, Printer printer)
    {
        if (printer.Json)
        {
            printer.One(keys, Printer.Types.KeysResponse);
        }
        else
        {
            var rows = keys.Items.SelectMany(static kind => kind.Keys.Select(key => (Kind: kind, Key: key)));
            Table.Write(Console.Out, [.. Columns.Select(static column => column.Name)], [.. rows.Select(static row => Columns.Select(column => column.Value(row)).ToArray())]);
        }
    }

    private static string Describe(KeyRotationResource rotation) =>
        $"{rotation.Step}, {(rotation.Left is { } left ? $"{left}" : "not yet counted")} left{(rotation.Unreadable > 0 ? $", {rotation.Unreadable} unreadable" : "")}";
}
