using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>Everybody there is in an organization, as far as somebody sees it, and whom of them a configuration serves.</summary>
internal sealed class ServedSubjects
{
    private readonly string _organization;
    private readonly IReadOnlyList<string> _projects;
    private readonly IReadOnlyList<string> _environments;
    private readonly IReadOnlyList<(string Project, string Name)> _automations;
    private readonly bool _whole;

    private ServedSubjects(
        string organization,
        IReadOnlyList<string> projects,
        IReadOnlyList<string> environments,
        IReadOnlyList<(string Project, string Name)> automations,
        bool whole)
    {
        _whole = whole;
        _organization = organization;
        _projects = projects;
        _environments = environments;
        _automations = automations;
    }

    public static async Task<ServedSubjects> ReadAsync(IEntityStore store, Caller caller, Organization organization, CancellationToken cancellationToken)
    {
        var view = new Demand(Feature.WorkloadIdentityConfigs, Level.View);
        return new ServedSubjects(
            organization.Name,
            [.. (await store.ReadProjectNamesAsync(organization.Id, cancellationToken)).Where(Shows)],
            [.. (await store.ReadEnvironmentNamesAsync(organization.Id, cancellationToken)).Where(environment => Authorizer.Allows(caller, view, Place.SomewhereIn(environment)))],
            [.. (await store.ReadAutomationNamesAsync(organization.Id, cancellationToken)).Where(automation => Shows(automation.Project))],
            Authorizer.Allows(caller, view, Place.Organization));

        bool Shows(string project) => Authorizer.Allows(caller, view, Place.OfProject(project));
    }

    /// <summary>As tokens name them: cut, distinct, and at least one; those that one asked for, if they are all in scope.</summary>
    public Result<IReadOnlyList<TokenSubject>> Find(WorkloadIdentityConfig config, TrustSelection selection)
    {
        if (Missing(selection) is { } missing)
        {
            return missing;
        }

        if (!Who(config, selection).Any())
        {
            return !Who(config, new TrustSelection(null, null, null)).Any() || InScope(config, selection) ? Nobody(config) : OutOfScope(config);
        }

        TokenSubject[] subjects = [.. Who(config, selection).Select(who => who.Cut(config.SubjectScope)).Distinct().OrderBy(static subject => subject.ToString(), StringComparer.Ordinal)];
        return subjects;
    }

    /// <summary>Everybody in full whose subject the configuration's tokens could have.</summary>
    public IEnumerable<TokenSubject> Who(WorkloadIdentityConfig config) => Who(config, new TrustSelection(null, null, null));

    private IEnumerable<TokenSubject> Who(WorkloadIdentityConfig config, TrustSelection selection) =>
        from environment in _environments
        from who in In(environment)
        where config.Permits(who) && who.Reaches(config.SubjectScope)
        where selection.Environment is null || selection.Environment == environment
        where selection.Project is null || selection.Project == who.Project
        where selection.Automation is null || selection.Automation == who.Automation
        select who;

    /// <summary>Automations; who resolves for a project without one; and who does for the organization.</summary>
    private IEnumerable<TokenSubject> In(string environment) =>
    [
        .. _automations.Select(automation => new TokenSubject(_organization, automation.Project, environment, automation.Name)),
        .. _projects.Select(project => new TokenSubject(_organization, project, environment, null)),
        .. _whole ? [new TokenSubject(_organization, null, environment, null)] : Array.Empty<TokenSubject>(),
    ];

    private Failure? Missing(TrustSelection selection) =>
        selection is { Automation: not null, Project: not null } ? Failure.Invalid("query.invalid", "An automation belongs to a project already: leave 'project' out.")
        : selection.Automation is { } automation && !_automations.Any(found => found.Name == automation) ? Failure.Invalid("automation.not_found", $"There is no automation '{automation}'.")
        : selection.Project is { } project && !_projects.Contains(project) ? Failure.Invalid("project.not_found", $"There is no project '{project}'.")
        : selection.Environment is { } environment && !_environments.Contains(environment) ? Failure.Invalid("environment.not_found", $"There is no environment '{environment}'.")
        : null;

    /// <summary>A project without automations, where tokens name one: nobody is left out, there is only nobody yet.</summary>
    private static bool InScope(WorkloadIdentityConfig config, TrustSelection selection) =>
        selection.Automation is null
        && (selection.Environment is null || config.PermitsEnvironment(selection.Environment))
        && (selection.Project is null || config.Scope.Projects?.Contains(selection.Project) != false);

    private static Failure OutOfScope(WorkloadIdentityConfig config) => SubjectBinder.OutOfScope(config) with
    {
        Kind = FailureKind.Invalid,
        Detail = $"Workload identity configuration '{config.Name}' is not for this project, automation or environment, so no cloud needs to trust it for them.",
        Hint = "Choose what is in its scope, or widen the scope.",
    };

    private static Failure Nobody(WorkloadIdentityConfig config) => Failure.Invalid(
        "trust_policy.no_subjects",
        $"Configuration '{config.Name}' serves nobody there yet, so there is no subject to trust.") with
    {
        Hint = "Create the automation first, or give the configuration a coarser subjectScope.",
    };
}
