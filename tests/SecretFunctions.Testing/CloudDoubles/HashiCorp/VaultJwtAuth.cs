using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.HashiCorp;

/// <summary>A role of the JWT method.</summary>
/// <param name="BoundAudiences">Any of them; empty: none is bound, which a token with an audience does not get past.</param>
/// <param name="BoundSubject">Compared exactly; null: any.</param>
public sealed record VaultJwtRole(IReadOnlyList<string> BoundAudiences, string? BoundSubject = null)
{
    /// <summary>Compared exactly, claim by claim.</summary>
    public IReadOnlyDictionary<string, string> BoundClaims { get; init; } = new Dictionary<string, string>();

    public string UserClaim { get; init; } = "sub";

    /// <summary>jwt, or oidc, which is what Vault makes of a role that does not say.</summary>
    public string RoleType { get; init; } = "jwt";
}

/// <summary>Vault's JWT method, mounted once. Safe for concurrent use.</summary>
public sealed class VaultJwtAuth(FederatedTokens tokens)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, VaultJwtRole> _roles = new(StringComparer.Ordinal);
    private readonly List<string> _subjects = [];

    public string Mount { get; set; } = "jwt";

    /// <summary>oidc_discovery_url and bound_issuer; null: the method is not mounted.</summary>
    public string? Issuer { get; set; }

    /// <summary>The subjects that logged in, oldest first.</summary>
    public IReadOnlyList<string> Subjects
    {
        get
        {
            lock (_gate)
            {
                return [.. _subjects];
            }
        }
    }

    public void SetRole(string name, VaultJwtRole role)
    {
        lock (_gate)
        {
            _roles[name] = role;
        }
    }

    /// <summary>What Vault calls whoever logged in so: the mount, and the user claim's value.</summary>
    public string DisplayName(string user) => $"{Mount}-{user}";

    /// <summary>A display name, or Vault's words for why not.</summary>
    internal async Task<(string? DisplayName, string? Error)> LogInAsync(string? roleName, string? jwt)
    {
        VaultJwtRole? role;
        lock (_gate)
        {
            role = _roles.GetValueOrDefault(roleName ?? "");
        }

        if (string.IsNullOrEmpty(roleName))
        {
            return (null, "missing role");
        }

        if (role is null)
        {
            return (null, $"role \"{roleName}\" could not be found");
        }

        if (role.RoleType == "oidc")
        {
            return (null, "role with oidc role_type is not allowed");
        }

        var verdict = await tokens.VerifyAsync(jwt ?? "", Issuer!, role.BoundAudiences, TokenLeeway.Vault);
        return Refuse(verdict, role) is { } error ? (null, error) : (Admit(verdict, role), null);
    }

    private static string? Refuse(TokenVerdict verdict, VaultJwtRole role) => verdict.Flaw switch
    {
        TokenFlaw.Malformed => "error validating token: error verifying token: token must have three parts",
        TokenFlaw.Issuer => "error validating token: invalid issuer (iss) claim",
        TokenFlaw.Algorithm => "error validating token: error verifying token: token signed with unsupported signing algorithm",
        TokenFlaw.Unreachable => "error validating token: error verifying token signature: fetching keys oidc: get keys failed",
        TokenFlaw.KeyUnknown or TokenFlaw.Signature => "error validating token: error verifying token signature: failed to verify id token signature",
        TokenFlaw.Expired => "error validating token: invalid expiration time (exp) claim: token is expired",
        TokenFlaw.NotYetValid => "error validating token: invalid not before (nbf) claim: token not yet valid",
        TokenFlaw.Audience when role.BoundAudiences.Count == 0 => "audience claim found in JWT but no audiences bound to the role",
        TokenFlaw.Audience => "error validating token: invalid audience (aud) claim: audience claim does not match any bound audience",
        _ when role.BoundSubject is { } bound && bound != verdict.Subject => "error validating token: invalid subject (sub) claim",
        _ when role.BoundClaims.Any(claim => (string?)verdict.Claims[claim.Key] != claim.Value) => "error validating claims: claim does not match any associated bound claim values",
        _ when verdict.Claims[role.UserClaim] is not JsonValue => $"claim \"{role.UserClaim}\" not found in token",
        _ => null,
    };

    private string Admit(TokenVerdict verdict, VaultJwtRole role)
    {
        lock (_gate)
        {
            _subjects.Add(verdict.Subject);
        }

        return DisplayName((string)verdict.Claims[role.UserClaim]!);
    }
}
