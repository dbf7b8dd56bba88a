using System.Text.RegularExpressions;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

/// <summary>The templates in infra/federation and what is printed are one and the same.</summary>
public sealed partial class TemplateTests
{
    private static string Infra => Path.Combine(RepositoryPaths.Root, "infra", "federation");

    /// <summary>The examples that operators edit are what is printed for this configuration.</summary>
    public static TheoryData<string, string, string, string> Examples => new()
    {
        { "vault/setup.sh", "vault", TrustFormat.Cli, "setup" },
        { "vault/role.json", "vault", TrustFormat.Json, "role" },
        { "conjur/setup.sh", "conjur", TrustFormat.Cli, "setup" },
        { "conjur/authenticator.yml", "conjur", TrustFormat.Yaml, "authenticator policy" },
        { "conjur/hosts.yml", "conjur", TrustFormat.Yaml, "hosts policy" },
        { "conjur/grant.yml", "conjur", TrustFormat.Yaml, "grant policy" },
        { "conjur/permissions.yml", "conjur", TrustFormat.Yaml, "permissions policy" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_example_is_what_is_printed(string path, string cloud, string format, string document)
    {
        var printed = Trusting.Print(Trusting.Config(cloud), Trusting.Crew).Document(format, document);
        (await File.ReadAllTextAsync(Path.Combine(Infra, path))).ReplaceLineEndings("\n").ShouldBe(printed);
    }

    [Theory]
    [InlineData("aws")]
    [InlineData("google")]
    [InlineData("azure")]
    public async Task The_printed_terraform_is_the_module_with_defaults(string cloud)
    {
        var module = await ReadAsync(cloud, "variables.tf") + "\n" + await ReadAsync(cloud, "main.tf") + "\n" + await ReadAsync(cloud, "outputs.tf");
        var printed = Trusting.Print(Trusting.Config(cloud), Trusting.Crew).Document(TrustFormat.Terraform);

        Default().Replace(printed[printed.IndexOf("variable \"issuer\"", StringComparison.Ordinal)..], "").ShouldBe(Default().Replace(module, ""));
        Variable().Matches(printed).Where(static match => !match.Value.Contains("  default", StringComparison.Ordinal)).ShouldBeEmpty("what is printed asks for nothing");
        printed.ShouldContain($"  default     = \"{Trusting.Issuer}\"\n");
        printed.ShouldContain($"    \"{Trusting.Crew}\",\n");
    }

    [Fact]
    public async Task The_printed_bicep_is_the_template_with_defaults()
    {
        var printed = Trusting.Print(Trusting.Config("azure"), Trusting.Crew).Document(TrustFormat.Bicep);

        Parameter().Replace(printed, "$1").ShouldBe(Parameter().Replace(await ReadAsync("azure", "main.bicep"), "$1"));
        Parameter().Matches(printed).Where(static match => !match.Value.Contains('=', StringComparison.Ordinal)).ShouldBeEmpty("what is printed asks for nothing");
    }

    [Theory]
    [InlineData("aws")]
    [InlineData("google")]
    [InlineData("azure")]
    public void Odd_text_is_one_literal(string cloud)
    {
        var config = Trusting.Config(cloud, audience: Trusting.Odd);
        var terraform = Trusting.Print(config, Trusting.Crew).Document(TrustFormat.Terraform);
        terraform.ShouldContain("  default     = \"it's \\\"odd\\\" `id` $(id) $${id} %%{id} $$ \\\\ <&> {{x}} *?, #|^;\"\n");
    }

    [Fact]
    public void A_module_and_a_trust_policy_have_the_same_conditions()
    {
        var module = Templates.Read("aws/main.tf");
        foreach (var part in new[] { "\"sts:AssumeRoleWithWebIdentity\", \"sts:TagSession\"", "StringEquals", "StringLike", ":aud\"", ":sub\"", "Federated", "secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets" })
        {
            module.ShouldContain(part);
        }

        var google = Templates.Read("google/main.tf");
        foreach (var part in new[] { "assertion.sub == ", "assertion.sub in ", "assertion.sub.startsWith(", "roles/iam.workloadIdentityUser", "roles/secretmanager.secretAccessor", "/subject/" })
        {
            google.ShouldContain(part);
        }
    }

    private static async Task<string> ReadAsync(string cloud, string file) => (await File.ReadAllTextAsync(Path.Combine(Infra, cloud, file))).ReplaceLineEndings("\n");

    /// <summary>A variable's default, over one line or several.</summary>
    [GeneratedRegex(@"^  default\s*= (?:[\[{]\n(?:    .*\n)*  [\]}]|.*)\n", RegexOptions.Multiline)]
    private static partial Regex Default();

    [GeneratedRegex(@"^variable ""\w+"" \{\n(?:[ \t].*\n|\n)*\}$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(param \w+ \w+)(?: = (?:[^\[\n]*|\[\n(?:    .*\n)*  \]))?$", RegexOptions.Multiline)]
    private static partial Regex Parameter();
}
