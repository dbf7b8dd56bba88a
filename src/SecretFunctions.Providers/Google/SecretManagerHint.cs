using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Providers.Google;

/// <summary>A secret of one project changed.</summary>
/// <param name="Project">Its id or its number.</param>
/// <param name="Location">Of a regional secret.</param>
/// <param name="Name">The secret's id.</param>
internal sealed record SecretManagerHint(string Project, string? Location, string Name) : RotationHint("google-secret-manager")
{
    /// <param name="resource"><c>projects/P/secrets/S</c>, <c>projects/P/locations/L/secrets/S</c>, either with a version; else null.</param>
    public static SecretManagerHint? Of(string? resource) => resource?.Split('/') switch
    {
        ["projects", var project, "secrets", { Length: > 0 } name] => new SecretManagerHint(project, null, name),
        ["projects", var project, "secrets", { Length: > 0 } name, "versions", _] => new SecretManagerHint(project, null, name),
        ["projects", var project, "locations", var location, "secrets", { Length: > 0 } name] => new SecretManagerHint(project, location, name),
        ["projects", var project, "locations", var location, "secrets", { Length: > 0 } name, "versions", _] => new SecretManagerHint(project, location, name),
        _ => null,
    };

    public override bool ConcernsStore(IReadOnlyDictionary<string, string> settings) =>
        settings.GetValueOrDefault("location") == Location
        && settings.TryGetValue("projectId", out var project)
        && (project == Project || IsNumber(project) != IsNumber(Project)); // an id and a number cannot be compared here: better one read too many

    public override bool ConcernsSecret(SecretAddress address) => address.Name == Name;

    private static bool IsNumber(string project) => project.Length > 0 && project.All(char.IsAsciiDigit);
}
