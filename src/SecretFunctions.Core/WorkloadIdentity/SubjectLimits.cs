using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>
/// Clouds take subjects up to a length. Checked when a configuration is written, for everybody whom it could serve, and when a project, an
/// environment or an automation is made that it would serve too. Safe for concurrent use.
/// </summary>
public sealed class SubjectLimits(IEntityStore store, ProviderCatalog providers)
{
    /// <summary>Null where no subject that the configuration could give is too long.</summary>
    internal async Task<Failure?> CheckAsync(string organizationId, string organization, WorkloadIdentityConfig config, CancellationToken cancellationToken) =>
        Check(
            config,
            organization,
            await store.ReadProjectNamesAsync(organizationId, cancellationToken),
            await store.ReadEnvironmentNamesAsync(organizationId, cancellationToken),
            await store.ReadAutomationNamesAsync(organizationId, cancellationToken));

    /// <summary>Before an automation is made, or moved to this project.</summary>
    internal async Task<Failure?> CheckAutomationAsync(
        string organizationId, string organization, string project, string automation, CancellationToken cancellationToken)
    {
        var configs = await ReadConfigsAsync(organizationId, cancellationToken);
        return configs.Count == 0
            ? null
            : First(configs, organization, [], await store.ReadEnvironmentNamesAsync(organizationId, cancellationToken), [(project, automation)]);
    }

    /// <summary>Before a project is made.</summary>
    internal async Task<Failure?> CheckProjectAsync(string organizationId, string organization, string project, CancellationToken cancellationToken)
    {
        var configs = await ReadConfigsAsync(organizationId, cancellationToken);
        return configs.Count == 0 ? null : First(configs, organization, [project], await store.ReadEnvironmentNamesAsync(organizationId, cancellationToken), []);
    }

    /// <summary>Before an environment is made.</summary>
    internal async Task<Failure?> CheckEnvironmentAsync(string organizationId, string organization, string environment, CancellationToken cancellationToken)
    {
        var configs = await ReadConfigsAsync(organizationId, cancellationToken);
        return configs.Count == 0
            ? null
            : First(
                configs,
                organization,
                await store.ReadProjectNamesAsync(organizationId, cancellationToken),
                [environment],
                await store.ReadAutomationNamesAsync(organizationId, cancellationToken));
    }

    /// <summary>For one subject, when a token would be minted: names and configurations may have been made at the same time.</summary>
    internal Failure? Check(WorkloadIdentityConfig config, TokenSubject subject) =>
        providers.FindCloud(config.Cloud) is { } cloud && subject.ToString().Length > cloud.MaxSubjectLength ? TooLong(config, cloud, subject) : null;

    private Failure? First(
        IEnumerable<WorkloadIdentityConfig> configs,
        string organization,
        IReadOnlyList<string> projects,
        IReadOnlyList<string> environments,
        IReadOnlyList<(string Project, string Name)> automations) =>
        configs.Select(config => Check(config, organization, projects, environments, automations)).FirstOrDefault(static failure => failure is not null);

    /// <summary>The longest subject decides, so of the environments the longest name does.</summary>
    private Failure? Check(
        WorkloadIdentityConfig config,
        string organization,
        IEnumerable<string> projects,
        IEnumerable<string> environments,
        IEnumerable<(string Project, string Name)> automations)
    {
        if (environments.Where(config.PermitsEnvironment).MaxBy(static name => name.Length) is not { } environment)
        {
            return null;
        }

        var served = automations.Select(automation => new TokenSubject(organization, automation.Project, environment, automation.Name))
            .Concat(projects.Select(project => new TokenSubject(organization, project, environment, null)));
        var longest = served.Where(config.Permits)
            .Where(who => who.Reaches(config.SubjectScope))
            .Select(who => who.Cut(config.SubjectScope))
            .MaxBy(static subject => subject.ToString().Length);
        return longest is null ? null : Check(config, longest);
    }

    private static Failure TooLong(WorkloadIdentityConfig config, FederationTarget cloud, TokenSubject subject)
    {
        var whose = subject switch
        {
            { Automation: { } automation } => $"Automation '{automation}' would have",
            { Project: { } project } => $"Project '{project}' would have",
            _ => "The organization would have",
        };
        return Failure.Invalid(
            "workload_identity.subject_too_long",
            $"{whose} a subject of {subject.ToString().Length} characters ('{subject}') in tokens of configuration '{config.Name}'; cloud '{cloud.Cloud}' takes at most {cloud.MaxSubjectLength}.") with
        {
            Hint = "Give the configuration a coarser subjectScope (environment, project or organization) or a narrower scope, or use shorter names.",
        };
    }

    private async Task<List<WorkloadIdentityConfig>> ReadConfigsAsync(string organizationId, CancellationToken cancellationToken) =>
        await store.ReadConfigsAsync(organizationId, cancellationToken).ToListAsync(cancellationToken);
}
