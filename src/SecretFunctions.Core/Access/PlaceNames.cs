using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Access;

/// <summary>The projects and environments that a role, a member or a key is limited to.</summary>
internal static class PlaceNames
{
    private const int Max = 200;

    /// <summary>
    /// One entry for each that is not there, and for a list that has none: whoever takes the last name off a limit did not mean to lift it.
    /// </summary>
    public static async Task<IReadOnlyList<FailureEntry>> CheckAsync(
        ResourceStore resources, string organizationId, IReadOnlyList<string>? projects, IReadOnlyList<string>? environments, CancellationToken cancellationToken)
    {
        var errors = new List<FailureEntry>();
        if (CheckForm(projects, "projects", errors))
        {
            foreach (var project in projects ?? [])
            {
                if (await resources.GetAsync(organizationId, Rows.Project(project), StoredJson.Default.Project, cancellationToken) is not { Document.DeletedAt: null })
                {
                    errors.Add(new FailureEntry("project.not_found", $"There is no project '{project}'.") { Field = "projects" });
                }
            }
        }

        if (CheckForm(environments, "environments", errors))
        {
            foreach (var environment in environments ?? [])
            {
                if (await resources.GetAsync(organizationId, Rows.Environment(environment), StoredJson.Default.DeploymentEnvironment, cancellationToken) is null)
                {
                    errors.Add(new FailureEntry("environment.not_found", $"There is no environment '{environment}'.") { Field = "environments" });
                }
            }
        }

        return errors;
    }

    private static bool CheckForm(IReadOnlyList<string>? names, string field, List<FailureEntry> errors)
    {
        var wrong = names switch
        {
            { Count: 0 } => new FailureEntry("access.limit_empty", $"A limit names at least one. Leave '{field}' out, or send null, for all of them."),
            { Count: > Max } => new FailureEntry("access.limit_invalid", $"A limit names at most {Max}."),
            not null when names.Distinct(StringComparer.Ordinal).Count() != names.Count => new FailureEntry("access.limit_invalid", "A limit names each once."),
            not null when names.Any(static name => name is null || !Slug.TryParse(name, out _)) => new FailureEntry("access.limit_invalid", "A limit is a list of names."),
            _ => null,
        };
        if (wrong is not null)
        {
            errors.Add(wrong with { Field = field });
        }

        return wrong is null;
    }
}
