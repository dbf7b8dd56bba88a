using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>Why Vault's JWT method lets a token not in. The texts are those of Vault's and OpenBao's source; both change them, so the last row takes any.</summary>
internal static class VaultJwtFailures
{
    private const string ReadRole = " See it with: vault read auth/MOUNT/role/ROLE.";

    public static readonly FailureTable Login = new(VaultFailures.Store,
    [
        Row("could not be found", "There is no such role at this mount, in this namespace. Check role and mount of the configuration, and namespace of the credential: vault list auth/MOUNT/role."),
        Row("missing role", "Vault saw no role, and the method has no default_role. Check role of the configuration."),
        Row("role with oidc role_type is not allowed", "The role is for people in a browser. Write it with role_type=jwt (the default is oidc)." + ReadRole),
        Row("no audiences bound to the role", "Every token of ours has an audience, so the role needs bound_audiences with it." + ReadRole),
        Row("invalid audience (aud) claim", "The token's audience is not among bound_audiences of the role; the default of the configuration is its address." + ReadRole),
        Row("invalid issuer (iss) claim", "The token's issuer is not bound_issuer of the method: vault read auth/MOUNT/config. No slash at the end."),
        Row("invalid subject (sub) claim", "The token's subject is not bound_subject of the role, which is compared exactly." + ReadRole),
        Row("sub claim does not match bound subject", "The token's subject is not bound_subject of the role, which is compared exactly." + ReadRole),
        Row("token is expired", "The token had ended when Vault saw it: synchronize the clocks of this service and of Vault."),
        Row("token not yet valid", "The token had not begun when Vault saw it: synchronize the clocks of this service and of Vault."),
        Row("token issued in the future", "The token had not begun when Vault saw it: synchronize the clocks of this service and of Vault."),
        Row("unsupported signing algorithm", "The method does not take RS256: see jwt_supported_algs in vault read auth/MOUNT/config."),
        Row("fetching keys", "Vault could not fetch the issuer's keys. Its oidc_discovery_url is the issuer, which Vault must reach; a private certificate needs oidc_discovery_ca_pem."),
        Row("error performing discovery", "Vault could not fetch the issuer's discovery document. It must reach the issuer; a private certificate needs oidc_discovery_ca_pem."),
        Row("failed to verify", "The token's signature is by no key that Vault knows of the issuer. Check oidc_discovery_url (or jwks_url) of vault read auth/MOUNT/config: the key set must be this service's own."),
        Row("error validating claims", "A claim is not as bound_claims of the role demands; values are compared exactly unless bound_claims_type is glob." + ReadRole),
        Row("not found in token", "The role's user_claim (or a claim mapping) names a claim the token does not have. Set user_claim=sub." + ReadRole),
        Row("error validating token", "Vault does not take the token: issuer, audience, signature or times. Compare it with vault read auth/MOUNT/config and the role."),
        Row("unauthorized through CIDR", "This machine's address is not among token_bound_cidrs of the role. Add the address this service's requests leave from."),
        new(400, ProviderFailure.TrustRejected, "Vault does not take the token for this role. Compare it with vault read auth/MOUNT/config and the role; Vault's log says more."),
        new(403, ProviderFailure.TrustRejected,
            "The JWT method is not mounted there, or this machine's address may not use the role. Check mount of the configuration (\"vault auth list\"), namespace of the credential, and the role's token_bound_cidrs."),
        new(404, ProviderFailure.TrustRejected, "The JWT method is not mounted there. Check mount of the configuration (\"vault auth list\") and namespace of the credential."),
        .. VaultFailures.Always,
    ]);

    private static FailureRow Row(string text, string hint) => new(400, ProviderFailure.TrustRejected, hint) { Text = text };
}
