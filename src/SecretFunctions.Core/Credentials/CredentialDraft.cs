using System.Security.Cryptography;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Credentials;

/// <summary>Makes a credential of what was sent, or says everything that is wrong with it.</summary>
/// <param name="config">The configuration that the credential names; null where it names none.</param>
internal sealed class CredentialDraft(OrganizationView view, Caller caller, string name, ISecretProvider provider, CredentialInput input, WorkloadIdentityConfig? config)
{
    private readonly List<FailureEntry> _errors = [];

    public static string? AuthTypeOf(IReadOnlyDictionary<string, JsonElement> auth) => TextOf(auth, "type");

    /// <summary>The configuration that is named; null where the credential authenticates in another way, or names none.</summary>
    public static string? ConfigOf(IReadOnlyDictionary<string, JsonElement> auth) =>
        AuthTypeOf(auth) == AuthScheme.WorkloadIdentity ? TextOf(auth, "config") : null;

    public Result<ProviderCredential> Next(ProviderCredential? current, DateTimeOffset now)
    {
        var settings = CredentialFields.ReadSettings(provider.Settings, input.Settings, _errors);
        var type = AuthTypeOf(input.Auth);
        var fields = ReadAuth(type);
        if (_errors.Count == 0)
        {
            _errors.AddRange(type switch
            {
                AuthScheme.Static => CredentialConnection.ValidateStatic(provider, name, settings, fields),
                AuthScheme.WorkloadIdentity => CredentialConnection.Validate(provider, name, settings, config!),
                _ => CredentialConnection.ValidateAmbient(provider, name, settings),
            });
        }

        if (_errors.Count > 0)
        {
            return Failure.Invalid("credential.invalid", "The credential was not stored: some fields are wrong.") with { Errors = _errors };
        }

        // Not from 1: what an earlier credential of this name left behind, cached or open, must not be taken for this one's.
        var generation = current is null ? RandomNumberGenerator.GetInt32(1, int.MaxValue / 2) : current.Generation + 1;
        var by = caller.Principal.ToString();
        var next = new ProviderCredential(
            name, provider.Name, settings, new StoredAuth(type!, [.. fields.Keys], null, config?.Name), input.Scope, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
        {
            Default = input.Default,
            CacheTtlSeconds = input.CacheTtlSeconds,
            StaleIfErrorSeconds = input.StaleIfErrorSeconds,
            ExpiresAt = input.ExpiresAt,
            Generation = generation,
        };
        return type == AuthScheme.Static ? next with { Auth = next.Auth with { Sealed = SealFields(next, fields) } } : next;
    }

    /// <summary>The static fields.</summary>
    private Dictionary<string, string> ReadAuth(string? type)
    {
        if (type == AuthScheme.WorkloadIdentity && provider.Federation is { } cloud)
        {
            CheckConfig(cloud);
            return [];
        }

        var schemes = provider.AuthSchemes.Where(scheme => scheme.Type == type && type != AuthScheme.WorkloadIdentity).ToArray();
        if (schemes.Length == 0)
        {
            _errors.Add(new FailureEntry("credential.auth_unsupported", $"This provider authenticates with {string.Join(", ", AuthTypes)}.") { Field = "auth.type" });
            return [];
        }

        return CredentialFields.ReadAlternatives(schemes, input.Auth.Where(static field => field.Key != "type").ToDictionary(), _errors);
    }

    private IEnumerable<string> AuthTypes => provider.AuthSchemes.Select(static scheme => scheme.Type)
        .Where(static type => type != AuthScheme.WorkloadIdentity)
        .Concat(provider.Federation is null ? [] : [AuthScheme.WorkloadIdentity])
        .Distinct();

    private void CheckConfig(FederationTarget cloud)
    {
        foreach (var field in input.Auth.Keys.Where(static field => field is not ("type" or "config")))
        {
            _errors.Add(new FailureEntry("credential.unknown_field", "With a workload identity there is 'config' here, and nothing else.") { Field = $"auth.{field}" });
        }

        if (config is null)
        {
            _errors.Add(ConfigOf(input.Auth) is { } named
                ? new FailureEntry("workload_identity.not_found", $"There is no workload identity configuration '{named}'.") { Field = "auth.config" }
                : new FailureEntry("credential.field_missing", "The name of a workload identity configuration. It is required.") { Field = "auth.config" });
        }
        else if (config.Cloud != cloud.Cloud)
        {
            _errors.Add(new FailureEntry("credential.config_cloud", $"Configuration '{config.Name}' is for cloud '{config.Cloud}', and this provider's is '{cloud.Cloud}'.") { Field = "auth.config" });
        }
        else if (!input.Scope.IsWithin(config.Scope))
        {
            _errors.Add(new FailureEntry("credential.config_out_of_scope", $"The credential is for projects or automations that configuration '{config.Name}' is not for.")
            {
                Field = "auth.config",
                Hint = "Give the credential projects and automations out of the configuration's own scope, or widen that.",
            });
        }
    }

    private byte[] SealFields(ProviderCredential credential, IReadOnlyDictionary<string, string> fields)
    {
        var json = CredentialFields.Serialize(fields);
        try
        {
            return Envelope.Seal(view.Keys, new SealContext(view.Organization.Id, credential.SealSubject, credential.Generation), json);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private static string? TextOf(IReadOnlyDictionary<string, JsonElement> auth, string name) =>
        auth.TryGetValue(name, out var element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;
}
