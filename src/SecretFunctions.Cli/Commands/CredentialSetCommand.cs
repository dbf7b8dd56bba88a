using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using SecretFunctions.Cli.Input;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Commands;

/// <summary><c>credential set</c>. What is secret of it comes from a file or standard input.</summary>
internal static class CredentialSetCommand
{
    private const string Type = "type";

    public static Command Create(CliSession session)
    {
        var name = CommonOptions.Name("credential");
        var provider = new Option<string?>("--provider") { Description = "Such as aws-secrets-manager or hashicorp-vault. A new one needs it." };
        var fields = new Option<string[]>("--field") { Description = "NAME=VALUE, one of the provider's own fields: region=… Repeat it for more." };
        var numbers = new Option<string[]>("--number-field") { Description = "The same for a field that is a whole number: kvVersion=1." };
        var authFile = new Option<string?>("--auth-file") { Description = "File with the fields to authenticate with, as a JSON object; - is standard input. A new one needs this or one of the next two." };
        var config = new Option<string?>("--workload-identity") { Description = "Hold no secret: tokens of the service's own, exchanged as this configuration says." };
        var ambient = new Option<bool>("--ambient") { Description = "Be what the service itself runs as." };
        var isDefault = new Option<bool?>("--default") { Description = "What references take that name the provider alone; 'false' ends it." };
        var scope = new ScopeOptions();
        var cacheTtl = new Option<int?>("--cache-ttl") { Description = "How old a value may be, in seconds (a new one's default: 300)." };
        var stale = new Option<int?>("--stale-if-error") { Description = "How much older while the store cannot be reached, in seconds (a new one's default: 0)." };
        var expiresAt = CommonOptions.ExpiresAt();
        var command = new Command("set", "Create or change a credential. What is secret is read from a file or standard input, never from an argument.") { name };
        Array.ForEach<Option>([provider, fields, numbers, authFile, config, ambient, isDefault, cacheTtl, stale, expiresAt], command.Add);
        scope.AddTo(command);
        command.Validators.Add(result =>
        {
            if (new Option[] { authFile, config, ambient }.Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("There is one way to authenticate: --auth-file, --workload-identity or --ambient.");
            }
        });
        return session.Does(command, async (parsed, client, printer, cancellationToken) =>
        {
            var credential = parsed.GetRequiredValue(name);
            var current = await Upsert.FindAsync(() => client.GetCredentialAsync(credential, cancellationToken));
            var serves = scope.Of(parsed);
            var request = new CredentialRequest
            {
                Provider = parsed.GetValue(provider) ?? current?.Provider ?? throw new UsageException("A new credential needs --provider."),
                Auth = parsed.GetValue(authFile) is { } file ? await ReadAuthAsync(file, cancellationToken)
                    : parsed.GetValue(config) is { } named ? new Dictionary<string, JsonElement> { [Type] = CommonOptions.Text("workload-identity"), ["config"] = CommonOptions.Text(named) }
                    : parsed.GetValue(ambient) ? new Dictionary<string, JsonElement> { [Type] = CommonOptions.Text("ambient") }
                    : current is not null ? new Dictionary<string, JsonElement> { [Type] = current.Auth[Type] }
                    : throw new UsageException("A new credential needs --auth-file, --workload-identity or --ambient."),
                Default = parsed.GetValue(isDefault) ?? current?.Default ?? false,
                Scope = serves.Scope,
                Projects = serves.Projects,
                Automations = serves.Automations,
                CacheTtlSeconds = parsed.GetValue(cacheTtl),
                StaleIfErrorSeconds = parsed.GetValue(stale),
                ExpiresAt = parsed.GetValue(expiresAt),
                Settings = ParseSettings(parsed.GetValue(fields) ?? [], parsed.GetValue(numbers) ?? []),
            };
            CredentialCommands.Show(
                current is null
                    ? await client.PutCredentialAsync(credential, request, cancellationToken)
                    : await client.PatchCredentialAsync(credential, request, cancellationToken),
                printer);
        });
    }

    /// <summary>Its members, and the type that has members of a provider's own where it says none.</summary>
    private static async Task<Dictionary<string, JsonElement>> ReadAuthAsync(string path, CancellationToken cancellationToken)
    {
        var content = await SecretInput.ReadDocumentAsync(path, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(content, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw NoAuth();
            }

            var auth = document.RootElement.EnumerateObject().ToDictionary(static field => field.Name, static field => field.Value.Clone());
            auth.TryAdd(Type, CommonOptions.Text("static"));
            return auth;
        }
        catch (JsonException)
        {
            // Not passed on: it may quote what it could not read.
            throw NoAuth();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static UsageException NoAuth() => new("What --auth-file names is no JSON object of the provider's fields, each once.");

    private static Dictionary<string, JsonElement> ParseSettings(string[] texts, string[] numbers)
    {
        var settings = CommonOptions.ParseFields(texts);
        foreach (var text in numbers)
        {
            if (text.Split('=') is not [{ Length: > 0 } field, var value]
                || !int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                || !settings.TryAdd(field, JsonElement.Parse(number.ToString(CultureInfo.InvariantCulture))))
            {
                throw new UsageException("--number-field must be NAME=NUMBER, each field once.");
            }
        }

        return settings;
    }
}
