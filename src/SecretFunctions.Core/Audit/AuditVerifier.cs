using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>What verifying found.</summary>
/// <param name="Events">How many there are.</param>
/// <param name="FirstBroken">Null where everything is as it was written.</param>
/// <param name="Checkpoint">The newest: whoever notes it elsewhere can tell later that nothing up to there was taken back.</param>
public sealed record AuditReport(long Events, ChainBreak? FirstBroken, (long Number, DateTimeOffset At, string Hash, string? SignedBy)? Checkpoint);

/// <summary>
/// Goes through a whole log and holds it against its hashes, its checkpoints, and what this process itself has written. Reads row by row, and
/// while others write. Safe for concurrent use.
/// </summary>
public sealed class AuditVerifier(IEntityStore store, AuditLog audit, CheckpointStore checkpoints)
{
    private const int MaxAttempts = 3;

    /// <exception cref="StoreUnavailableException">It could not be read to its end.</exception>
    public async Task<AuditReport> VerifyAsync(OrganizationView view, CancellationToken cancellationToken)
    {
        var (organizationId, key) = (view.Organization.Id, view.Keys.Audit);
        for (var attempt = 1; ; attempt++)
        {
            // Before the rows: what is known to be there by now must be found.
            var heads = audit.ChainsOf(organizationId).Heads;
            var history = await checkpoints.ReadHistoryAsync(organizationId, key, cancellationToken);
            var removedBefore = history.Claims.RemovedBefore;
            var walk = await WalkAsync(organizationId, key, history.Claims, heads, cancellationToken);
            var broken = Earlier(history.First, walk.First);
            if (broken is not null && attempt < MaxAttempts
                && (await checkpoints.ReadHistoryAsync(organizationId, key, cancellationToken)).Claims.RemovedBefore != removedBefore)
            {
                continue; // Retention removed rows meanwhile, and has said so.
            }

            return new AuditReport(walk.Events, broken, history.Newest is { } newest ? (newest.Checkpoint.Number, newest.Checkpoint.At, newest.Hash, newest.SignedBy) : null);
        }
    }

    /// <summary>The deployment's own log: hashes alone, since there is no organization's key.</summary>
    /// <exception cref="StoreUnavailableException">It could not be read to its end.</exception>
    public async Task<AuditReport> VerifyDeploymentAsync(CancellationToken cancellationToken)
    {
        var heads = audit.ChainsOf(Rows.Deployment).Heads;
        var walk = await WalkAsync(Rows.Deployment, null, new ChainClaims(), heads, cancellationToken);
        return new AuditReport(walk.Events, walk.First, null);
    }

    private async Task<ChainWalk> WalkAsync(
        string partition, AuditKey? key, ChainClaims claims, IReadOnlyList<ChainHead> heads, CancellationToken cancellationToken)
    {
        foreach (var head in heads)
        {
            claims.AddHead(head);
        }

        var walk = new ChainWalk(key, claims);
        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(partition, Rows.AuditPrefix), pageSize: 100, cancellationToken))
        {
            walk.Take(entity);
        }

        walk.End();
        return walk;
    }

    private static ChainBreak? Earlier(ChainBreak? one, ChainBreak? other) =>
        one is null || (other is not null && other.At < one.At) ? other : one;
}
