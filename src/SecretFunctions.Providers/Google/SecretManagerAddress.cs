using System.Text.RegularExpressions;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Google;

/// <summary>Where a project's secrets are: the service's root, and the project's place under it.</summary>
/// <param name="Root">Of the global or one regional service, without a trailing slash.</param>
/// <param name="Parent"><c>projects/P</c> or <c>projects/P/locations/L</c>.</param>
internal sealed partial record SecretManagerAddress(string Root, string Parent)
{
    public static SecretManagerAddress Of(string project, string? location, Uri? endpointOverride)
    {
        var own = location is null ? "https://secretmanager.googleapis.com" : $"https://secretmanager.{location}.rep.googleapis.com";
        return new(
            endpointOverride?.AbsoluteUri.TrimEnd('/') ?? own,
            location is null ? $"projects/{project}" : $"projects/{project}/locations/{location}");
    }

    public Uri Secrets(string query) => new($"{Root}/v1/{Parent}/secrets?{query}");

    /// <summary>A version; its value with the verb <c>:access</c>, its description without one.</summary>
    public Uri Version(SecretAddress secret, string verb) =>
        new($"{Root}/v1/{Parent}/secrets/{secret.Name}/versions/{secret.Version ?? "latest"}{verb}");

    /// <summary>
    /// Null for what a project can have, else what is wrong. A plain id only, never <c>projects/P/secrets/S</c>: the credential says which
    /// project, and who may write a reference must not thereby choose another that its identity happens to reach.
    /// Checked before a reference is stored and before every call, since the text becomes a path: no slash, no dot, no colon.
    /// </summary>
    public static string? Check(SecretAddress address) =>
        address.Name.Contains('/', StringComparison.Ordinal)
            ? "Write the secret's id alone (the last part of projects/P/secrets/S): project and location come from the credential."
        : !SecretId().IsMatch(address.Name)
            ? "A Secret Manager secret's id has 1 to 255 letters, digits, hyphens and underscores."
        : address.Version is { } version && !VersionId().IsMatch(version)
            ? "A Secret Manager version is a number, latest, or an alias (up to 63 letters, digits, hyphens and underscores, a letter first)."
        : null;

    public static string? CheckProject(string text) =>
        Project().IsMatch(text) ? null : "Write the project's id or number, as in acme-prod.";

    public static string? CheckLocation(string text) =>
        Location().IsMatch(text) ? null : "Write a region, as in europe-west1; leave it out for secrets that are not regional.";

    /// <summary>Whether any secret's id can start like this.</summary>
    public static bool CanStart(string prefix) => prefix.Length == 0 || SecretId().IsMatch(prefix);

    // \z, not $: a dollar would let a trailing newline through.
    [GeneratedRegex(@"^[0-9a-zA-Z_-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SecretId();

    [GeneratedRegex(@"^(?:[1-9][0-9]{0,18}|[a-zA-Z][0-9a-zA-Z_-]{0,62})\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionId();

    // Old projects may be under a domain: example.com:project.
    [GeneratedRegex(@"^(?:[a-z0-9.-]{1,100}:)?[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Project();

    // It becomes part of a host name: no dot.
    [GeneratedRegex(@"^[a-z][a-z0-9-]{0,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Location();
}
