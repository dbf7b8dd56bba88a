using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>A workload identity pool with a provider, and what its principals may do: read secrets, or become a service account that may.</summary>
internal static class GoogleTrust
{
    public const string Placeholder = "REPLACE-WITH-YOUR-SECRET";

    /// <summary>Of an attribute condition (IAM's workloadIdentityPools.providers).</summary>
    private const int MaxCondition = 4096;

    private const int MaxSubject = 127;
    private const int NearSubject = 110;

    private const string Accessor = "roles/secretmanager.secretAccessor";

    public static TrustPolicy Write(TrustInput input)
    {
        var pool = Pool.Parse(input.Field("workloadIdentityProvider"));
        var account = input.Config.Fields.GetValueOrDefault("serviceAccount");
        var admitted = AdmittedSubjects.Fit(input, static subjects => Condition(subjects).Length <= MaxCondition);
        return input.ToPolicy(
            admitted,
            [
                new TrustDocument("setup", TrustFormat.Cli, Commands(input, pool, account, admitted)),
                new TrustDocument("setup (terraform)", TrustFormat.Terraform, Terraform(input, pool, account, admitted)),
            ],
            Warnings(input));
    }

    /// <summary>Of the provider: nobody else gets a token of Google's at all, whatever is granted to the pool.</summary>
    private static string Condition(AdmittedSubjects admitted) => admitted switch
    {
        { IsWildcard: true } => string.Join(" || ", admitted.Values.Select(static value => $"assertion.sub.startsWith({Quoting.Cel(value.TrimEnd('*'))})")),
        { Values: [var one] } => $"assertion.sub == {Quoting.Cel(one)}",
        _ => $"assertion.sub in [{string.Join(',', admitted.Values.Select(Quoting.Cel))}]",
    };

    /// <summary>One attribute for each claim that tokens of this subject scope have.</summary>
    private static Dictionary<string, string> Mapping(SubjectScope scope)
    {
        var mapping = new Dictionary<string, string> { ["google.subject"] = "assertion.sub", ["attribute.organization"] = "assertion.organization" };
        if (scope >= SubjectScope.Project)
        {
            mapping["attribute.project"] = "assertion.project";
        }

        if (scope >= SubjectScope.Environment)
        {
            mapping["attribute.environment"] = "assertion.environment";
            mapping["attribute.project_environment"] = "assertion.project + \"/\" + assertion.environment";
        }

        if (scope >= SubjectScope.Automation)
        {
            mapping["attribute.automation"] = "assertion.automation";
        }

        return mapping;
    }

    /// <summary>As IAM names them: each by its subject, or all that have one attribute.</summary>
    private static IEnumerable<string> Members(Pool pool, AdmittedSubjects admitted) => admitted switch
    {
        { IsWildcard: false } => admitted.Values.Select(subject => $"principal://iam.googleapis.com/{pool.Name}/subject/{subject}"),
        { Level: SubjectScope.Organization } => admitted.Roots.Select(root => Set(pool, "organization", root.Organization)),
        { Level: SubjectScope.Project } => admitted.Roots.Select(root => Set(pool, "project", root.Project!)),
        _ => admitted.Roots.Select(root => Set(pool, "project_environment", $"{root.Project}/{root.Environment}")),
    };

    private static string Set(Pool pool, string attribute, string value) => $"principalSet://iam.googleapis.com/{pool.Name}/attribute.{attribute}/{value}";

    private static string Commands(TrustInput input, Pool pool, string? account, AdmittedSubjects admitted)
    {
        var (poolId, provider) = (Quoting.Shell(pool.Id), Quoting.Shell(pool.Provider));
        var place = $"--project={Quoting.Shell(pool.Project)} --location=global";
        var mapping = Quoting.GcloudList([.. Mapping(input.Config.SubjectScope).Select(static pair => $"{pair.Key}={pair.Value}")]);
        return $"""
            #!/bin/sh
            # With the rights of roles/iam.workloadIdentityPoolAdmin in the pool's project, and to set policies where roles are bound. It may be run again.
            set -eu

            # The pool, and in it this service as a provider. Google fetches its keys from the issuer.
            gcloud iam workload-identity-pools describe {poolId} {place} > /dev/null 2>&1 \
              || gcloud iam workload-identity-pools create {poolId} {place}

            if gcloud iam workload-identity-pools providers describe {provider} --workload-identity-pool={poolId} {place} > /dev/null 2>&1; then
              verb=update-oidc
            else
              verb=create-oidc
            fi
            gcloud iam workload-identity-pools providers "$verb" {provider} --workload-identity-pool={poolId} {place} \
              --issuer-uri={Quoting.Shell(input.Issuer)} \
              --allowed-audiences={Quoting.Shell(Quoting.GcloudList([input.Audience]))} \
              --attribute-mapping={Quoting.Shell(mapping)} \
              --attribute-condition={Quoting.Shell(Condition(admitted))}

            {Bindings(pool, account, admitted)}
            """;
    }

    private static string Bindings(Pool pool, string? account, AdmittedSubjects admitted)
    {
        var members = Members(pool, admitted).ToArray();
        var become = account is null ? "" : "# Who may become the service account.\n" + string.Concat(members.Select(member =>
            $"gcloud iam service-accounts add-iam-policy-binding {Quoting.Shell(account)} --role=roles/iam.workloadIdentityUser --condition=None \\\n  --member={Quoting.Shell(member)}\n")) + "\n";
        var readers = account is null ? members : [$"serviceAccount:{account}"];
        return become + $"# What may be read: repeat it for each secret, in the place of {Placeholder}, in the project that the secret is in.\n" + string.Concat(readers.Select(reader =>
            $"gcloud secrets add-iam-policy-binding {Placeholder} --project={Quoting.Shell(pool.Project)} --role={Accessor} --condition=None \\\n  --member={Quoting.Shell(reader)}\n"));
    }

    private static string Terraform(TrustInput input, Pool pool, string? account, AdmittedSubjects admitted)
    {
        var pairs = Mapping(input.Config.SubjectScope);
        var width = pairs.Keys.Max(static key => Quoting.Hcl(key).Length);
        var mapping = pairs.Select(pair => $"    {Quoting.Hcl(pair.Key).PadRight(width)} = {Quoting.Hcl(pair.Value)}\n");
        return Templates.Terraform("google", new Dictionary<string, string>
        {
            ["issuer"] = Quoting.Hcl(input.Issuer),
            ["audience"] = Quoting.Hcl(input.Audience),
            ["project_number"] = Quoting.Hcl(pool.Project),
            ["pool_id"] = Quoting.Hcl(pool.Id),
            ["provider_id"] = Quoting.Hcl(pool.Provider),
            ["subjects"] = Quoting.HclList(admitted.Values),
            ["members"] = Quoting.HclList(admitted.IsWildcard ? Members(pool, admitted) : []),
            ["attribute_mapping"] = $"{{\n{string.Concat(mapping)}  }}",
            ["service_account"] = account is null ? "null" : Quoting.Hcl(account),
            ["secrets"] = Quoting.HclList([$"projects/{pool.Project}/secrets/{Placeholder}"]),
        });
    }

    private static IEnumerable<TrustWarning> Warnings(TrustInput input)
    {
        var longest = input.Subjects.MaxBy(static subject => subject.ToString().Length)!.ToString();
        if (longest.Length >= NearSubject)
        {
            yield return new TrustWarning(
                "trust_policy.near_limit",
                $"The longest subject, '{longest}', has {longest.Length} characters; Google takes at most {MaxSubject}.",
                "Keep names of new projects, environments and automations short, or give the configuration a coarser subjectScope.");
        }
    }

    /// <summary>The parts of <c>projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER</c>, which was checked.</summary>
    private sealed record Pool(string Name, string Project, string Id, string Provider)
    {
        public static Pool Parse(string provider)
        {
            var parts = provider.Split('/');
            return new Pool(string.Join('/', parts[..6]), parts[1], parts[5], parts[7]);
        }
    }
}
