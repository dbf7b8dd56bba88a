namespace SecretFunctions.Core.Resolution;

/// <summary>Where a resolved value came from. Shows that a rotation arrived, and shows nothing else.</summary>
/// <param name="From"><c>vault</c>, <c>provider</c> or <c>snapshot</c>.</param>
/// <param name="Fingerprint">Twelve hex digits; see <see cref="Vault.OrganizationKeys.Fingerprint"/>.</param>
/// <param name="FetchedAt">When this value was last read from where it lies.</param>
public sealed record ResolvedSource(
    string Key,
    string Scope,
    string From,
    string? Credential,
    string? Secret,
    string Version,
    string Fingerprint,
    DateTimeOffset FetchedAt,
    bool Stale)
{
    public const string Vault = "vault";
    public const string Provider = "provider";
    public const string Snapshot = "snapshot";
}
