using System.Globalization;

namespace SecretFunctions.Core.Organizations;

/// <summary>
/// Where everything lies. All of an organization is one partition, so that any change, its audit event and the revision that
/// announces it are one transaction. Separators never occur in names, so no two things share a row.
/// </summary>
internal static class Rows
{
    /// <summary>The deployment's own partition: which organizations there are, the operator's key, the root key's id, the signing keys.</summary>
    public const string Deployment = "deployment";
    public const string Operator = "operator";
    public const string RootKey = "root-key";
    public const string MaintenanceLease = "maintenance-lease";
    public const string SigningKeys = "signing-keys";
    public const string OrganizationNamePrefix = "organization|";

    public const string Organization = "organization";
    public const string Revision = "revision";
    public const string Keys = "keys";
    public const string KeyRotation = "key-rotation";
    public const string SealingKeys = "sealing-keys";
    public const string EnvironmentPrefix = "environment|";
    public const string ProjectPrefix = "project|";
    public const string AutomationPrefix = "automation|";
    public const string ApiKeyPrefix = "api-key|";
    public const string TrustedIssuerPrefix = "trusted-issuer|";
    public const string RolePrefix = "role|";
    public const string MemberPrefix = "member|";
    public const string Owners = "owners";
    public const string PersonalIdentityPrefix = "personal-identity|";
    public const string VariablePrefix = "variable|";
    public const string CredentialPrefix = "credential|";
    public const string CredentialDefaultPrefix = "credential-default|";
    public const string WorkloadIdentityPrefix = "workload-identity|";
    public const string AllAssignmentsPrefix = "assignment|";
    public const string AllSnapshotsPrefix = "snapshot|";
    public const string AllCachePrefix = "cache|";
    public const string ExpiryWarningPrefix = "expiry-warning|";
    public const string AuditPrefix = "audit|";
    public const string AuditCheckpointPrefix = "audit-checkpoint|";

    public static string OrganizationName(string name) => OrganizationNamePrefix + name;

    public static string Environment(string name) => EnvironmentPrefix + name;

    public static string Project(string name) => ProjectPrefix + name;

    public static string Automation(string name) => AutomationPrefix + name;

    public static string ApiKey(string id) => ApiKeyPrefix + id;

    public static string TrustedIssuer(string name) => TrustedIssuerPrefix + name;

    public static string Role(string name) => RolePrefix + name;

    public static string Member(string email) => MemberPrefix + email;

    public static string PersonalIdentity(string email) => PersonalIdentityPrefix + email;

    public static string Credential(string name) => CredentialPrefix + name;

    public static string CredentialDefault(string provider) => CredentialDefaultPrefix + provider;

    public static string WorkloadIdentity(string name) => WorkloadIdentityPrefix + name;

    public static string CachePrefix(string credential) => $"{AllCachePrefix}{credential}|";

    /// <summary>A secret's name can be long and hold anything, so it is digested, with whoever reads it.</summary>
    public static string Cache(string credential, string digest) => CachePrefix(credential) + digest;

    /// <summary>There where a warning was given: each once for one credential and one end of it.</summary>
    public static string ExpiryWarning(string credential, DateTimeOffset expiresAt, string threshold) => string.Create(
        CultureInfo.InvariantCulture, $"{ExpiryWarningPrefix}{credential}|{expiresAt.UtcTicks:D19}|{threshold}");

    public static string AssignmentPrefix(string automation) => $"{AllAssignmentsPrefix}{automation}|";

    public static string Assignment(string automation, string environment) => AssignmentPrefix(automation) + environment;

    public static string SnapshotPrefix(string automation) => $"{AllSnapshotsPrefix}{automation}|";

    public static string Snapshot(string automation, string id) => SnapshotPrefix(automation) + id;

    /// <summary>
    /// Newest first in a store that only reads upwards: the time is counted down. Rows of the same tick are kept apart by their chain and the number
    /// of their first event in it.
    /// </summary>
    public static string Audit(DateTimeOffset at, string chain, long first) => string.Create(
        CultureInfo.InvariantCulture,
        $"{AuditPrefix}{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19}|{chain}|{long.MaxValue - first:D19}");

    /// <summary>Where rows of the audit log begin that are older than this.</summary>
    public static string AuditBefore(DateTimeOffset at) => string.Create(
        CultureInfo.InvariantCulture, $"{AuditPrefix}{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks + 1:D19}");

    /// <summary>Where rows of the audit log end that are as old as this: what older ones begin with comes after all that these can go on with.</summary>
    public static string AuditSince(DateTimeOffset at) => string.Create(
        CultureInfo.InvariantCulture, $"{AuditPrefix}{DateTimeOffset.MaxValue.UtcTicks - at.UtcTicks:D19}}}");

    /// <summary>Newest first.</summary>
    public static string AuditCheckpoint(long number) => string.Create(CultureInfo.InvariantCulture, $"{AuditCheckpointPrefix}{long.MaxValue - number:D19}");

    /// <summary>Null where no checkpoint of ours has such a name.</summary>
    public static long? AuditCheckpointNumber(string row) =>
        long.TryParse(row.AsSpan(AuditCheckpointPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var down) ? long.MaxValue - down : null;
}
