using System.Text.Json.Nodes;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>An IAM identity provider, and a role whose trust policy names it.</summary>
internal static class AwsTrust
{
    /// <summary>A placeholder: only the admin knows which secrets.</summary>
    public const string Placeholder = "REPLACE-WITH-YOUR-PREFIX";

    /// <summary>Of a trust policy, without white space, until the quota is raised (IAM quotas).</summary>
    private const int MaxPolicyLength = 2048;

    private const string PolicyName = "secretfunctions-read";

    public static TrustPolicy Write(TrustInput input)
    {
        var role = Role.Parse(input.Field("roleArn"));
        var host = input.Issuer[(input.Issuer.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var provider = $"arn:{role.Partition}:iam::{role.Account}:oidc-provider/{host}";
        var admitted = AdmittedSubjects.Fit(input, subjects => LengthOf(TrustDocument(input, subjects, host, provider)) <= MaxPolicyLength);
        var trust = Quoting.Json(TrustDocument(input, admitted, host, provider));
        var permissions = Quoting.Json(Permissions(role));
        return input.ToPolicy(
            admitted,
            [
                new TrustDocument("role trust policy", TrustFormat.Json, trust),
                new TrustDocument("permissions policy", TrustFormat.Json, permissions),
                new TrustDocument("setup", TrustFormat.Cli, Commands(input, role, provider, trust, permissions)),
                new TrustDocument("setup (terraform)", TrustFormat.Terraform, Terraform(input, role, admitted)),
            ],
            Warnings(input));
    }

    private static JsonObject TrustDocument(TrustInput input, AdmittedSubjects admitted, string host, string provider)
    {
        var audience = new JsonObject { [$"{host}:aud"] = Quoting.Iam(input.Audience) };
        JsonNode subjects = admitted.Values is [var one] ? Quoting.Iam(one) : Quoting.JsonList(admitted.Values.Select(Quoting.Iam));
        var conditions = new JsonObject { ["StringEquals"] = audience };
        if (admitted.IsWildcard)
        {
            conditions["StringLike"] = new JsonObject { [$"{host}:sub"] = subjects };
        }
        else
        {
            audience[$"{host}:sub"] = subjects;
        }

        return Policy(new JsonObject
        {
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["Federated"] = provider },
            // Tokens carry session tags, and AWS refuses such a token whole where the role may not be tagged.
            ["Action"] = Quoting.JsonList(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
            ["Condition"] = conditions,
        });
    }

    private static JsonObject Permissions(Role role) => Policy(
        new JsonObject
        {
            ["Sid"] = "ReadTheseSecrets",
            ["Effect"] = "Allow",
            ["Action"] = Quoting.JsonList(["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]),
            ["Resource"] = Secrets(role),
        },
        new JsonObject
        {
            ["Sid"] = "BatchAndListHaveNoResource",
            ["Effect"] = "Allow",
            ["Action"] = Quoting.JsonList(["secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"]),
            ["Resource"] = "*",
        });

    private static string Commands(TrustInput input, Role role, string provider, string trust, string permissions)
    {
        var (arn, name) = (Quoting.Shell(provider), Quoting.Shell(role.Name));
        var clientIds = Quoting.Shell(Quoting.JsonLine(Quoting.JsonList([input.Audience])));
        var client = Quoting.Shell(Quoting.JsonLine(new JsonObject { ["OpenIDConnectProviderArn"] = provider, ["ClientID"] = input.Audience }));
        return $$"""
            #!/bin/sh
            # In the role's account, with the rights of an IAM administrator. It may be run again.
            set -eu

            # The identity provider. It needs no thumbprint: AWS checks the issuer's certificate with authorities it knows.
            if aws iam get-open-id-connect-provider --open-id-connect-provider-arn {{arn}} > /dev/null 2>&1; then
              aws iam add-client-id-to-open-id-connect-provider --cli-input-json {{client}}
            else
              aws iam create-open-id-connect-provider --url {{Quoting.Shell(input.Issuer)}} --client-id-list {{clientIds}}
            fi

            # The role, and whom it trusts.
            {{Quoting.HereDocument("cat > trust-policy.json", "JSON", trust)}}
            if aws iam get-role --role-name {{name}} > /dev/null 2>&1; then
              aws iam update-assume-role-policy --role-name {{name}} --policy-document file://trust-policy.json
            else
              aws iam create-role --role-name {{name}} --path {{Quoting.Shell(role.Path)}} --assume-role-policy-document file://trust-policy.json
            fi

            # What it may read: put your own secrets in the place of {{Placeholder}}. Without ListSecrets names do not autocomplete.
            {{Quoting.HereDocument("cat > permissions-policy.json", "JSON", permissions)}}
            aws iam put-role-policy --role-name {{name}} --policy-name {{PolicyName}} --policy-document file://permissions-policy.json

            """;
    }

    private static string Terraform(TrustInput input, Role role, AdmittedSubjects admitted) => Templates.Terraform("aws", new Dictionary<string, string>
    {
        ["issuer"] = Quoting.Hcl(input.Issuer),
        ["audience"] = Quoting.Hcl(input.Audience),
        ["subjects"] = Quoting.HclList(admitted.Values),
        ["role_name"] = Quoting.Hcl(role.Name),
        ["role_path"] = Quoting.Hcl(role.Path),
        ["secret_arns"] = Quoting.HclList([Secrets(role)]),
    });

    private static IEnumerable<TrustWarning> Warnings(TrustInput input)
    {
        if (Uri.TryCreate(input.Issuer, UriKind.Absolute, out var issuer) && !issuer.IsDefaultPort && !issuer.IsLoopback)
        {
            yield return new TrustWarning(
                "trust_policy.issuer_port", "The issuer's address has a port, and AWS takes identity providers without one only.", "Publish the issuer at https and its usual port.");
        }
    }

    private static string Secrets(Role role) => $"arn:{role.Partition}:secretsmanager:*:{role.Account}:secret:{Placeholder}/*";

    private static JsonObject Policy(params JsonNode[] statements) => new() { ["Version"] = "2012-10-17", ["Statement"] = new JsonArray(statements) };

    private static int LengthOf(JsonObject policy) => Quoting.JsonLine(policy).Length;

    /// <summary>The parts of its ARN, which was checked: <c>arn:aws:iam::123456789012:role/path/name</c>.</summary>
    private sealed record Role(string Partition, string Account, string Path, string Name)
    {
        public static Role Parse(string arn)
        {
            var parts = arn.Split(':', 6);
            var start = parts[5].IndexOf('/', StringComparison.Ordinal);
            var end = parts[5].LastIndexOf('/') + 1;
            return new Role(parts[1], parts[4], parts[5][start..end], parts[5][end..]);
        }
    }
}
