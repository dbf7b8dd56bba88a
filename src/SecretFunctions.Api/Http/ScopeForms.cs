using SecretFunctions.Core;
using SecretFunctions.Core.Credentials;

namespace SecretFunctions.Api.Http;

/// <summary>The scope of a credential or a workload identity configuration, which both write alike.</summary>
internal static class ScopeForms
{
    private const int MaxItems = 200;

    /// <param name="scope">organization, projects, or left out.</param>
    /// <param name="projects">Only with the scope of that name.</param>
    /// <param name="automations">None: all.</param>
    /// <param name="code">Of errors.</param>
    /// <param name="errors">Everything that is wrong.</param>
    public static CredentialScope Parse(
        string? scope, IReadOnlyList<string>? projects, IReadOnlyList<string>? automations, string code, List<FailureEntry> errors)
    {
        CheckNames(projects ?? [], "projects", code, errors);
        CheckNames(automations ?? [], "automations", code, errors);
        if (scope is not (null or "organization" or "projects"))
        {
            errors.Add(new FailureEntry(code, "A scope is organization or projects.") { Field = "scope" });
        }
        else if ((scope == "projects") != (projects is { Count: > 0 }))
        {
            errors.Add(new FailureEntry(code, "Name projects with scope 'projects', and only then.") { Field = "projects" });
        }

        return new CredentialScope(projects is { Count: > 0 } ? projects : null, automations ?? []);
    }

    public static void CheckNames(IReadOnlyList<string> names, string field, string code, List<FailureEntry> errors)
    {
        if (names.Count > MaxItems || names.Any(static name => !Slug.TryParse(name, out _)))
        {
            errors.Add(new FailureEntry(code, $"At most {MaxItems} names of {field}.") { Field = field });
        }
    }

    public static string Kind(CredentialScope scope) => scope.Projects is null ? "organization" : "projects";
}
