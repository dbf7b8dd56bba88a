using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Credentials;

/// <summary>The organization's provider credentials. Safe for concurrent use.</summary>
public sealed class CredentialDirectory(ResourceStore resources, OrganizationViews views, ProviderCatalog providers)
{
    private const int MaxAttempts = 8;

    public async Task<Result<Stored<ProviderCredential>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.Credential(name), StoredJson.Default.ProviderCredential, cancellationToken) is { } stored
            ? stored
            : NotFound(name);

    /// <summary>The provider's default credential, or null.</summary>
    public async Task<Stored<ProviderCredential>?> GetDefaultAsync(string organizationId, string provider, CancellationToken cancellationToken) =>
        await GetDefaultRowAsync(organizationId, provider, cancellationToken) is { } pointer
            ? await resources.GetAsync(organizationId, Rows.Credential(pointer.Document.Credential), StoredJson.Default.ProviderCredential, cancellationToken)
            : null;

    public Task<StoredPage<ProviderCredential>> ListAsync(
        string organizationId, string? provider, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(organizationId, Rows.CredentialPrefix);
        return resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.ProviderCredential,
            credential => provider is null || credential.Provider == provider,
            cancellationToken);
    }

    public async Task<Result<Saved<ProviderCredential>>> PutAsync(
        Caller caller, string name, CredentialInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if (providers.Find(input.Provider) is not { } provider)
        {
            return Failure.Invalid("credential.provider_unknown", $"There is no provider of this name; there are {string.Join(", ", providers.Names)}.");
        }

        if (!providers.LendsIdentity && !caller.IsOperator && AuthTypeOf(input.Auth) == AuthScheme.Ambient)
        {
            return AmbientNotAllowed;
        }

        if (await CheckScopeAsync(caller.OrganizationId, input.Scope, cancellationToken) is { } failure)
        {
            return failure;
        }

        if (await views.GetAsync(caller.OrganizationId, cancellationToken) is not { } view)
        {
            return VariableDirectory.Gone;
        }

        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var current = await resources.GetAsync(caller.OrganizationId, Rows.Credential(name), StoredJson.Default.ProviderCredential, cancellationToken);
            if (precondition.Check(current?.ETag) is { } failed)
            {
                return failed;
            }

            if (!Next(view, caller, name, provider, input, current?.Document).TryGet(out var next, out failure))
            {
                return failure;
            }

            var writes = await WritesAsync(caller.OrganizationId, next, current, cancellationToken);
            var result = await resources.CommitAsync(
                caller, writes, Change.Of("credential.put", ("credential", name), ("provider", next.Provider)), cancellationToken);
            if (result.Applied)
            {
                return new Saved<ProviderCredential>(next, result.ETags[0], current is null);
            }

            if (precondition.IsConditional)
            {
                return Precondition.Failed("The credential was changed by somebody else meanwhile. Read it again.");
            }
        }

        return ResourceStore.Busy;
    }

    /// <summary>Refused while variables refer to it, unless forced: then those fail at their next kickoff.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, bool force, CancellationToken cancellationToken)
    {
        if (!(await GetAsync(caller.OrganizationId, name, cancellationToken)).TryGet(out var stored, out var failure)
            || (failure = precondition.Check(stored.ETag)) is not null
            || (!force && (failure = await CredentialUse.FindAsync(resources.Store, caller.OrganizationId, stored.Document, cancellationToken)) is not null))
        {
            return failure;
        }

        List<EntityWrite> writes = [EntityWrite.Delete(stored.Row, stored.ETag)];
        if (await GetDefaultRowAsync(caller.OrganizationId, stored.Document.Provider, cancellationToken) is { } pointer && pointer.Document.Credential == name)
        {
            writes.Add(EntityWrite.Delete(pointer.Row, pointer.ETag));
        }

        var result = await resources.CommitAsync(caller, writes, Change.Of("credential.delete", ("credential", name)), cancellationToken);
        if (!result.Applied)
        {
            return precondition.IsConditional ? Precondition.Failed("The credential was changed by somebody else meanwhile.") : ResourceStore.Busy;
        }

        await resources.Store.PurgeAsync(EntityRange.Prefix(caller.OrganizationId, Rows.CachePrefix(name)), cancellationToken);
        return null;
    }

    /// <summary>What a provider needs to open the store. The caller disposes its <see cref="ProviderAuth.Static"/>.</summary>
    internal static Result<ProviderConnection> Connect(OrganizationView view, ProviderCredential credential) => credential.Auth switch
    {
        { Type: AuthScheme.Ambient } => new ProviderConnection(credential.Name, credential.Settings, new ProviderAuth.Ambient()),
        { Type: AuthScheme.Static, Sealed: { } envelope } => ConnectStatic(view, credential, envelope),
        _ => ProviderFailure.Create(
            ProviderFailure.InvalidRequest, $"Credential '{credential.Name}' has no usable authentication.", "Write the credential anew."),
    };

    private static Result<ProviderConnection> ConnectStatic(OrganizationView view, ProviderCredential credential, byte[] envelope)
    {
        using var opened = Envelope.Open(view.Keys, new SealContext(view.Organization.Id, credential.SealSubject, credential.Generation), envelope);
        return opened is null
            ? ProviderFailure.Create(
                ProviderFailure.AuthenticationFailed,
                $"The stored fields of credential '{credential.Name}' do not open: the row was changed, or moved here from elsewhere.",
                "Restore the row from a backup, or write the credential anew.")
            : new ProviderConnection(credential.Name, credential.Settings, new ProviderAuth.Static(CredentialFields.Deserialize(opened.Reveal())));
    }

    /// <summary>The stored static fields as JSON, for merging a patch into them. The caller clears it; null where there are none.</summary>
    public static SecretValue? OpenFields(OrganizationView view, ProviderCredential credential) => credential.Auth.Sealed is { } envelope
        ? Envelope.Open(view.Keys, new SealContext(view.Organization.Id, credential.SealSubject, credential.Generation), envelope)
        : null;

    private Result<ProviderCredential> Next(
        OrganizationView view, Caller caller, string name, ISecretProvider provider, CredentialInput input, ProviderCredential? current)
    {
        var errors = new List<FailureEntry>();
        var settings = CredentialFields.ReadSettings(provider.Settings, input.Settings, errors);
        var (type, fields) = ReadAuth(provider, input.Auth, errors);
        if (errors.Count == 0)
        {
            CheckTogether(name, provider, settings, type, fields, errors);
        }

        if (errors.Count > 0)
        {
            return Failure.Invalid("credential.invalid", "The credential was not stored: some fields are wrong.") with { Errors = errors };
        }

        var now = resources.Now;
        var by = caller.Principal.ToString();

        // Not from 1: what an earlier credential of this name left behind, cached or open, must not be taken for this one's.
        var generation = current is null ? RandomNumberGenerator.GetInt32(1, int.MaxValue / 2) : current.Generation + 1;
        var next = new ProviderCredential(
            name, provider.Name, settings, new StoredAuth(type, [.. fields.Keys], null, null), input.Scope, current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
        {
            Default = input.Default,
            CacheTtlSeconds = input.CacheTtlSeconds,
            StaleIfErrorSeconds = input.StaleIfErrorSeconds,
            ExpiresAt = input.ExpiresAt,
            Generation = generation,
        };
        return type == AuthScheme.Static ? next with { Auth = next.Auth with { Sealed = SealFields(view, next, fields) } } : next;
    }

    private static (string Type, Dictionary<string, string> Fields) ReadAuth(
        ISecretProvider provider, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        var type = AuthTypeOf(given);
        var schemes = provider.AuthSchemes.Where(scheme => scheme.Type == type).ToArray();
        if (type is null || schemes.Length == 0)
        {
            var types = string.Join(", ", provider.AuthSchemes.Select(static scheme => scheme.Type).Distinct());
            errors.Add(new FailureEntry("credential.auth_unsupported", $"This provider authenticates with {types}.") { Field = "auth.type" });
            return ("", []);
        }

        var fields = given.Where(static field => field.Key != "type").ToDictionary();
        return (type, CredentialFields.ReadAlternatives(schemes, fields, errors));
    }

    private static string? AuthTypeOf(IReadOnlyDictionary<string, JsonElement> auth) =>
        auth.TryGetValue("type", out var element) && element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    private static void CheckTogether(
        string name,
        ISecretProvider provider,
        IReadOnlyDictionary<string, string> settings,
        string type,
        IReadOnlyDictionary<string, string> fields,
        List<FailureEntry> errors)
    {
        if (type != AuthScheme.Static)
        {
            errors.AddRange(provider.Validate(new ProviderConnection(name, settings, new ProviderAuth.Ambient())));
            return;
        }

        using var auth = new ProviderAuth.Static(fields.ToDictionary(static field => field.Key, static field => new SecretValue(Encoding.UTF8.GetBytes(field.Value))));
        errors.AddRange(provider.Validate(new ProviderConnection(name, settings, auth)));
    }

    private static byte[] SealFields(OrganizationView view, ProviderCredential credential, IReadOnlyDictionary<string, string> fields)
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

    /// <summary>The credential, and what keeps the provider's default a single one: the pointer, and the credential it named before.</summary>
    private async Task<List<EntityWrite>> WritesAsync(
        string organizationId, ProviderCredential next, Stored<ProviderCredential>? current, CancellationToken cancellationToken)
    {
        var data = Documents.Serialize(next, StoredJson.Default.ProviderCredential);
        List<EntityWrite> writes = [current is null ? EntityWrite.Insert(Rows.Credential(next.Name), data) : EntityWrite.Replace(current.Row, data, current.ETag)];
        if (current is { Document: { Default: true } before } && (before.Provider != next.Provider || !next.Default)
            && await GetDefaultRowAsync(organizationId, before.Provider, cancellationToken) is { } own && own.Document.Credential == next.Name)
        {
            writes.Add(EntityWrite.Delete(own.Row, own.ETag));
        }

        if (!next.Default)
        {
            return writes;
        }

        var pointer = await GetDefaultRowAsync(organizationId, next.Provider, cancellationToken);
        var named = Documents.Serialize(new DefaultCredential(next.Name), StoredJson.Default.DefaultCredential);
        writes.Add(pointer is null ? EntityWrite.Insert(Rows.CredentialDefault(next.Provider), named) : EntityWrite.Replace(pointer.Row, named, pointer.ETag));
        if (pointer is not null && pointer.Document.Credential != next.Name
            && await resources.GetAsync(organizationId, Rows.Credential(pointer.Document.Credential), StoredJson.Default.ProviderCredential, cancellationToken) is { } other)
        {
            writes.Add(EntityWrite.Replace(
                other.Row, Documents.Serialize(other.Document with { Default = false }, StoredJson.Default.ProviderCredential), other.ETag));
        }

        return writes;
    }

    private async Task<Failure?> CheckScopeAsync(string organizationId, CredentialScope scope, CancellationToken cancellationToken)
    {
        var errors = new List<FailureEntry>();
        foreach (var project in scope.Projects ?? [])
        {
            if (await resources.GetAsync(organizationId, Rows.Project(project), StoredJson.Default.Project, cancellationToken) is not { Document.DeletedAt: null })
            {
                errors.Add(new FailureEntry("project.not_found", $"There is no project '{project}'.") { Field = "projects" });
            }
        }

        foreach (var automation in scope.Automations)
        {
            if (await resources.GetAsync(organizationId, Rows.Automation(automation), StoredJson.Default.Automation, cancellationToken) is not { Document.DeletedAt: null })
            {
                errors.Add(new FailureEntry("automation.not_found", $"There is no automation '{automation}'.") { Field = "automations" });
            }
        }

        return errors.Count == 0 ? null : Failure.Invalid("credential.invalid", "The credential was not stored: its scope names what does not exist.") with { Errors = errors };
    }

    private Task<Stored<DefaultCredential>?> GetDefaultRowAsync(string organizationId, string provider, CancellationToken cancellationToken) =>
        resources.GetAsync(organizationId, Rows.CredentialDefault(provider), StoredJson.Default.DefaultCredential, cancellationToken);

    private static Failure AmbientNotAllowed { get; } = Failure.Denied(
        "credential.ambient_not_allowed", "Only the deployment's operator writes credentials that use the service's own identity.") with
    {
        Hint = "Have the operator write it, or set Providers:AllowAmbient where every organization may read whatever that identity may.",
    };

    internal static Failure NotFound(string name) => Failure.NotFound("credential.not_found", $"There is no provider credential '{name}'.");
}
