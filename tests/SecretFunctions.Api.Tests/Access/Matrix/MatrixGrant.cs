namespace SecretFunctions.Api.Tests.Access.Matrix;

/// <summary>What a caller was given, in the words of the API. Written apart from the service's own rules, so that the two can disagree.</summary>
/// <param name="Levels">By feature; what is not named is none.</param>
/// <param name="Projects">Null: no limit.</param>
/// <param name="Environments">Null: no limit.</param>
internal sealed record MatrixGrant(IReadOnlyDictionary<string, string> Levels, string[]? Projects = null, string[]? Environments = null)
{
    public static readonly string[] Features =
    [
        "secret_providers", "workload_identity_configs", "environment_variables", "secret_values", "automations",
        "members", "api_keys", "audit_events", "keys", "cache",
    ];

    private static readonly string[] Ordered = ["none", "view", "manage"];

    /// <param name="except">Features that are not given.</param>
    public static MatrixGrant All(params string[] except) => new(Features.Except(except).ToDictionary(static feature => feature, static _ => "manage"));

    /// <param name="permissions"><c>automations: view</c></param>
    public static MatrixGrant Only(params string[] permissions) =>
        new(permissions.Select(static permission => permission.Split(": ")).ToDictionary(static parts => parts[0], static parts => parts[1]));

    public bool Holds(string feature, string level) => Array.IndexOf(Ordered, Levels.GetValueOrDefault(feature, "none")) >= Array.IndexOf(Ordered, level);

    /// <summary>A thing lies inside where all of its projects and all of its environments do; what belongs to the organization as a whole lies in no project.</summary>
    public bool Covers(MatrixPlace place) =>
        (Projects is null || place.Projects?.All(Projects.Contains) == true)
        && (Environments is null || place.Environments?.All(Environments.Contains) == true);

    /// <summary>Something of it lies inside: what is shared with a project may be seen from there.</summary>
    public bool Touches(MatrixPlace place) =>
        (Projects is null || place.Projects is null || place.Projects.Any(Projects.Contains))
        && (Environments is null || place.Environments is null || place.Environments.Length == 0 || place.Environments.Any(Environments.Contains));
}

/// <summary>Where the things of these tests lie.</summary>
/// <param name="Projects">Null: the organization's as a whole.</param>
/// <param name="Environments">Null: all of them; none: it is not about any.</param>
internal sealed record MatrixPlace(string[]? Projects, string[]? Environments)
{
    /// <summary>Of the organization, to look at.</summary>
    public static MatrixPlace Organization { get; } = new(null, []);

    /// <summary>Of the organization, and in force in every environment.</summary>
    public static MatrixPlace OrganizationEverywhere { get; } = new(null, null);

    public static MatrixPlace OrganizationInDev { get; } = new(null, ["dev"]);

    public static MatrixPlace Web { get; } = new(["web"], []);

    public static MatrixPlace WebEverywhere { get; } = new(["web"], null);

    public static MatrixPlace WebInDev { get; } = new(["web"], ["dev"]);
}
