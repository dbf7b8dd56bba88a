using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.WorkloadIdentity;

/// <summary>
/// Mints the tokens that clouds exchange for access. Whatever was checked when a store was opened is checked again here against the rows as they
/// are now: a store may stay open long after its configuration, or an automation's project, changed. Safe for concurrent use.
/// </summary>
public sealed class SubjectTokens(IEntityStore store, ProviderCatalog providers, SubjectLimits limits, TokenIssuer issuer)
{
    /// <summary>Mints for one subject, as long as this state of its configuration lasts.</summary>
    internal ISubjectTokenSource For(string organizationId, BoundSubject subject) => new Source(this, organizationId, subject);

    private async Task<Result<SecretValue>> MintAsync(string organizationId, BoundSubject bound, string audience, CancellationToken cancellationToken)
    {
        if (await store.GetConfigAsync(organizationId, bound.Config, cancellationToken) is not { Document: var config } || config.Generation != bound.Generation)
        {
            return Changed(bound);
        }

        if (audience != config.Audience)
        {
            throw new InvalidOperationException("A provider asks for tokens for the audience it was told, and no other.");
        }

        if (!await SubjectsServed.GivesAsync(store, organizationId, config, bound.Subject, cancellationToken))
        {
            return SubjectBinder.OutOfScope(config);
        }

        if (limits.Check(config, bound.Subject) is { } tooLong)
        {
            return tooLong with { Kind = FailureKind.Unresolved };
        }

        // No kickoff: what the token is exchanged for is shared by all kickoffs of this subject.
        var request = new TokenRequest(bound.Subject, audience) { SessionTags = providers.FindCloud(config.Cloud)?.TakesSessionTags == true };
        return (await issuer.MintAsync(request, cancellationToken)).TryGet(out var issued, out var failure)
            ? issued.Token
            : AsTheStores(failure);
    }

    /// <summary>A signing key that cannot be reached is an outage like the store's own: it may be tried again, and what is stale may serve.</summary>
    private static Failure AsTheStores(Failure failure) => failure.Kind == FailureKind.Unavailable
        ? ProviderFailure.Create(ProviderFailure.Unreachable, failure.Detail, failure.Hint ?? "Try again in a moment.", failure.Code)
        : failure with { Kind = FailureKind.Unresolved };

    private static Failure Changed(BoundSubject bound) => new(
        FailureKind.Unresolved,
        "workload_identity.changed",
        $"Workload identity configuration '{bound.Config}' was changed or deleted, so no token was made for what it was before.")
    {
        Hint = "Try again: the next resolve goes by the configuration as it is now.",
    };

    private sealed class Source(SubjectTokens tokens, string organizationId, BoundSubject subject) : ISubjectTokenSource
    {
        public Task<Result<SecretValue>> MintAsync(string audience, CancellationToken cancellationToken) =>
            tokens.MintAsync(organizationId, subject, audience, cancellationToken);
    }
}
