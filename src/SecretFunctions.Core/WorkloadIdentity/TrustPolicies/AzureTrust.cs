using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>Federated credentials of an application, or of a user-assigned managed identity, one for each subject: Entra ID knows no wildcard.</summary>
internal static partial class AzureTrust
{
    public const string Placeholder = "REPLACE-WITH-YOUR-VAULT";

    /// <summary>Of one application or identity.</summary>
    private const int MaxCredentials = 20;
    private const int NearCredentials = 16;

    private const string Role = "Key Vault Secrets User";

    public static TrustPolicy Write(TrustInput input)
    {
        var admitted = AdmittedSubjects.Exactly(input);
        return input.ToPolicy(
            admitted,
            [
                new TrustDocument("setup", TrustFormat.Cli, Commands(input, admitted)),
                new TrustDocument("setup (bicep, managed identity)", TrustFormat.Bicep, Bicep(input, admitted)),
                new TrustDocument("setup (terraform)", TrustFormat.Terraform, Terraform(input, admitted)),
            ],
            Warnings(admitted.Values.Count));
    }

    /// <summary>Of the credential for a subject: 3 to 120 letters, digits, hyphens and underscores, and the same as the templates make of it.</summary>
    internal static string CredentialName(string subject)
    {
        var readable = NotInName().Replace(subject, "-");
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)));
        return $"{(readable.Length <= 100 ? readable : readable[..100])}-{digest[..8]}";
    }

    private static string Commands(TrustInput input, AdmittedSubjects admitted)
    {
        var client = Quoting.Shell(input.Field("clientId"));
        return $$"""
            #!/bin/sh
            # As an owner of the application. It may be run again. For a user-assigned managed identity use the Bicep form.
            set -eu
            if [ "$(az account show --query tenantId --output tsv)" != {{Quoting.Shell(input.Field("tenantId"))}} ]; then
              echo "Sign in to the configuration's tenant first: az login --tenant" {{Quoting.Shell(input.Field("tenantId"))}} >&2
              exit 1
            fi

            # Entra ID compares issuer, subject and audience exactly: one credential for each subject, at most {{MaxCredentials}}.
            add() {
              if az ad app federated-credential show --id {{client}} --federated-credential-id "$1" > /dev/null 2>&1; then
                az ad app federated-credential update --id {{client}} --federated-credential-id "$1" --parameters "$2"
              else
                az ad app federated-credential create --id {{client}} --parameters "$2"
              fi
            }
            {{string.Join('\n', admitted.Values.Select(subject => Add(input, subject)))}}

            # What it may read: put your own vault in the place of {{Placeholder}}; append /secrets/NAME to the scope for a single secret.
            az ad sp show --id {{client}} > /dev/null 2>&1 || az ad sp create --id {{client}}
            az role assignment create --role {{Quoting.Shell(Role)}} --assignee {{client}} \
              --scope "$(az keyvault show --name {{Placeholder}} --query id --output tsv)"

            """;
    }

    private static string Add(TrustInput input, string subject)
    {
        var name = CredentialName(subject);
        var parameters = new JsonObject
        {
            ["name"] = name,
            ["issuer"] = input.Issuer,
            ["subject"] = subject,
            ["audiences"] = Quoting.JsonList([input.Audience]),
        };
        return $"add {Quoting.Shell(name)} {Quoting.Shell(Quoting.JsonLine(parameters))}";
    }

    private static string Bicep(TrustInput input, AdmittedSubjects admitted) => Templates.Bicep("azure", new Dictionary<string, string>
    {
        ["issuer"] = Quoting.Bicep(input.Issuer),
        ["audience"] = Quoting.Bicep(input.Audience),
        ["subjects"] = Quoting.BicepList(admitted.Values),
        ["vaultName"] = Quoting.Bicep(Placeholder),
    });

    /// <summary>With the providers, which a module leaves to whoever uses it.</summary>
    private static string Terraform(TrustInput input, AdmittedSubjects admitted) => $$"""
        provider "azuread" {
          tenant_id = {{Quoting.Hcl(input.Field("tenantId"))}}
        }

        provider "azurerm" {
          tenant_id = {{Quoting.Hcl(input.Field("tenantId"))}}
          features {}
        }


        """ + Templates.Terraform("azure", new Dictionary<string, string>
    {
        ["issuer"] = Quoting.Hcl(input.Issuer),
        ["audience"] = Quoting.Hcl(input.Audience),
        ["subjects"] = Quoting.HclList(admitted.Values),
        ["client_id"] = Quoting.Hcl(input.Field("clientId")),
        ["key_vault_ids"] = Quoting.HclList([$"/subscriptions/REPLACE/resourceGroups/REPLACE/providers/Microsoft.KeyVault/vaults/{Placeholder}"]),
    });

    private static IEnumerable<TrustWarning> Warnings(int count)
    {
        if (count > MaxCredentials)
        {
            yield return new TrustWarning(
                "trust_policy.too_many_subjects",
                $"There are {count} subjects, and an application has at most {MaxCredentials} federated credentials: the rest would be refused.",
                "Give the configuration a coarser subjectScope or a narrower scope, or make a configuration and an application for each project.");
        }
        else if (count >= NearCredentials)
        {
            yield return new TrustWarning(
                "trust_policy.near_limit",
                $"There are {count} subjects, and an application has at most {MaxCredentials} federated credentials.",
                "Before more projects or environments come, give the configuration a coarser subjectScope, or make an application for each project.");
        }
    }

    [GeneratedRegex("[^A-Za-z0-9_-]")]
    private static partial Regex NotInName();
}
