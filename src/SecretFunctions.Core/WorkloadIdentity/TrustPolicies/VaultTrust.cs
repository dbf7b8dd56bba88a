using System.Text.Json.Nodes;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>A JWT method that takes this service for an issuer, a role at it, and what the role may read.</summary>
internal static class VaultTrust
{
    public const string Placeholder = "REPLACE-WITH-YOUR-PATH";

    /// <summary>More than an admin would look through. Vault names no limit.</summary>
    private const int MaxSubjects = 100;

    private const string PolicyName = "secretfunctions-read";

    public static TrustPolicy Write(TrustInput input)
    {
        var admitted = AdmittedSubjects.Fit(input, static subjects => subjects.Values.Count <= MaxSubjects);
        var role = Quoting.Json(Role(input, admitted));
        return input.ToPolicy(
            admitted,
            [
                new TrustDocument("setup", TrustFormat.Cli, Commands(input, role)),
                new TrustDocument("role", TrustFormat.Json, role),
            ],
            []);
    }

    private static JsonObject Role(TrustInput input, AdmittedSubjects admitted)
    {
        var role = new JsonObject
        {
            ["role_type"] = "jwt",
            ["user_claim"] = "sub",
            ["bound_audiences"] = Quoting.JsonList([input.Audience]),
        };
        if (admitted is { IsWildcard: false, Values: [var one] })
        {
            role["bound_subject"] = one;
        }
        else
        {
            role["bound_claims_type"] = admitted.IsWildcard ? "glob" : "string";
            role["bound_claims"] = new JsonObject { ["sub"] = Quoting.JsonList(admitted.Values) };
        }

        role["token_policies"] = Quoting.JsonList([PolicyName]);
        role["token_no_default_policy"] = false;
        role["token_ttl"] = "1h";
        role["token_max_ttl"] = "1h";
        return role;
    }

    private static string Commands(TrustInput input, string role)
    {
        var mount = input.Field("mount").Trim('/');
        var method = Quoting.Json(new JsonObject { ["oidc_discovery_url"] = input.Issuer, ["bound_issuer"] = input.Issuer });
        return $$"""
            #!/bin/sh
            # With a token that may write policies and auth methods. It may be run again. With OpenBao: alias vault=bao
            set -eu
            export VAULT_ADDR={{Quoting.Shell(input.Field("address").TrimEnd('/'))}}
            # export VAULT_NAMESPACE=...   where the credential names one

            # What may be read: KV version 2 below the mount "secret". Put your own path in the place of {{Placeholder}}.
            {{Quoting.HereDocument($"vault policy write {PolicyName} -", "HCL", Templates.Read("vault/policy.hcl"))}}
            # The method. A mount takes one issuer: where another is in use here already, choose another mount.
            vault auth list -format=json | grep -qF {{Quoting.Shell($"\"{mount}/\"")}} || vault auth enable -path={{Quoting.Shell(mount)}} jwt
            {{Quoting.HereDocument($"vault write {Quoting.Shell($"auth/{mount}/config")} -", "JSON", method)}}
            # Whom it lets in.
            {{Quoting.HereDocument($"vault write {Quoting.Shell($"auth/{mount}/role/{input.Field("role")}")} -", "JSON", role)}}
            """;
    }
}
