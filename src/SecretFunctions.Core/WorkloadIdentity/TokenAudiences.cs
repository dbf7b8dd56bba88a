using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>For whom an automation may have a token, and how much of it that says. Safe for concurrent use.</summary>
public sealed class TokenAudiences(IEntityStore store)
{
    public const int Max = 32;

    /// <summary>The configuration by which the token is made; null within where the organization's own list allows the audience, for the full subject.</summary>
    /// <param name="organization">As it is now.</param>
    /// <param name="who">The automation, in full.</param>
    /// <param name="audience">The token's.</param>
    /// <param name="named">The configuration that the caller named.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task<Result<Grant>> ChooseAsync(
        Organization organization, TokenSubject who, string audience, string? named, CancellationToken cancellationToken)
    {
        var configs = await store.ReadConfigsAsync(organization.Id, cancellationToken)
            .Where(config => config.Audience == audience)
            .ToListAsync(cancellationToken);
        var own = configs.Where(config => config.Permits(who) && (named is null || config.Name == named)).ToArray();
        if (own.Length == 0)
        {
            // A name that is wrong and one that is for others read alike: an automation does not look around.
            return named is not null || organization.TokenAudiences?.Contains(audience) != true ? NotAllowed(named)
                : await CheckSharedAsync(organization.Id, configs, who, who, cancellationToken) is { } others ? others
                : new Grant(null);
        }

        if (own.DistinctBy(static config => config.SubjectScope).Count() > 1)
        {
            return Ambiguous(own);
        }

        var subject = who.Cut(own[0].SubjectScope);
        return await CheckSharedAsync(organization.Id, configs, who, subject, cancellationToken) is { } shared ? shared : new Grant(own[0]);
    }

    /// <summary>
    /// A configuration that is not for this automation gives its subject to others, and the cloud trusts whoever has that, or the claims it is
    /// made of: a token that says the same, and perhaps more, would be let in as they are.
    /// </summary>
    private async Task<Failure?> CheckSharedAsync(
        string organizationId, IEnumerable<WorkloadIdentityConfig> configs, TokenSubject who, TokenSubject subject, CancellationToken cancellationToken)
    {
        foreach (var other in configs.Where(config => !config.Permits(who)))
        {
            if (await SubjectsServed.GivesAsync(store, organizationId, other, subject.Cut(other.SubjectScope), cancellationToken))
            {
                return Shared(subject);
            }
        }

        return null;
    }

    private static Failure NotAllowed(string? named) => Failure.Denied(
        "token.audience_not_allowed",
        named is null
            ? "This automation may not have tokens for this audience in this environment."
            : $"Configuration '{named}' gives this automation no tokens for this audience in this environment.") with
    {
        Hint = "It takes a workload identity configuration with this audience whose scope includes the automation, or the audience on the organization's tokenAudiences.",
    };

    private static Failure Ambiguous(IEnumerable<WorkloadIdentityConfig> configs) => Failure.Invalid(
        "token.config_ambiguous", $"Several configurations have this audience, and differ in what tokens say: {string.Join(", ", configs.Select(static config => config.Name))}.") with
    {
        Hint = "Name one of them as 'config'.",
    };

    private static Failure Shared(TokenSubject subject) => Failure.Denied(
        "token.subject_shared",
        $"The token would say '{subject}', and with it whatever another configuration of this audience says of others, and this automation is out of that one's scope.") with
    {
        Hint = "Give that configuration an audience of its own, or the subjectScope 'automation'.",
    };

    /// <param name="Config">Null: by the organization's own list.</param>
    internal readonly record struct Grant(WorkloadIdentityConfig? Config);
}
