using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Credentials;

/// <summary>The organization's provider credentials. Safe for concurrent use.</summary>
public sealed class CredentialDirectory(ResourceStore resources, OrganizationViews views, ProviderCatalog providers)
{
    private const int MaxAttempts = 8;

    private static readonly Demand View = new(Feature.SecretProviders, Level.View);
    private static readonly Demand Manage = new(Feature.SecretProviders, Level.Manage);

    public async Task<Result<Stored<ProviderCredential>>> GetAsync(string organizationId, string name, CancellationToken cancellationToken) =>
        await resources.GetAsync(organizationId, Rows.Credential(name), StoredJson.Default.ProviderCredential, cancellationToken) is { } stored
            ? stored
            : NotFound(name);

    /// <summary>For somebody who wants to see it: it serves at least one project that is theirs. What does not is not there.</summary>
    public async Task<Result<Stored<ProviderCredential>>> FindAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        (await GetAsync(caller.OrganizationId, name, cancellationToken)).TryGet(out var stored, out _) && Shows(caller, stored.Document) ? stored : NotFound(name);

    /// <summary>For somebody who wants to use it up to its secrets, or change it: all that it serves is theirs.</summary>
    public async Task<Result<Stored<ProviderCredential>>> FindManagedAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        (await GetAsync(caller.OrganizationId, name, cancellationToken)).TryGet(out var stored, out _) && Authorizer.Allows(caller, Manage, stored.Document.Place) ? stored : NotFound(name);

    internal static bool Shows(Caller caller, ProviderCredential credential) => Authorizer.Allows(caller, View, credential.Place with { AnyProject = true });

    /// <summary>The provider's default credential, or null.</summary>
    public async Task<Stored<ProviderCredential>?> GetDefaultAsync(string organizationId, string provider, CancellationToken cancellationToken) =>
        await GetDefaultRowAsync(organizationId, provider, cancellationToken) is { } pointer
            ? await resources.GetAsync(organizationId, Rows.Credential(pointer.Document.Credential), StoredJson.Default.ProviderCredential, cancellationToken)
            : null;

    public Task<StoredPage<ProviderCredential>> ListAsync(
        Caller caller, string? provider, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(caller.OrganizationId, Rows.CredentialPrefix);
        return resources.Store.ListAsync(
            range with { From = from ?? range.From },
            limit,
            StoredJson.Default.ProviderCredential,
            credential => (provider is null || credential.Provider == provider) && Shows(caller, credential),
            cancellationToken);
    }

    public async Task<Result<Saved<ProviderCredential>>> PutAsync(
        Caller caller, string name, CredentialInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if (providers.Find(input.Provider) is not { } provider)
        {
            return Failure.Invalid("credential.provider_unknown", $"There is no provider of this name; there are {string.Join(", ", providers.Names)}.");
        }

        if (!providers.LendsIdentity && !caller.IsOperator && CredentialDraft.AuthTypeOf(input.Auth) == AuthScheme.Ambient)
        {
            return AmbientNotAllowed;
        }

        if ((Authorizer.Check(caller, Manage, new Place(input.Scope.Projects, [])) ?? await CheckNamesAsync(caller, input, cancellationToken)) is { } failure)
        {
            return failure;
        }

        if (await views.GetAsync(caller.OrganizationId, cancellationToken) is not { } view)
        {
            return VariableDirectory.Gone;
        }

        var draft = new CredentialDraft(view, caller, name, provider, input, await FindConfigAsync(caller, input, cancellationToken));
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var current = await resources.GetAsync(caller.OrganizationId, Rows.Credential(name), StoredJson.Default.ProviderCredential, cancellationToken);
            if (CheckChange(caller, name, current?.Document, input) is { } refused)
            {
                return refused;
            }

            if (precondition.Check(current?.ETag) is { } failed)
            {
                return failed;
            }

            if (!draft.Next(current?.Document, resources.Now).TryGet(out var next, out failure))
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
        if (!(await FindManagedAsync(caller, name, cancellationToken)).TryGet(out var stored, out var failure)
            || (failure = CheckDefault(caller, stored.Document, null)) is not null
            || (failure = precondition.Check(stored.ETag)) is not null
            || (!force && (failure = await CredentialUse.FindAsync(resources.Store, caller, stored.Document, cancellationToken)) is not null))
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

    /// <summary>Everything it names must be there, and a configuration is named by who may see it.</summary>
    private async Task<Failure?> CheckNamesAsync(Caller caller, CredentialInput input, CancellationToken cancellationToken)
    {
        if (CredentialDraft.AuthTypeOf(input.Auth) == AuthScheme.WorkloadIdentity
            && Authorizer.Check(caller, new Demand(Feature.WorkloadIdentityConfigs, Level.View), Place.OfSomeProject) is { } denied)
        {
            return denied;
        }

        var errors = await ScopeNames.CheckAsync(resources, caller, Manage, input.Scope, cancellationToken);
        return errors.Count == 0
            ? null
            : Failure.Invalid("credential.invalid", "The credential was not stored: its scope names what does not exist.") with { Errors = errors };
    }

    private static Failure? CheckChange(Caller caller, string name, ProviderCredential? current, CredentialInput input) =>
        current is not null && !Authorizer.Allows(caller, Manage, current.Place) ? NotFound(name) : CheckDefault(caller, current, input.Default ? input.Provider : null);

    /// <summary>Which credential is a provider's default concerns everybody, whatever projects it serves itself: to become it, and to be it no longer.</summary>
    /// <param name="next">Whose default it will be; null: nobody's.</param>
    private static Failure? CheckDefault(Caller caller, ProviderCredential? current, string? next) =>
        (current is { Default: true } ? current.Provider : null) == next ? null : Authorizer.Check(caller, Manage, Place.Organization);

    private async Task<WorkloadIdentityConfig?> FindConfigAsync(Caller caller, CredentialInput input, CancellationToken cancellationToken) =>
        CredentialDraft.ConfigOf(input.Auth) is { } name && Slug.TryParse(name, out _)
            && await resources.Store.GetConfigAsync(caller.OrganizationId, name, cancellationToken) is { Document: var config }
            && WorkloadIdentityDirectory.Shows(caller, config)
                ? config
                : null;

    private Task<Stored<DefaultCredential>?> GetDefaultRowAsync(string organizationId, string provider, CancellationToken cancellationToken) =>
        resources.GetAsync(organizationId, Rows.CredentialDefault(provider), StoredJson.Default.DefaultCredential, cancellationToken);

    private static Failure AmbientNotAllowed { get; } = Failure.Denied(
        "credential.ambient_not_allowed", "Only the deployment's operator writes credentials that use the service's own identity.") with
    {
        Hint = "Have the operator write it, or set Providers:AllowAmbient where every organization may read whatever that identity may.",
    };

    internal static Failure NotFound(string name) => Failure.NotFound("credential.not_found", $"There is no provider credential '{name}'.");
}
