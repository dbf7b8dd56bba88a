using System.Text.Json;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Api.Credentials;

/// <summary>A credential on the wire and in the domain.</summary>
internal static class CredentialForms
{
    private const int MaxCacheTtlSeconds = 86400;
    private const int MaxStaleSeconds = 7 * 86400;

    private static readonly JsonElement Hidden = JsonElement.Parse("""{"hasValue":true}""");

    public static Result<CredentialInput> Parse(CredentialRequest request)
    {
        var errors = new List<FailureEntry>();
        var scope = ScopeForms.Parse(request.Scope, request.Projects, request.Automations, "credential.scope_invalid", errors);
        CheckRange(request.CacheTtlSeconds, MaxCacheTtlSeconds, "cacheTtlSeconds", errors);
        CheckRange(request.StaleIfErrorSeconds, MaxStaleSeconds, "staleIfErrorSeconds", errors);
        return errors.Count > 0
            ? Failure.Invalid("credential.invalid", "The credential was not stored: some fields are wrong.") with { Errors = errors }
            : new CredentialInput(
                request.Provider,
                request.Settings?.AsReadOnly() ?? new Dictionary<string, JsonElement>().AsReadOnly(),
                request.Auth,
                request.Default,
                scope,
                request.CacheTtlSeconds ?? 300,
                request.StaleIfErrorSeconds ?? 0,
                request.ExpiresAt);
    }

    public static CredentialResource ToResource(ProviderCatalog providers, ProviderCredential credential)
    {
        var auth = ToAuth(credential.Auth);
        foreach (var field in credential.Auth.Fields)
        {
            auth[field] = Hidden;
        }

        return new CredentialResource
        {
            Name = credential.Name,
            Provider = credential.Provider,
            Auth = auth,
            Default = credential.Default,
            Scope = ScopeForms.Kind(credential.Scope),
            Projects = credential.Scope.Projects ?? [],
            Automations = credential.Scope.Automations,
            CacheTtlSeconds = credential.CacheTtlSeconds,
            StaleIfErrorSeconds = credential.StaleIfErrorSeconds,
            ExpiresAt = credential.ExpiresAt,
            CreatedAt = credential.Changes.CreatedAt,
            UpdatedAt = credential.Changes.UpdatedAt,
            UpdatedBy = credential.Changes.UpdatedBy,
            Settings = ToSettings(providers, credential),
        };
    }

    /// <summary>As it would have been sent, static fields included: it exists to be merged with a patch and stored again.</summary>
    public static CredentialRequest ToRequest(ProviderCatalog providers, OrganizationView view, ProviderCredential credential)
    {
        var auth = ToAuth(credential.Auth);
        using (var fields = CredentialConnection.OpenFields(view, credential))
        {
            if (fields is not null)
            {
                var objects = providers.Find(credential.Provider)?.AuthSchemes.SelectMany(static scheme => scheme.Fields)
                    .Where(static field => field.Type == FieldType.Object).Select(static field => field.Name).ToArray() ?? [];
                using var document = JsonDocument.Parse(fields.Reveal().ToArray());
                foreach (var field in document.RootElement.EnumerateObject())
                {
                    auth[field.Name] = objects.Contains(field.Name) ? JsonElement.Parse(field.Value.GetString()!) : field.Value.Clone();
                }
            }
        }

        return new CredentialRequest
        {
            Provider = credential.Provider,
            Auth = auth,
            Default = credential.Default,
            Scope = ScopeForms.Kind(credential.Scope),
            Projects = credential.Scope.Projects ?? [],
            Automations = credential.Scope.Automations,
            CacheTtlSeconds = credential.CacheTtlSeconds,
            StaleIfErrorSeconds = credential.StaleIfErrorSeconds,
            ExpiresAt = credential.ExpiresAt,
            Settings = ToSettings(providers, credential),
        };
    }

    /// <summary>
    /// Another way to authenticate begins without the fields of the one before. So does another address or provider: what is secret was given for where
    /// it goes, and whoever sends it elsewhere must have it.
    /// </summary>
    public static CredentialRequest ForPatch(ProviderCatalog providers, CredentialRequest current, JsonObject patch)
    {
        var otherWay = patch["auth"] is JsonObject auth && auth["type"] is JsonValue type && type.TryGetValue(out string? next) && next != current.Auth["type"].GetString();
        string[] addresses = ["provider", .. providers.Find(current.Provider)?.Settings.Where(static field => field.Type == FieldType.Url).Select(static field => field.Name) ?? []];
        var elsewhere = addresses.Any(name => patch.ContainsKey(name) && TextOf(patch[name]) != (name == "provider" ? current.Provider : SettingOf(current, name)));
        return otherWay || elsewhere
            ? current with { Auth = current.Auth.Where(field => field.Key == "type" || (field.Key == "config" && !otherWay)).ToDictionary() }
            : current;
    }

    private static string? TextOf(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static string? SettingOf(CredentialRequest request, string name) =>
        request.Settings?.TryGetValue(name, out var setting) == true && setting.ValueKind == JsonValueKind.String ? setting.GetString() : null;

    private static Dictionary<string, JsonElement> ToSettings(ProviderCatalog providers, ProviderCredential credential) =>
        FieldForms.ToJson(providers.Find(credential.Provider)?.Settings, credential.Settings);

    /// <summary>What of the authentication is not secret.</summary>
    private static Dictionary<string, JsonElement> ToAuth(StoredAuth stored)
    {
        var auth = new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["type"] = FieldForms.Text(stored.Type) };
        if (stored.Config is { } config)
        {
            auth["config"] = FieldForms.Text(config);
        }

        return auth;
    }

    private static void CheckRange(int? seconds, int max, string field, List<FailureEntry> errors)
    {
        if (seconds is < 0 || seconds > max)
        {
            errors.Add(new FailureEntry("credential.field_invalid", $"It is from 0 to {max} seconds.") { Field = field });
        }
    }
}
