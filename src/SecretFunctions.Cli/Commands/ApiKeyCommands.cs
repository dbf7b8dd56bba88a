using System.CommandLine;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>api-key create|list|get|delete|lend|take-back</c>.</summary>
internal static class ApiKeyCommands
{
    private static readonly Column<ApiKeyResource>[] Columns =
    [
        new("ID", static key => key.Id),
        new("NAME", static key => key.Name),
        new("PRINCIPAL", static key => $"{key.Principal.Type}:{key.Principal.Name}"),
        new("ENVIRONMENTS", static key => Table.Names(key.Environments)),
        new("EXPIRES", static key => key.ExpiresAt is null ? "never" : $"{key.ExpiresAt:u}"),
        new("CREATED", static key => $"{key.CreatedAt:u}"),
        new("PERSONAL OF", static key => key.PersonalOf),
    ];

    public static Command Create(CliSession session) => new("api-key", "API keys.")
    {
        New(session), List(session), Get(session), Delete(session), Lend(session), TakeBack(session),
    };

    private static Command New(CliSession session)
    {
        var name = new Argument<string>("name") { Description = "What to call the key." };
        var principal = CommonOptions.Principal("member:E-MAIL, automation:NAME or service:NAME");
        var permissions = new Option<string[]>("--permission") { Description = "FEATURE=LEVEL, no more than that. Repeat it for more; a service needs some." };
        var projects = new Option<string[]>("--project") { Description = "Only for this project. Repeat it for more." };
        var environments = new Option<string[]>("--environment", "-e") { Description = "Only for this environment. Repeat it for more." };
        var expiresAt = CommonOptions.ExpiresAt();
        var file = new Option<FileInfo?>("--key-file") { Description = "Where to write the key, readable by you alone (default: standard output)." };
        return session.Does(
            new Command("create", "Make a key. It is shown this once.") { name, principal, permissions, projects, environments, expiresAt, file },
            async (parsed, client, printer, cancellationToken) =>
            {
                var made = await client.CreateApiKeyAsync(
                    new ApiKeyRequest
                    {
                        Name = parsed.GetRequiredValue(name),
                        Principal = parsed.GetRequiredValue(principal),
                        Permissions = CommonOptions.ParsePermissions(parsed.GetValue(permissions) ?? []),
                        Projects = parsed.GetValue(projects) is { Length: > 0 } within ? within : null,
                        Environments = CommonOptions.Some(parsed.GetValue(environments)),
                        ExpiresAt = parsed.GetValue(expiresAt),
                    },
                    cancellationToken);
                Show(made, parsed.GetValue(file), printer);
            });
    }

    /// <summary>The key alone on standard output, so that a script can take it; words about it go to standard error.</summary>
    private static void Show(ApiKeyResource made, FileInfo? file, Printer printer)
    {
        using var key = made.Key ?? throw new UsageException("The service answered without a key: it is not of this version.");
        if (file is not null)
        {
            SecretOutput.Write(file, key.Reveal());
            printer.One(made with { Key = null }, Printer.Types.ApiKeyResource, Columns);
        }
        else if (printer.Json)
        {
            printer.One(made, Printer.Types.ApiKeyResource);
        }
        else
        {
            Console.Error.WriteLine($"Made key {made.Id}; it is shown this once:");
            SecretOutput.Write(null, key.Reveal());
        }
    }

    private static Command List(CliSession session) => session.Does(
        new Command("list", "List keys, without their secrets."),
        static (_, client, printer, cancellationToken) =>
            printer.ManyAsync(client.ListApiKeysAsync(cancellationToken), null, Printer.Types.ApiKeyResource, Columns));

    /// <summary>With what narrows it.</summary>
    private static Command Get(CliSession session)
    {
        var id = new Argument<string>("id") { Description = "The key's id." };
        return session.Does(new Command("get", "Show a key, without its secret.") { id }, async (parsed, client, printer, cancellationToken) => printer.One(
            await client.GetApiKeyAsync(parsed.GetRequiredValue(id), cancellationToken),
            Printer.Types.ApiKeyResource,
            [
                .. Columns,
                new("PROJECTS", static key => Table.Names(key.Projects)),
                new("PERMISSIONS", static key => key.Permissions is null ? "all" : string.Join(',', key.Permissions.Select(static permission => $"{permission.Key}={permission.Value}"))),
            ]));
    }

    private static Command Delete(CliSession session)
    {
        var id = new Argument<string>("id") { Description = "The key's id." };
        return session.Does(new Command("delete", "Revoke a key.") { id }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteApiKeyAsync(parsed.GetRequiredValue(id), cancellationToken);
            printer.Done($"Revoked key {parsed.GetValue(id)}.");
        });
    }

    private static Command Lend(CliSession session)
    {
        var id = new Argument<string>("id") { Description = "The key's id." };
        return session.Does(new Command("lend", "Let a key that somebody else made open your personal variables, for automations of yours.") { id }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.LendPersonalToApiKeyAsync(parsed.GetRequiredValue(id), cancellationToken);
            printer.Done($"Key {parsed.GetValue(id)} opens your personal variables.");
        });
    }

    private static Command TakeBack(CliSession session)
    {
        var id = new Argument<string>("id") { Description = "The key's id." };
        return session.Does(new Command("take-back", "Let a key open your personal variables no longer.") { id }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.TakeBackPersonalFromApiKeyAsync(parsed.GetRequiredValue(id), cancellationToken);
            printer.Done($"Key {parsed.GetValue(id)} does not open your personal variables.");
        });
    }
}
