using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>
/// Finds out as whom a store is read, and refuses it where the configuration is not for whoever asks: no token is minted then, and no store
/// touched. Safe for concurrent use.
/// </summary>
public sealed class SubjectBinder(ResourceStore resources)
{
    internal const string NoAutomation = "workload_identity.no_automation";

    /// <param name="organizationId">Whose credential it is.</param>
    /// <param name="credential">Any: one with a secret of its own is everybody's alike.</param>
    /// <param name="who">Everything that is known of who asks: parts that are not known are null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<StoreAccess>> BindAsync(
        string organizationId, ProviderCredential credential, TokenSubject who, CancellationToken cancellationToken)
    {
        if (credential.Auth.Config is null)
        {
            return new StoreAccess(credential);
        }

        if (!(await FindAsync(organizationId, credential, cancellationToken)).TryGet(out var config, out var failure))
        {
            return failure;
        }

        return (await BindAsync(organizationId, config!, who, cancellationToken)).TryGet(out var bound, out failure)
            ? new StoreAccess(credential, config!, bound.Subject)
            : failure;
    }

    /// <summary>Whom tokens of this configuration would be about.</summary>
    internal async Task<Result<BoundSubject>> BindAsync(
        string organizationId, WorkloadIdentityConfig config, TokenSubject who, CancellationToken cancellationToken)
    {
        // First what is missing: without an automation, one that is restricted to automations is out of scope as well, which helps nobody.
        if (!who.Reaches(config.SubjectScope))
        {
            return NoSubject(config);
        }

        return config.Permits(who) && await HasProjectAsync(organizationId, who, cancellationToken)
            ? new BoundSubject(config.Name, config.Generation, who.Cut(config.SubjectScope))
            : OutOfScope(config);
    }

    /// <summary>An automation's project is there. A resolve without an automation may name any, a deleted one too, whose values may still be cached.</summary>
    private async Task<bool> HasProjectAsync(string organizationId, TokenSubject who, CancellationToken cancellationToken) =>
        who is not { Automation: null, Project: { } project }
        || await resources.GetAsync(organizationId, Rows.Project(project), StoredJson.Default.Project, cancellationToken) is { Document.DeletedAt: null };

    /// <summary>When a reference is written: null where everyone whom the variable serves may use it.</summary>
    internal async Task<Failure?> CheckAsync(
        string organizationId, ProviderCredential credential, VariableScope scope, Automations.Automation? automation, string environment, CancellationToken cancellationToken) =>
        !(await FindAsync(organizationId, credential, cancellationToken)).TryGet(out var config, out var failure) ? failure
        : config is null || config.Serves(scope, automation, environment) ? null
        : OutOfScope(config);

    /// <summary>Null where the credential needs none.</summary>
    private async Task<Result<WorkloadIdentityConfig?>> FindAsync(string organizationId, ProviderCredential credential, CancellationToken cancellationToken)
    {
        if (credential.Auth.Config is not { } name)
        {
            return (WorkloadIdentityConfig?)null;
        }

        return await resources.Store.GetConfigAsync(organizationId, name, cancellationToken) is { Document: var config }
            ? config
            : WorkloadIdentityDirectory.NotFound(name) with { Kind = FailureKind.Unresolved, Hint = $"Create it again, or write credential '{credential.Name}' anew." };
    }

    private static Failure NoSubject(WorkloadIdentityConfig config) => new(
        FailureKind.Unresolved,
        NoAutomation,
        config.SubjectScope == SubjectScope.Automation
            ? $"Tokens of configuration '{config.Name}' name an automation, and this is not for one."
            : $"Tokens of configuration '{config.Name}' name a project, and this is for none.")
    {
        Hint = config.SubjectScope == SubjectScope.Automation
            ? "Name an automation, or give the configuration a coarser subjectScope."
            : "Name an automation or a project, or give the configuration subjectScope 'organization'.",
    };

    internal static Failure OutOfScope(WorkloadIdentityConfig config) => new(
        FailureKind.Unresolved,
        "reference.config_out_of_scope",
        $"Workload identity configuration '{config.Name}' is not for this project, automation or environment, so no token was made.")
    {
        Hint = "Widen the configuration's scope, or refer to a credential with a configuration that is for it.",
    };
}
