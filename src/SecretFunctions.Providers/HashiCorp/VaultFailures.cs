using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>
/// What Vault's refusals mean. Vault has no error codes, and hides what a policy does not show: most rows have to name two causes.
/// </summary>
internal static class VaultFailures
{
    public const string Store = "Vault";

    private const string NoSuchMount =
        "Nothing is mounted there in this namespace. Check mount and namespace; \"vault secrets list\" shows what there is.";

    public static readonly FailureRow[] Always =
    [
        new(403, ProviderFailure.AuthenticationFailed,
            "The token is wrong, expired or revoked, or belongs to another namespace. Store a new one; with AppRole, check the role's token_ttl and token_num_uses.")
        { Text = "invalid token" },
        new(412, ProviderFailure.Unreachable, "A replica has not caught up yet (Vault Enterprise). It is tried again."),
        new(429, ProviderFailure.Throttled,
            "A rate limit quota of Vault's holds us back, or this is a standby node. Raise the quota, or set the address of the active node."),
        new(472, ProviderFailure.Unreachable, "This is a disaster-recovery standby, which answers no reads. Set the address of the active cluster."),
        new(473, ProviderFailure.Unreachable, "This is a performance standby that does not serve the request. Set the address of the active node."),
        new(501, ProviderFailure.Unreachable, "This Vault is not initialized. Initialize it, or correct the address."),
        new(502, ProviderFailure.Unreachable, "Vault could not reach something it needs in turn. It is tried again; see Vault's log."),
        new(503, ProviderFailure.Unreachable, "Vault is sealed or in maintenance. Unseal it, or wait; it is tried again."),
    ];

    /// <summary>AppRole logins. Each one, a refused one too, can use up a limited secret id.</summary>
    public static readonly FailureTable AppRole = new(Store,
    [
        new(400, ProviderFailure.AuthenticationFailed,
            "Role id and secret id do not belong together, or the secret id is used up (secret_id_num_uses) or expired (secret_id_ttl). Generate one: vault write -f auth/approle/role/NAME/secret-id.")
        { Text = "invalid role or secret ID" },
        new(400, ProviderFailure.AuthenticationFailed,
            "There is no such role id in this AppRole mount and namespace. Read it: vault read auth/approle/role/NAME/role-id.")
        { Text = "invalid role ID" },
        new(400, ProviderFailure.AuthenticationFailed, "The secret id is unknown, used up or expired. Generate one: vault write -f auth/approle/role/NAME/secret-id.")
        { Text = "invalid secret id" },
        new(400, ProviderFailure.AuthenticationFailed,
            "This machine's address is not among secret_id_bound_cidrs or token_bound_cidrs of the role. Add the address this service's requests leave from.")
        { Text = "unauthorized through CIDR" },
        new(400, ProviderFailure.AuthenticationFailed, "Vault refused role id and secret id. Check both, and authMount and namespace."),
        new(403, ProviderFailure.AuthenticationFailed,
            "AppRole is not mounted there, or this machine's address may not use the role. Check authMount (\"vault auth list\") and namespace, and the role's bound CIDRs."),
        new(404, ProviderFailure.AuthenticationFailed,
            "AppRole is not mounted there. Check authMount (\"vault auth list\") and namespace."),
        .. Always,
    ]);

    public static readonly FailureTable Token = new(Store,
    [
        .. Always,
        new(403, ProviderFailure.AuthenticationFailed,
            "The token is wrong, expired or revoked, or of another namespace; or it is valid and has not even the default policy. Store another, or grant it read on auth/token/lookup-self."),
    ]);

    public static readonly FailureTable Read = new(Store,
    [
        .. Always,
        new(403, ProviderFailure.PermissionDenied,
            "The token's policies lack read on MOUNT/data/PATH (KV version 1: MOUNT/PATH), the namespace or mount is another one, or the token is bound to other addresses (CIDR). Older versions of Vault say the same of an expired token."),
        new(404, ProviderFailure.InvalidRequest, NoSuchMount) { Text = "no handler for route" },
        new(404, ProviderFailure.SecretNotFound,
            "Nothing was ever written to this path, it was deleted with its metadata, or the mount has the other KV version (setting kvVersion). Write the path without mount and \"data/\"."),
    ]);

    public static readonly FailureTable ReadVersion = new(Store,
    [
        .. Always,
        new(403, ProviderFailure.PermissionDenied,
            "The token's policies lack read on MOUNT/data/PATH, the namespace or mount is another one, or the token is bound to other addresses (CIDR)."),
        new(404, ProviderFailure.InvalidRequest, NoSuchMount) { Text = "no handler for route" },
        new(404, ProviderFailure.VersionNotFound,
            "This version was never written or is older than the versions kept (max_versions, 10 by default); or there is no such secret at all. Pin another version, or none."),
    ]);

    public static readonly FailureTable Metadata = new(Store,
    [
        .. Always,
        new(403, ProviderFailure.PermissionDenied,
            "The token's policies lack read on MOUNT/metadata/PATH. Without it rotations are noticed only when the cached value expires."),
        new(404, ProviderFailure.InvalidRequest, NoSuchMount) { Text = "no handler for route" },
        new(404, ProviderFailure.SecretNotFound, "Nothing was ever written to this path, or it was deleted with its metadata."),
    ]);

    public static readonly FailureTable List = new(Store,
    [
        .. Always,
        new(403, ProviderFailure.PermissionDenied,
            "The token's policies lack list on MOUNT/metadata/PATH (KV version 1: MOUNT/PATH). Reading works without; only autocomplete does not."),
        new(404, ProviderFailure.InvalidRequest, NoSuchMount) { Text = "no handler for route" },
    ]);

    public static bool IsInvalidToken(StoreAnswer answer) =>
        answer.Status == 403 && MessageOf(answer).Contains("invalid token", StringComparison.OrdinalIgnoreCase);

    /// <summary>Vault's own words, to find a row by and for nothing else.</summary>
    public static string MessageOf(StoreAnswer answer)
    {
        using var document = answer.TryParse();
        return document is null ? "" : string.Join('\n', document.RootElement.At("errors").AsItems().Select(error => error.AsText()));
    }
}
