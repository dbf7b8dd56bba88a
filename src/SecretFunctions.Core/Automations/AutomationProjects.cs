using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Automations;

/// <summary>
/// Which project each automation is of: what belongs to an automation belongs there. Read only for callers whose grants are limited; for others it is
/// of no account.
/// </summary>
internal sealed class AutomationProjects
{
    private static readonly AutomationProjects Unread = new(null);

    private readonly Dictionary<string, string>? _projects;

    private AutomationProjects(Dictionary<string, string>? projects) => _projects = projects;

    public static async ValueTask<AutomationProjects> ForAsync(IEntityStore store, Caller caller, Demand demand, CancellationToken cancellationToken) =>
        Authorizer.AllowsEverywhere(caller, demand) || !Authorizer.Allows(caller, demand, Place.Anywhere)
            ? Unread
            : new AutomationProjects((await store.ReadAutomationNamesAsync(caller.OrganizationId, cancellationToken)).ToDictionary(
                static automation => automation.Name, static automation => automation.Project, StringComparer.Ordinal));

    /// <summary>For <see cref="Place.Projects"/>: the organization as a whole where there is no such automation, or it makes no difference.</summary>
    public IReadOnlyList<string>? PlaceOf(string automation) => _projects?.GetValueOrDefault(automation) is { } project ? [project] : null;
}
