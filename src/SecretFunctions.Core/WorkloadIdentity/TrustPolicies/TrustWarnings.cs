using System.Net;
using System.Net.Sockets;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity.TrustPolicies;

/// <summary>What is the same for every cloud: where a policy admits more than one would think, and where none could work.</summary>
internal static class TrustWarnings
{
    /// <summary>Hosts that platforms hand out, and take back with the resource.</summary>
    private static readonly string[] LentHosts = [".azurewebsites.net", ".azurecontainerapps.io", ".azure-api.net", ".trafficmanager.net", ".ngrok.io", ".ngrok-free.app"];

    private static readonly string[] PrivateEnds = [".local", ".internal", ".localhost", ".lan", ".test", ".invalid"];

    public static IEnumerable<TrustWarning> Find(TrustPolicy policy, WorkloadIdentityConfig config, TrustSelection selection) =>
        new[] { Unreachable(policy), Lent(policy), Wildcard(policy), CoarserThanScope(config), WithoutEnvironment(config), CoarserThanSelection(config, selection), Later(policy, config, selection) }
            .OfType<TrustWarning>();

    /// <summary>Configurations of the same audience whose tokens for others this policy would admit.</summary>
    public static IEnumerable<TrustWarning> FindShared(
        TrustPolicy policy, WorkloadIdentityConfig config, IEnumerable<WorkloadIdentityConfig> others, ServedSubjects served) =>
        from other in others
        where other.Audience == config.Audience
        let strangers = served.Who(other).Where(who => !config.Permits(who) && Admits(policy, who.Cut(other.SubjectScope).ToString()))
        where strangers.Any()
        select new TrustWarning(
            "trust_policy.audience_shared",
            $"Configuration '{other.Name}' has the same audience, and gives to others, out of this one's scope, subjects that this policy admits.",
            "Give the two configurations different audiences, or a finer subjectScope.");

    private static bool Admits(TrustPolicy policy, string subject) => policy.Subjects.Any(admitted =>
        admitted.EndsWith('*') ? subject.StartsWith(admitted[..^1], StringComparison.Ordinal) : subject == admitted);

    private static TrustWarning? Unreachable(TrustPolicy policy)
    {
        // What runs in one's own network may reach what the internet does not.
        var isOwn = policy.Cloud is "vault" or "conjur";
        return Uri.TryCreate(policy.Issuer, UriKind.Absolute, out var issuer) && issuer.Scheme == Uri.UriSchemeHttps && !issuer.IsLoopback && (isOwn || IsPublic(issuer))
            ? null
            : new TrustWarning(
                "trust_policy.issuer_not_public",
                $"The issuer is {policy.Issuer}, from which no cloud can fetch the signing keys, so none will accept a token.",
                "The operator sets SecretFunctions:Issuer to the public https address of this service. Print the policy again then.");
    }

    private static bool IsPublic(Uri issuer)
    {
        if (!IPAddress.TryParse(issuer.IdnHost, out var address))
        {
            return issuer.IdnHost.Contains('.', StringComparison.Ordinal)
                && !PrivateEnds.Any(end => issuer.IdnHost.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? !address.IsIPv6LinkLocal && !address.IsIPv6UniqueLocal && !IPAddress.IsLoopback(address)
            : address.GetAddressBytes() is not ([10 or 127 or 0, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..] or [100, >= 64 and <= 127, ..]);
    }

    private static TrustWarning? Lent(TrustPolicy policy) =>
        Uri.TryCreate(policy.Issuer, UriKind.Absolute, out var issuer) && LentHosts.Any(host => issuer.IdnHost.EndsWith(host, StringComparison.OrdinalIgnoreCase))
            ? new TrustWarning(
                "trust_policy.issuer_host_lent",
                $"The issuer's host, {issuer.IdnHost}, is the platform's: it changes when the service is deployed anew, and could become somebody else's, whom the policy would then trust.",
                "Give the service a domain of your own, and set SecretFunctions:Issuer to it, before any cloud trusts it.")
            : null;

    private static TrustWarning? Wildcard(TrustPolicy policy) =>
        policy.Subjects.Any(static subject => subject.EndsWith('*'))
            ? new TrustWarning(
                "trust_policy.wildcard",
                $"There are more subjects than this cloud's policy holds one by one, so it admits everybody whose subject begins like {string.Join(", ", policy.Subjects)}: what is made there later too, whether or not the configuration serves it.",
                "Print it for one project or environment (?project=NAME&environment=NAME), or give the configuration a narrower scope or a coarser subjectScope.")
            : null;

    private static TrustWarning? CoarserThanScope(WorkloadIdentityConfig config)
    {
        string[] named =
        [
            .. config.Scope.Projects is not null && config.SubjectScope < SubjectScope.Project ? ["projects"] : Array.Empty<string>(),
            .. config.Environments.Count > 0 && config.SubjectScope < SubjectScope.Environment ? ["environments"] : Array.Empty<string>(),
            .. config.Scope.Automations.Count > 0 && config.SubjectScope < SubjectScope.Automation ? ["automations"] : Array.Empty<string>(),
        ];
        return named.Length == 0
            ? null
            : new TrustWarning(
                "trust_policy.coarser_than_scope",
                $"The configuration is for some {string.Join(" and ", named)} only, which its subjects (subjectScope '{Name(config)}') do not name: this service keeps others out, the cloud cannot. It would admit them if another configuration gave them the same subject.",
                "Give the configuration a finer subjectScope, or an audience that no other configuration has.");
    }

    private static TrustWarning? WithoutEnvironment(WorkloadIdentityConfig config) =>
        config.SubjectScope < SubjectScope.Environment
            ? new TrustWarning(
                "trust_policy.no_environment",
                $"Subjects (subjectScope '{Name(config)}') do not name the environment: dev has the same access as prod.",
                "Give the configuration the subjectScope 'environment' or 'automation', or one configuration and role to each environment.")
            : null;

    private static TrustWarning? CoarserThanSelection(WorkloadIdentityConfig config, TrustSelection selection)
    {
        var asked = selection.Automation is not null ? SubjectScope.Automation
            : selection.Environment is not null ? SubjectScope.Environment
            : selection.Project is not null ? SubjectScope.Project
            : SubjectScope.Organization;
        return asked <= config.SubjectScope
            ? null
            : new TrustWarning(
                "trust_policy.coarser_than_selection",
                $"You asked for one {Name(asked)}, but subjects name no more than the {Name(config)} (subjectScope): the policy admits everybody there whom the configuration serves.",
                $"For a policy of that {Name(asked)} alone give the configuration a finer subjectScope.");
    }

    /// <summary>Who is listed one by one does not include who comes later.</summary>
    private static TrustWarning? Later(TrustPolicy policy, WorkloadIdentityConfig config, TrustSelection selection)
    {
        var moreProjects = config.SubjectScope >= SubjectScope.Project && config.Scope.Projects is null && selection.Project is null;
        var moreEnvironments = config.SubjectScope >= SubjectScope.Environment && config.Environments.Count == 0 && selection.Environment is null;
        var moreAutomations = config.SubjectScope >= SubjectScope.Automation && selection.Automation is null;
        var isOpen = config.Scope.Automations.Count > 0 || selection.Automation is not null ? moreEnvironments : moreProjects || moreEnvironments || moreAutomations;
        return isOpen && !policy.Subjects.Any(static subject => subject.EndsWith('*'))
            ? new TrustWarning(
                "trust_policy.later_not_admitted",
                "The policy names whom there is today. Whoever the configuration comes to serve later is refused by the cloud until it is told.",
                "Print the policy again after creating projects, environments or automations.")
            : null;
    }

    private static string Name(WorkloadIdentityConfig config) => Name(config.SubjectScope);

    private static string Name(SubjectScope scope) => scope.ToString().ToLowerInvariant();
}
