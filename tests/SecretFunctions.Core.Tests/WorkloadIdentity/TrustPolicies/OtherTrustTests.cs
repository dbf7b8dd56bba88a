using System.Text.Json.Nodes;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

namespace SecretFunctions.Core.Tests.WorkloadIdentity.TrustPolicies;

/// <summary>Google, Azure, Vault and Conjur.</summary>
public sealed class OtherTrustTests
{
    private const string Crew = "org:acme:project:web:environment:prod:automation:crew";
    private const string Pool = "principal://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/automations";

    private static readonly TokenSubject Second = Trusting.Subject("web", "prod", "second");

    [Fact]
    public void Google_lets_in_by_condition_and_grants_to_principals()
    {
        var commands = Trusting.Print(Trusting.Config("google"), Trusting.Crew).Document(TrustFormat.Cli);

        commands.ShouldContain($"--attribute-condition='assertion.sub == \"{Crew}\"'\n");
        commands.ShouldContain($"--issuer-uri='{Trusting.Issuer}' ");
        commands.ShouldContain($"--allowed-audiences='https://iam.googleapis.com/{Trusting.GoogleProvider}' ");
        commands.ShouldContain("--attribute-mapping='google.subject=assertion.sub,attribute.organization=assertion.organization,attribute.project=assertion.project,"
            + "attribute.environment=assertion.environment,attribute.project_environment=assertion.project + \"/\" + assertion.environment,attribute.automation=assertion.automation'");
        commands.ShouldContain($"gcloud secrets add-iam-policy-binding {GoogleTrust.Placeholder} --project='123456789' --role=roles/secretmanager.secretAccessor --condition=None \\\n  --member='{Pool}/subject/{Crew}'");
        commands.ShouldNotContain("workloadIdentityUser");
    }

    [Fact]
    public void Google_lets_principals_become_a_service_account()
    {
        var config = Trusting.Config("google", fields: ("serviceAccount", "reader@acme.iam.gserviceaccount.com"));
        var commands = Trusting.Print(config, Trusting.Crew, Second).Document(TrustFormat.Cli);

        commands.ShouldContain($"--attribute-condition='assertion.sub in [\"{Crew}\",\"{Second}\"]'");
        foreach (var subject in new[] { Crew, Second.ToString() })
        {
            commands.ShouldContain($"gcloud iam service-accounts add-iam-policy-binding 'reader@acme.iam.gserviceaccount.com' --role=roles/iam.workloadIdentityUser --condition=None \\\n  --member='{Pool}/subject/{subject}'\n");
        }

        commands.ShouldContain("--role=roles/secretmanager.secretAccessor --condition=None \\\n  --member='serviceAccount:reader@acme.iam.gserviceaccount.com'");
    }

    [Theory]
    [InlineData(SubjectScope.Organization, 2)]
    [InlineData(SubjectScope.Project, 3)]
    [InlineData(SubjectScope.Environment, 5)]
    [InlineData(SubjectScope.Automation, 6)]
    public void Google_maps_the_claims_that_tokens_have(SubjectScope scope, int count)
    {
        var commands = Trusting.Print(Trusting.Config("google", scope), Trusting.Crew).Document(TrustFormat.Cli);
        var mapping = commands.Split("--attribute-mapping='")[1].Split('\'')[0];
        mapping.Split(',').Length.ShouldBe(count);
        new[] { "organization", "project", "environment", "automation" }.Count(claim => mapping.Contains($"attribute.{claim}=", StringComparison.Ordinal)).ShouldBe((int)scope + 1);
    }

    [Fact]
    public void Google_binds_sets_where_subjects_are_too_many()
    {
        var policy = Trusting.Print(Trusting.Config("google"), Trusting.Many());
        var commands = policy.Document(TrustFormat.Cli);

        policy.Subjects.ShouldBe(["org:acme:project:web:environment:prod:automation:*"]);
        commands.ShouldContain("--attribute-condition='assertion.sub.startsWith(\"org:acme:project:web:environment:prod:automation:\")'");
        commands.ShouldContain("--member='principalSet://iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/automations/attribute.project_environment/web/prod'");
    }

    [Fact]
    public void Google_warns_of_subjects_that_are_nearly_too_long()
    {
        Trusting.Print(Trusting.Config("google"), Trusting.Crew).Warnings.ShouldBeEmpty();
        Trusting.Print(Trusting.Config("google"), Trusting.Subject("web", "prod", new string('a', 62))).Codes().ShouldBe(["trust_policy.near_limit"]);
    }

    [Fact]
    public void Entra_gets_a_credential_for_each_subject_exactly()
    {
        var policy = Trusting.Print(Trusting.Config("azure"), Trusting.Crew, Second);
        var added = Added(policy);

        added.Select(static credential => (string)credential["subject"]!).ShouldBe([Crew, Second.ToString()]);
        added.ShouldAllBe(static credential => (string)credential["issuer"]! == Trusting.Issuer);
        added.ShouldAllBe(static credential => credential["audiences"]!.ToJsonString(null) == "[\"api://AzureADTokenExchange\"]");
        policy.Document(TrustFormat.Bicep).ShouldContain($"param subjects array = [\n    '{Crew}'\n    '{Second}'\n  ]\n");
        policy.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Entras_names_are_valid_and_differ_where_subjects_do()
    {
        var subjects = new[] { "org:a:project:b.c", "org:a:project:b-c", "org:a:project:b:c", $"org:{new string('a', 300)}", $"org:{new string('a', 301)}" };
        var names = subjects.Select(AzureTrust.CredentialName).ToArray();
        names.Distinct().Count().ShouldBe(subjects.Length);
        names.ShouldAllBe(static name => name.Length <= 120 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'));
    }

    [Theory]
    [InlineData(15, "")]
    [InlineData(16, "trust_policy.near_limit")]
    [InlineData(20, "trust_policy.near_limit")]
    [InlineData(21, "trust_policy.too_many_subjects")]
    public void Entras_limit_is_warned_of(int count, string code)
    {
        var policy = Trusting.Print(Trusting.Config("azure"), Trusting.Many(count));
        policy.Codes().ShouldBe(code.Length == 0 ? [] : [code]);
        policy.Subjects.Count.ShouldBe(count);
    }

    [Fact]
    public void Vault_binds_audience_and_subject()
    {
        var role = Trusting.Print(Trusting.Config("vault"), Trusting.Crew).ParseJson();

        ((string?)role["role_type"]).ShouldBe("jwt");
        ((string?)role["user_claim"]).ShouldBe("sub");
        ((string?)role["bound_subject"]).ShouldBe(Crew);
        role["bound_audiences"]!.ToJsonString(null).ShouldBe("[\"https://vault.example.com:8200\"]");
        role.ContainsKey("bound_claims").ShouldBeFalse();
    }

    [Fact]
    public void Vault_lists_several_subjects_and_globs_only_where_there_are_too_many()
    {
        var several = Trusting.Print(Trusting.Config("vault"), Trusting.Crew, Second).ParseJson();
        ((string?)several["bound_claims_type"]).ShouldBe("string");
        several["bound_claims"]!["sub"]!.AsArray().Select(static subject => (string)subject!).ShouldBe([Crew, Second.ToString()]);
        several.ContainsKey("bound_subject").ShouldBeFalse();

        var many = Trusting.Print(Trusting.Config("vault"), Trusting.Many()).ParseJson();
        ((string?)many["bound_claims_type"]).ShouldBe("glob");
        many["bound_claims"]!["sub"]!.AsArray().ShouldHaveSingleItem()!.ToString().ShouldBe("org:acme:project:web:environment:prod:automation:*");
        many.ContainsKey("bound_subject").ShouldBeFalse();
    }

    [Fact]
    public void Vaults_mount_and_role_are_the_configurations()
    {
        var commands = Trusting.Print(Trusting.Config("vault", fields: [("mount", "/teams/oidc/"), ("role", "it's")]), Trusting.Crew).Document(TrustFormat.Cli);
        commands.ShouldContain("vault auth enable -path='teams/oidc' jwt");
        commands.ShouldContain("vault write 'auth/teams/oidc/config' - <<'JSON'\n{\n  \"oidc_discovery_url\": \"https://secrets.example.com\",\n  \"bound_issuer\": \"https://secrets.example.com\"\n}\nJSON\n");
        commands.ShouldContain("vault write 'auth/teams/oidc/role/it'\\''s' - ");
    }

    [Fact]
    public void Conjur_has_a_host_for_each_subject()
    {
        var policy = Trusting.Print(Trusting.Config("conjur"), Trusting.Crew, Second);
        var hosts = policy.Document(TrustFormat.Yaml, "hosts policy");

        foreach (var subject in new[] { Crew, Second.ToString() })
        {
            hosts.ShouldContain($"    - !host\n      id: \"{subject}\"\n      annotations:\n        \"authn-jwt/secretfunctions/sub\": \"{subject}\"\n    - !grant\n      role: !group hosts\n      member: !host \"{subject}\"\n");
        }

        var commands = policy.Document(TrustFormat.Cli);
        foreach (var (variable, value) in new[]
        {
            ("jwks-uri", $"{Trusting.Issuer}/.well-known/jwks.json"), ("issuer", Trusting.Issuer), ("audience", "https://conjur.example.com"), ("token-app-property", "sub"), ("identity-path", "data/secretfunctions"),
        })
        {
            commands.ShouldContain($"conjur variable set --id='conjur/authn-jwt/secretfunctions/{variable}' --value='{value}'\n");
        }

        commands.ShouldContain("conjur policy load -b root -f authenticator.yml");
        policy.Document(TrustFormat.Yaml, "authenticator policy").ShouldContain("id: \"conjur/authn-jwt/secretfunctions\"");
    }

    [Fact]
    public void Conjurs_policies_are_loaded_below_the_branches_there_are_on_the_saas()
    {
        var policy = Trusting.Print(Trusting.Config("conjur", fields: ("address", "https://acme.secretsmgr.cyberark.cloud/api")), Trusting.Crew);
        var commands = policy.Document(TrustFormat.Cli);
        commands.ShouldNotContain("-b root");
        commands.ShouldContain("conjur policy load -b conjur/authn-jwt -f authenticator.yml");
        commands.ShouldContain("conjur policy load -b data -f hosts.yml");
        policy.Document(TrustFormat.Yaml, "authenticator policy").ShouldContain("id: \"secretfunctions\"");
    }

    private static JsonObject[] Added(TrustPolicy policy) =>
    [
        .. policy.Document(TrustFormat.Cli).Split('\n').Where(static line => line.StartsWith("add '", StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..^1])!.AsObject()),
    ];
}
