using System.Security.Cryptography;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>The organization's workload identity configurations. Safe for concurrent use.</summary>
public sealed class WorkloadIdentityDirectory(ResourceStore resources, ProviderCatalog providers, SubjectLimits limits)
{
    public const int MaxAudienceLength = 512;

    private static readonly Demand View = new(Feature.WorkloadIdentityConfigs, Level.View);
    private static readonly Demand Manage = new(Feature.WorkloadIdentityConfigs, Level.Manage);

    /// <summary>For somebody who wants to see it: it serves at least one project that is theirs. What does not is not there.</summary>
    public async Task<Result<Stored<WorkloadIdentityConfig>>> FindAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        await resources.Store.GetConfigAsync(caller.OrganizationId, name, cancellationToken) is { } stored && Shows(caller, stored.Document) ? stored : NotFound(name);

    /// <summary>For somebody who wants to have tokens made by it, or change it: all that its subject stands for is theirs.</summary>
    public async Task<Result<Stored<WorkloadIdentityConfig>>> FindManagedAsync(Caller caller, string name, CancellationToken cancellationToken) =>
        await resources.Store.GetConfigAsync(caller.OrganizationId, name, cancellationToken) is { } stored && Authorizer.Allows(caller, Manage, stored.Document.Managed) ? stored : NotFound(name);

    internal static bool Shows(Caller caller, WorkloadIdentityConfig config) => Authorizer.Allows(caller, View, config.Served with { AnyProject = true });

    public Task<StoredPage<WorkloadIdentityConfig>> ListAsync(Caller caller, int limit, string? from, CancellationToken cancellationToken)
    {
        var range = EntityRange.Prefix(caller.OrganizationId, Rows.WorkloadIdentityPrefix);
        return resources.Store.ListAsync(
            range with { From = from ?? range.From }, limit, StoredJson.Default.WorkloadIdentityConfig, config => Shows(caller, config), cancellationToken);
    }

    /// <summary>
    /// A configuration that credentials refer to keeps its cloud, and its fields must go on to suit them. Its scope may be narrowed at any
    /// time: taking access away waits for nothing, and who is out of scope from then on is refused at the kickoff.
    /// </summary>
    public async Task<Result<Saved<WorkloadIdentityConfig>>> PutAsync(
        Caller caller, string name, WorkloadIdentityInput input, Precondition precondition, CancellationToken cancellationToken)
    {
        if (providers.FindCloud(input.Cloud) is not { } cloud)
        {
            return CloudUnknown;
        }

        if (Authorizer.Check(caller, Manage, WorkloadIdentityConfig.PlaceOf(input.SubjectScope ?? cloud.DefaultSubjectScope, input.Scope, input.Environments)) is { } failure
            || !(await CheckAsync(caller, cloud, input, cancellationToken)).TryGet(out var fields, out failure))
        {
            return failure;
        }

        var users = await ConfigUse.FindAsync(resources.Store, caller.OrganizationId, name, cancellationToken);
        return await resources.PutAsync(
            caller,
            Rows.WorkloadIdentity(name),
            StoredJson.Default.WorkloadIdentityConfig,
            precondition,
            Change.Of("workload_identity.put", ("config", name), ("cloud", input.Cloud)),
            async current =>
            {
                if (current is not null && !Authorizer.Allows(caller, Manage, current.Managed))
                {
                    return NotFound(name);
                }

                var next = Next(caller, name, cloud, fields, input, current);
                var refused = CheckUsers(users, current, next)
                    ?? await limits.CheckAsync(caller.OrganizationId, caller.OrganizationName, next, cancellationToken);
                return refused is null ? next : refused;
            },
            cancellationToken);
    }

    /// <summary>Refused while credentials refer to it, unless forced: then what is read through them fails at the next kickoff.</summary>
    public async Task<Failure?> DeleteAsync(Caller caller, string name, Precondition precondition, bool force, CancellationToken cancellationToken)
    {
        if ((await FindManagedAsync(caller, name, cancellationToken)).Failure is { } failure)
        {
            return failure;
        }

        if (!force && await ConfigUse.FindAsync(resources.Store, caller.OrganizationId, name, cancellationToken) is { Count: > 0 } users)
        {
            var count = users.Count == 1 ? "1 credential refers" : $"{users.Count} credentials refer";
            return ConfigUse.InUse(users, $"{count} to configuration '{name}'. Change them first, or delete it with ?force=true.");
        }

        return await resources.DeleteAsync(
            caller,
            Rows.WorkloadIdentity(name),
            StoredJson.Default.WorkloadIdentityConfig,
            precondition,
            Change.Of("workload_identity.delete", ("config", name)),
            NotFound(name),
            cancellationToken);
    }

    private async Task<Result<Dictionary<string, string>>> CheckAsync(
        Caller caller, FederationTarget cloud, WorkloadIdentityInput input, CancellationToken cancellationToken)
    {
        var errors = new List<FailureEntry>();
        var fields = CredentialFields.ReadTarget(cloud.Fields, input.Fields, errors);
        if (input.Audience is { } audience && !IsAudience(audience))
        {
            errors.Add(new FailureEntry("workload_identity.field_invalid", $"An audience has 1 to {MaxAudienceLength} printable characters.") { Field = "audience" });
        }

        errors.AddRange(await ScopeNames.CheckAsync(resources, caller, Manage, input.Scope, cancellationToken));
        foreach (var environment in input.Environments)
        {
            if (await resources.GetAsync(caller.OrganizationId, Rows.Environment(environment), StoredJson.Default.DeploymentEnvironment, cancellationToken) is null)
            {
                errors.Add(new FailureEntry("environment.not_found", $"There is no environment '{environment}'.") { Field = "environments" });
            }
        }

        return errors.Count == 0
            ? fields
            : Failure.Invalid("workload_identity.invalid", "The configuration was not stored: some fields are wrong.") with { Errors = errors };
    }

    private WorkloadIdentityConfig Next(
        Caller caller, string name, FederationTarget cloud, Dictionary<string, string> fields, WorkloadIdentityInput input, WorkloadIdentityConfig? current)
    {
        var now = resources.Now;
        var by = caller.Principal.ToString();
        return new WorkloadIdentityConfig(
            name,
            cloud.Cloud,
            fields,
            input.Audience ?? cloud.DefaultAudience(fields),
            input.SubjectScope ?? cloud.DefaultSubjectScope,
            input.Scope,
            input.Environments,
            current?.Changes.Changed(now, by) ?? Changes.Made(now, by))
        {
            // Not from 1: what an earlier configuration of this name left behind, cached or open, must not be taken for this one's.
            Generation = current is null ? RandomNumberGenerator.GetInt32(1, int.MaxValue / 2) : current.Generation + 1,
        };
    }

    private Failure? CheckUsers(IReadOnlyList<ProviderCredential> users, WorkloadIdentityConfig? current, WorkloadIdentityConfig next)
    {
        if (users.Count > 0 && current is not null && current.Cloud != next.Cloud)
        {
            return ConfigUse.InUse(users, "Credentials refer to this configuration, so its cloud stays what it is. Make another configuration.");
        }

        var unfit = users.Where(credential => !Suits(next, credential)).ToArray();
        return unfit.Length == 0
            ? null
            : ConfigUse.InUse(unfit, "Credentials that refer to this configuration would no longer fit it: another cloud, or another address.");
    }

    private bool Suits(WorkloadIdentityConfig config, ProviderCredential credential) =>
        providers.Find(credential.Provider) is not { } provider
        || (provider.Federation?.Cloud == config.Cloud && CredentialConnection.Validate(provider, credential.Name, credential.Settings, config).Count == 0);

    /// <summary>What may stand in <c>aud</c>: no cloud takes more, and nothing else can be compared by eye.</summary>
    public static bool IsAudience(string text) =>
        text.Length is > 0 and <= MaxAudienceLength && text.All(static c => !char.IsControl(c) && !char.IsSurrogate(c)) && text.Trim().Length == text.Length;

    private Failure CloudUnknown => Failure.Invalid(
        "workload_identity.cloud_unknown",
        $"There is no cloud of this name; there are {string.Join(", ", providers.Clouds.Select(static cloud => cloud.Cloud).Distinct().Order(StringComparer.Ordinal))}.");

    internal static Failure NotFound(string name) =>
        Failure.NotFound("workload_identity.not_found", $"There is no workload identity configuration '{name}'.");
}
