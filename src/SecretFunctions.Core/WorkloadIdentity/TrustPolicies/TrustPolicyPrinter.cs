using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>
/// Says what to paste into a cloud for a configuration, with issuer, audience and subjects as they are now. It reads and changes nothing. Safe
/// for concurrent use.
/// </summary>
public sealed class TrustPolicyPrinter(IEntityStore store, WorkloadIdentityDirectory configs, IssuerAddress issuer)
{
    /// <summary>Of a cloud without wildcards, in one answer.</summary>
    internal const int MaxExactSubjects = 200;

    private static readonly Dictionary<string, (Func<TrustInput, TrustPolicy> Write, bool HasWildcards)> Clouds = new(StringComparer.Ordinal)
    {
        ["aws"] = (AwsTrust.Write, true),
        ["google"] = (GoogleTrust.Write, true),
        ["azure"] = (AzureTrust.Write, false),
        ["vault"] = (VaultTrust.Write, true),
        ["conjur"] = (ConjurTrust.Write, false),
    };

    /// <param name="caller">Who asks: of others than theirs nothing is said.</param>
    /// <param name="organization">Whose configuration it is.</param>
    /// <param name="name">Of the configuration.</param>
    /// <param name="selection">Of whom; everybody the configuration serves, if it is empty.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<TrustPolicy>> PrintAsync(
        Caller caller, Organization organization, string name, TrustSelection selection, CancellationToken cancellationToken)
    {
        if (!(await configs.FindAsync(caller, name, cancellationToken)).TryGet(out var stored, out var failure))
        {
            return failure;
        }

        if (issuer.Value is not { } address)
        {
            return IssuerAddress.NotConfigured;
        }

        var config = stored.Document;
        if (!Clouds.TryGetValue(config.Cloud, out var cloud))
        {
            return NoTemplate(config);
        }

        var served = await ServedSubjects.ReadAsync(store, caller, organization, cancellationToken);
        if (!served.Find(config, selection).TryGet(out var subjects, out failure))
        {
            return failure;
        }

        if (!cloud.HasWildcards && subjects.Count > MaxExactSubjects)
        {
            return TooMany(config, subjects.Count);
        }

        var policy = cloud.Write(new TrustInput(address, config, subjects));
        var others = await store.ReadConfigsAsync(organization.Id, cancellationToken).Where(other => other.Name != name && WorkloadIdentityDirectory.Shows(caller, other)).ToListAsync(cancellationToken);
        return policy with { Warnings = [.. TrustWarnings.Find(policy, config, selection), .. TrustWarnings.FindShared(policy, config, others, served), .. policy.Warnings] };
    }

    /// <summary>Without a store: what a policy says of given subjects. Null where there is no such cloud.</summary>
    internal static TrustPolicy? Write(TrustInput input) => Clouds.TryGetValue(input.Config.Cloud, out var cloud) ? cloud.Write(input) : null;

    private static Failure NoTemplate(WorkloadIdentityConfig config) =>
        Failure.Invalid("trust_policy.cloud_unsupported", $"There is no trust policy to print for cloud '{config.Cloud}'.");

    private static Failure TooMany(WorkloadIdentityConfig config, int count) => Failure.Invalid(
        "trust_policy.too_many_subjects",
        $"Configuration '{config.Name}' serves {count} subjects, and cloud '{config.Cloud}' has to be told each of them.") with
    {
        Hint = "Print it for one project or environment at a time (?project=NAME), or give the configuration a coarser subjectScope.",
    };
}
