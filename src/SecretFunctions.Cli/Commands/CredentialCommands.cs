using System.CommandLine;
using System.Text.Json;
using SecretFunctions.Cli.Output;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>credential list|get|set|delete|test|secrets</c>.</summary>
internal static class CredentialCommands
{
    private static readonly Column<CredentialResource>[] Columns =
    [
        new("NAME", static credential => credential.Name),
        new("PROVIDER", static credential => credential.Default ? $"{credential.Provider} (default)" : credential.Provider),
        new("AUTH", static credential => credential.Auth.TryGetValue("config", out var config) ? $"{credential.Auth["type"]}:{config}" : $"{credential.Auth["type"]}"),
        new("PROJECTS", static credential => Table.Names(credential.Projects)),
        new("AUTOMATIONS", static credential => Table.Names(credential.Automations)),
        new("EXPIRES", static credential => credential.ExpiresAt is null ? "never" : $"{credential.ExpiresAt:u}"),
        new("UPDATED", static credential => $"{credential.UpdatedAt:u}"),
    ];

    public static Command Create(CliSession session) => new("credential", "Credentials of providers: how external stores are reached.")
    {
        List(session), Get(session), CredentialSetCommand.Create(session), Delete(session), Test(session), Secrets(session),
    };

    /// <summary>With the provider's own fields.</summary>
    public static void Show(CredentialResource credential, Printer printer) => printer.One(
        credential,
        Printer.Types.CredentialResource,
        [
            .. Columns,
            new("CACHED", static credential => $"{credential.CacheTtlSeconds} s, {credential.StaleIfErrorSeconds} s more where the store fails"),
            .. (credential.Settings ?? new Dictionary<string, JsonElement>()).Select(static setting => new Column<CredentialResource>(setting.Key, _ => setting.Value.ToString())),
        ]);

    private static Command List(CliSession session)
    {
        var provider = new Option<string?>("--provider") { Description = "Only of this provider." };
        var limit = CommonOptions.Limit(null);
        return session.Does(new Command("list", "List credentials.") { provider, limit }, (parsed, client, printer, cancellationToken) => printer.ManyAsync(
            client.ListCredentialsAsync(parsed.GetValue(provider), cancellationToken), parsed.GetValue(limit), Printer.Types.CredentialResource, Columns));
    }

    private static Command Get(CliSession session)
    {
        var name = CommonOptions.Name("credential");
        return session.Does(new Command("get", "Show a credential, without what is secret.") { name }, async (parsed, client, printer, cancellationToken) =>
            Show(await client.GetCredentialAsync(parsed.GetRequiredValue(name), cancellationToken), printer));
    }

    private static Command Delete(CliSession session)
    {
        var name = CommonOptions.Name("credential");
        var force = new Option<bool>("--force") { Description = "Also while variables refer to it, which fail then." };
        return session.Does(new Command("delete", "Delete a credential.") { name, force }, async (parsed, client, printer, cancellationToken) =>
        {
            await client.DeleteCredentialAsync(parsed.GetRequiredValue(name), parsed.GetValue(force), cancellationToken);
            printer.Done($"Deleted credential {parsed.GetValue(name)}.");
        });
    }

    private static Command Test(CliSession session)
    {
        var name = CommonOptions.Name("credential");
        var subject = new SubjectOptions();
        var secret = new Option<string?>("--secret") { Description = "Read this one too, as a reference would name it. Its value is shown nowhere." };
        return session.Does(
            subject.AddTo(new Command("test", "Reach the store, and say where it does not work. Exit code 1 where it does not.") { name, secret }),
            async (parsed, client, printer, cancellationToken) =>
            {
                var request = new CredentialTestRequest { Secret = parsed.GetValue(secret) };
                var report = await client.TestCredentialAsync(parsed.GetRequiredValue(name), subject.Of(parsed), request, cancellationToken);
                if (printer.Json)
                {
                    printer.One(report, Printer.Types.CredentialTestResponse);
                }
                else
                {
                    CheckText.Write(Console.Out, report.Checks);
                    Console.Write(report.Identity is { } identity ? $"There it is {Table.Printable(identity)}.\n" : "");
                }

                return report.Ok ? ExitCode.Success : ExitCode.Failure;
            });
    }

    private static Command Secrets(CliSession session)
    {
        var name = CommonOptions.Name("credential");
        var subject = new SubjectOptions();
        var prefix = new Option<string?>("--prefix") { Description = "Only names that begin with this." };
        return session.Does(
            subject.AddTo(new Command("secrets", "List names of secrets in the store, one to a line; on standard error, why some may be missing.") { name, prefix }),
            async (parsed, client, printer, cancellationToken) =>
            {
                var names = await client.ListSecretNamesAsync(parsed.GetRequiredValue(name), subject.Of(parsed), parsed.GetValue(prefix), cancellationToken);
                if (printer.Json)
                {
                    printer.One(names, Printer.Types.SecretNamesResponse);
                    return;
                }

                foreach (var secret in names.Items)
                {
                    Console.WriteLine(Table.Printable(secret));
                }

                if (!names.Complete)
                {
                    await Console.Error.WriteLineAsync($"not all: {Table.Printable(names.Detail)}".TrimEnd());
                }
            });
    }

    /// <summary>As whom to look.</summary>
    private sealed class SubjectOptions
    {
        private readonly Option<string?> _automation = new("--automation") { Description = "As this automation, where the credential holds no secret of its own." };
        private readonly Option<string?> _project = new("--project") { Description = "As this project, where tokens name no automation." };
        private readonly Option<string> _environment = CommonOptions.Environment();

        public Command AddTo(Command command)
        {
            command.Add(_automation);
            command.Add(_project);
            command.Add(_environment);
            return command;
        }

        public CredentialSubject Of(ParseResult parsed) => new(parsed.GetValue(_automation), parsed.GetValue(_project), parsed.GetValue(_environment));
    }
}
