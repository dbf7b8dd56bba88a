using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Access;

/// <summary>What a new key shall be.</summary>
public sealed record ApiKeyInput(
    string Name,
    Principal Principal,
    IReadOnlyDictionary<string, string>? Permissions,
    IReadOnlyList<string>? Environments,
    DateTimeOffset? ExpiresAt);

/// <summary>The organization's API keys. Safe for concurrent use.</summary>
public sealed class ApiKeys(ResourceStore resources)
{
    public async Task<Result<Stored<ApiKey>>> GetAsync(string organizationId, string id, CancellationToken cancellationToken) =>
        IsId(id)
        && await resources.GetAsync(organizationId, Rows.ApiKey(id), StoredJson.Default.ApiKey, cancellationToken) is { } stored
            ? stored
            : NotFound;

    public Task<StoredPage<ApiKey>> ListAsync(string organizationId, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(organizationId, Rows.ApiKeyPrefix);
        return resources.Store.ListAsync(range with { From = from ?? range.From }, limit, StoredJson.Default.ApiKey, null, cancellationToken);
    }

    /// <summary>Makes a key. Its text is in the answer this once and kept nowhere.</summary>
    public async Task<Result<(ApiKey Key, string Text)>> CreateAsync(Caller caller, ApiKeyInput input, CancellationToken cancellationToken)
    {
        if (await CheckAsync(caller, input, cancellationToken) is { } failure)
        {
            return failure;
        }

        var text = ApiKeyText.Create(caller.OrganizationId, out var id, out var hash);
        var key = new ApiKey(id, input.Name, input.Principal, hash, Changes.Made(resources.Now, caller.Principal.ToString()))
        {
            Permissions = input.Permissions,
            Environments = input.Environments,
            ExpiresAt = input.ExpiresAt,
        };
        var result = await resources.CommitAsync(
            caller,
            [EntityWrite.Insert(Rows.ApiKey(id), Documents.Serialize(key, StoredJson.Default.ApiKey))],
            Change.Of("api-key.create", ("apiKey", id), ("name", input.Name), ("principal", input.Principal.ToString())),
            cancellationToken);
        return result.Applied ? (key, text) : ResourceStore.Busy;
    }

    public Task<Failure?> DeleteAsync(Caller caller, string id, Precondition precondition, CancellationToken cancellationToken) =>
        IsId(id)
            ? resources.DeleteAsync(
                caller, Rows.ApiKey(id), StoredJson.Default.ApiKey, precondition, Change.Of("api-key.delete", ("apiKey", id)), NotFound, cancellationToken)
            : Task.FromResult<Failure?>(NotFound);

    private async Task<Failure?> CheckAsync(Caller caller, ApiKeyInput input, CancellationToken cancellationToken)
    {
        if (input.ExpiresAt is { } expiresAt && expiresAt <= resources.Now)
        {
            return Failure.Invalid("api_key.expires_in_the_past", "expiresAt is not in the future.");
        }

        foreach (var environment in input.Environments ?? [])
        {
            if (await resources.GetAsync(caller.OrganizationId, Rows.Environment(environment), StoredJson.Default.DeploymentEnvironment, cancellationToken) is null)
            {
                return Failure.Invalid("environment.not_found", $"There is no environment '{environment}'.");
            }
        }

        return input.Principal.Type switch
        {
            PrincipalType.Automation => await CheckAutomationAsync(caller, input, cancellationToken),
            PrincipalType.Service when input.Permissions is null => Failure.Invalid(
                "api_key.permissions_required", "A service holds no permissions of its own: name those the key shall have in 'permissions'."),
            _ => CheckPermissions(caller, input),
        };
    }

    private async Task<Failure?> CheckAutomationAsync(Caller caller, ApiKeyInput input, CancellationToken cancellationToken)
    {
        if (input.Permissions is not null)
        {
            return Failure.Invalid("api_key.permissions_not_applicable", "An automation resolves for itself and nothing else: leave 'permissions' out.");
        }

        var automation = await resources.GetAsync(
            caller.OrganizationId, Rows.Automation(input.Principal.Name), StoredJson.Default.Automation, cancellationToken);
        if (automation is not { Document.DeletedAt: null })
        {
            return Failure.Invalid("automation.not_found", $"There is no automation '{input.Principal.Name}'.");
        }

        // Whoever makes an automation's key can resolve as it.
        return Authorizer.Check(caller, new Demand(Feature.SecretValues, Level.View), null) ?? Authorizer.CheckGrant(caller, Permissions.None, input.Environments);
    }

    private static Failure? CheckPermissions(Caller caller, ApiKeyInput input)
    {
        var granted = Permissions.All;
        if (input.Permissions is { } narrowed && !Permissions.TryParse(narrowed, "permissions", out granted, out var errors))
        {
            return Failure.Invalid("api_key.permissions_invalid", "The permissions are not valid.") with { Errors = errors };
        }

        return Authorizer.CheckGrant(caller, granted, input.Environments);
    }

    private static bool IsId(string id) => id.Length == ApiKeyText.IdLength && id.All(char.IsAsciiLetterOrDigit);

    /// <remarks>Without what was asked for: it may be a whole key, pasted in the place of its id.</remarks>
    private static Failure NotFound { get; } = Failure.NotFound("api_key.not_found", "There is no API key with this id.");
}
