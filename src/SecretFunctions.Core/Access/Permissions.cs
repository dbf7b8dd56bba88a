using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Core.Access;

/// <summary>What permissions are about. Wire names are snake_case: <see cref="Permissions.Name(Feature)"/>.</summary>
public enum Feature
{
    SecretProviders,
    WorkloadIdentityConfigs,
    EnvironmentVariables,

    /// <summary>View resolves and reveals.</summary>
    SecretValues,
    Automations,
    Members,
    ApiKeys,
    AuditEvents,
    Keys,
    Cache,
}

/// <summary>Ordered: manage includes view.</summary>
public enum Level
{
    None,
    View,
    Manage,
}

/// <summary>A level for every feature. Immutable.</summary>
public sealed class Permissions
{
    private static readonly Feature[] Features = Enum.GetValues<Feature>();

    private static readonly string[] FeatureNames =
    [
        "secret_providers", "workload_identity_configs", "environment_variables", "secret_values", "automations",
        "members", "api_keys", "audit_events", "keys", "cache",
    ];

    private static readonly string[] LevelNames = ["none", "view", "manage"];

    private readonly Level[] _levels;

    private Permissions(Level[] levels) => _levels = levels;

    public static Permissions None { get; } = new(new Level[Features.Length]);

    /// <summary>Of owners: everything, always.</summary>
    public static Permissions All { get; } = new([.. Features.Select(static _ => Level.Manage)]);

    public Level this[Feature feature] => _levels[(int)feature];

    public static string Name(Feature feature) => FeatureNames[(int)feature];

    public static string Name(Level level) => LevelNames[(int)level];

    public static IReadOnlyList<Feature> AllFeatures => Features;

    public static IReadOnlyList<string> AllFeatureNames => FeatureNames;

    /// <summary>From one wire name each, as in <c>automations:view</c>.</summary>
    public static bool TryParse(string feature, string level, out Demand demand)
    {
        var (featureIndex, levelIndex) = (Array.IndexOf(FeatureNames, feature), Array.IndexOf(LevelNames, level));
        demand = new Demand((Feature)featureIndex, (Level)levelIndex);
        return featureIndex >= 0 && levelIndex >= 0;
    }

    /// <summary>Features that are not named have none. False with everything that is wrong.</summary>
    public static bool TryParse(
        IReadOnlyDictionary<string, string> levels, string field, [NotNullWhen(true)] out Permissions? permissions, out IReadOnlyList<FailureEntry> errors)
    {
        var parsed = new Level[Features.Length];
        var wrong = new List<FailureEntry>();
        foreach (var (featureName, levelName) in levels)
        {
            var feature = Array.IndexOf(FeatureNames, featureName);
            var level = Array.IndexOf(LevelNames, levelName);
            if (feature < 0)
            {
                wrong.Add(new FailureEntry("permission.unknown_feature", $"There is no such feature; there are {string.Join(", ", FeatureNames)}.") { Field = $"{field}.{featureName}" });
            }
            else if (level < 0)
            {
                wrong.Add(new FailureEntry("permission.unknown_level", "A level is none, view or manage.") { Field = $"{field}.{featureName}" });
            }
            else
            {
                parsed[feature] = (Level)level;
            }
        }

        errors = wrong;
        permissions = wrong.Count == 0 ? new Permissions(parsed) : null;
        return permissions is not null;
    }

    /// <summary>What either allows.</summary>
    public Permissions Union(Permissions other) =>
        new([.. Features.Select(feature => (Level)Math.Max((int)this[feature], (int)other[feature]))]);

    /// <summary>What both allow.</summary>
    public Permissions Intersect(Permissions other) =>
        new([.. Features.Select(feature => (Level)Math.Min((int)this[feature], (int)other[feature]))]);

    /// <summary>Whether everything this allows is allowed there too.</summary>
    public bool IsWithin(Permissions other) => Features.All(feature => this[feature] <= other[feature]);

    /// <summary>By wire name, without the features that have none.</summary>
    public IReadOnlyDictionary<string, string> ToNames() =>
        Features.Where(feature => this[feature] > Level.None).ToDictionary(Name, feature => Name(this[feature]));
}
