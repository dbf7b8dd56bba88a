namespace SecretFunctions.Core.Access;

/// <summary>What one rule allows, and where. Immutable.</summary>
/// <param name="Rule">Whose word it is, as people are told: <c>role 'admin'</c>.</param>
public sealed record Grant(string Rule, Permissions Permissions)
{
    /// <summary>Null: the organization as a whole, with all of its projects. Never empty: see <see cref="Narrow"/>.</summary>
    public IReadOnlyList<string>? Projects { get; init; }

    /// <summary>Null: all, also those to come.</summary>
    public IReadOnlyList<string>? Environments { get; init; }

    /// <summary>Of a key or token that takes nothing away.</summary>
    public static Grant Everything { get; } = new("the credential", Permissions.All);

    internal bool IsUnlimited => Projects is null && Environments is null;

    /// <summary>What is left of this within another; null where that is nothing at all. Two limits without a common name leave nothing, never everything.</summary>
    internal Grant? Narrow(Grant by)
    {
        var projects = Intersect(Projects, by.Projects);
        var environments = Intersect(Environments, by.Environments);
        return projects is { Count: 0 } || environments is { Count: 0 }
            ? null
            : this with { Permissions = Permissions.Intersect(by.Permissions), Projects = projects, Environments = environments };
    }

    /// <summary>Whether the place lies wholly inside; of a place that is not known yet, whether it might.</summary>
    internal bool Covers(in Place place, Level level) => CoversProjects(place) && CoversEnvironments(place, level);

    internal bool CoversProjects(in Place place) =>
        Projects is null
        || (place.AnyProject
            ? place.Projects is null || place.Projects.Any(Projects.Contains)
            : place.Projects is { Count: > 0 } && place.Projects.All(Projects.Contains));

    /// <summary>A limit to environments does not keep anybody from seeing what is about none; but what is about none reaches all of them when it is changed.</summary>
    internal bool CoversEnvironments(in Place place, Level level) =>
        Environments is null
        || (place.AnyEnvironment
            ? place.Environments is null || place.Environments.Any(Environments.Contains)
            : place.Environments is { } named && (named.Count > 0 ? named.All(Environments.Contains) : level < Level.Manage));

    private static IReadOnlyList<string>? Intersect(IReadOnlyList<string>? left, IReadOnlyList<string>? right) =>
        left is null ? right : right is null ? left : [.. left.Where(right.Contains)];
}
