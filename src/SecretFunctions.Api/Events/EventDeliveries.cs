using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Api.Events;

/// <summary>
/// What a delivery of rotation events does, whichever way it comes: over HTTP, or through a queue of the deployment's own. Safe for concurrent use,
/// and to repeat.
/// </summary>
public sealed class EventDeliveries(
    IEnumerable<IRotationSource> sources, RotationHints hints, EventTrust trust, OrganizationDirectory organizations, OrganizationViews views)
{
    /// <summary>
    /// A delivery that the platform vouches for, such as one from a queue that its source alone may write to. It concerns the organization that deliveries
    /// with a cloud's own token concern.
    /// </summary>
    /// <returns>How many entries were dropped.</returns>
    /// <param name="source">As in <c>/v1/events/{source}</c>.</param>
    /// <param name="json">One delivery: an event, or several.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Result<int>> ReceiveAsync(string source, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        if (!Find(source).TryGet(out var known, out var failure)
            || !known.Parse(json).TryGet(out var message, out failure)
            || !(await OpenAsync(source, cancellationToken)).TryGet(out var session, out failure))
        {
            return failure;
        }

        return await ApplyAsync(session.Caller, source, message, cancellationToken);
    }

    internal Result<IRotationSource> Find(string source) => sources.FirstOrDefault(known => known.Name == source) is { } known
        ? Result.Of(known)
        : Failure.NotFound("event.source_unknown", $"There is no such event source; there are {string.Join(", ", sources.Select(static source => source.Name).Order(StringComparer.Ordinal))}.");

    /// <summary>For a delivery without a key of some organization: as whom, and for which one.</summary>
    internal async Task<Result<Session>> OpenAsync(string source, CancellationToken cancellationToken)
    {
        if (await organizations.FindIdAsync(trust.Organization, cancellationToken) is not { } id || await views.GetAsync(id, cancellationToken) is not { } view)
        {
            return Failure.NotFound("organization.not_found", "There is no organization of the name in SecretFunctions:Events:Organization.");
        }

        // Named after its source in the audit log; it may do what an event does, and nothing else.
        return new Session(new Caller(id, trust.Organization, new Principal(PrincipalType.Service, source), Permissions.None), view);
    }

    internal async Task<Result<int>> ApplyAsync(Caller caller, string source, RotationMessage message, CancellationToken cancellationToken)
    {
        if (trust.Senders.GetValueOrDefault(source)?.Subscription is { } expected && message.Subscription != expected)
        {
            return Failure.Denied("event.subscription_unexpected", "The message comes from another subscription than SecretFunctions:Events:PubSubSubscription.");
        }

        return await hints.ApplyAsync(caller, message.Hints, source, cancellationToken);
    }
}
