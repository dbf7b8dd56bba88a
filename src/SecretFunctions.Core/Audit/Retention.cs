using System.Text;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <param name="RetentionDays">Events that are older are removed; 0 keeps all.</param>
public sealed record AuditOptions(int RetentionDays)
{
    public const int MaxRetentionDays = 36_500;
}

/// <summary>
/// Removes old events, a day at a time. What goes is stated in a checkpoint first, so that what stays is verifiable, and a removal that was killed
/// half-way is taken up by the next. Safe for concurrent use.
/// </summary>
public sealed partial class Retention(IEntityStore store, CheckpointStore checkpoints, AuditOptions options, TimeProvider time, ILogger<Retention> logger)
{
    /// <summary>Checkpoints outlive the events they speak of by this: every chain they name has come to its end by then.</summary>
    private static readonly TimeSpan CheckpointsOutlive = AuditChains.Lifetime + AuditChains.Lifetime;

    /// <exception cref="StoreUnavailableException">The next round goes on.</exception>
    internal async Task RunAsync(OrganizationView view, CancellationToken cancellationToken)
    {
        if (options.RetentionDays == 0)
        {
            return;
        }

        var (organizationId, key) = (view.Organization.Id, view.Keys.Audit);
        var before = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date.AddDays(-options.RetentionDays), TimeSpan.Zero);
        var old = EntityRange.Prefix(organizationId, Rows.AuditPrefix) with { From = Rows.AuditBefore(before) };
        if ((await store.QueryAsync(old, 1, null, cancellationToken)).Entities is not [var youngest])
        {
            return;
        }

        var history = await checkpoints.ReadHistoryAsync(organizationId, key, cancellationToken);
        if (history.First is not null || history.Newest is not { } newest || newest.Checkpoint.At + CheckpointMaker.Margin < AuditRowName.Parse(youngest.Key.Row)?.At)
        {
            // Nothing would vouch for what stays, or nobody looked yet at what would go.
            Log.Held(logger, view.Organization.Name, history.First?.Reason ?? "none since the last of them");
            return;
        }

        var claims = history.Claims;
        var first = history.FirstKept;
        if (await AddBasesAsync(claims, old, key, cancellationToken) || before > claims.RemovedBefore)
        {
            // Its time is the last one's: what was written since was not looked at.
            first = Math.Max(first, history.FirstSince(before - CheckpointsOutlive));

            // A chain that ended so long ago has nothing left that could go on from anywhere.
            var bases = claims.Bases.Where(removed => removed.At >= before - CheckpointsOutlive).ToArray();
            var retention = new AuditRetention(before, bases, first);
            if (!await checkpoints.AppendAsync(organizationId, key, newest, newest.Checkpoint.At, [], retention, cancellationToken))
            {
                return;
            }
        }

        var count = await RemoveAsync(claims, old, cancellationToken);
        await checkpoints.PurgeBeforeAsync(organizationId, first, cancellationToken);
        Log.Removed(logger, view.Organization.Name, count, before);
    }

    /// <returns>Whether there is something to remove that was not stated yet.</returns>
    private async Task<bool> AddBasesAsync(ChainClaims claims, EntityRange old, AuditKey key, CancellationToken cancellationToken)
    {
        var isNew = false;
        await foreach (var entity in store.ReadAllAsync(old, pageSize: 100, cancellationToken))
        {
            if (AuditRowName.Parse(entity.Key.Row) is not { } name
                || claims.BaseOf(name.Chain).Number >= name.First
                || StoredRow.Parse(entity.Key.Row, entity.Data) is not { End: { } end } row
                || (end.Chain, end.First) != (name.Chain, name.First))
            {
                continue;
            }

            var last = name.First + row.Events.Count - 1;
            var hash = Encoding.Latin1.GetString(row.Events[^1].Hash.Span);

            // What somebody else put there is no chain's, and goes without a word.
            if (end.IsAuthentic(row.Name, last, hash, key))
            {
                claims.AddBase(new ChainHead(name.Chain, last, hash, name.At));
                isNew = true;
            }
        }

        return isNew;
    }

    private async Task<int> RemoveAsync(ChainClaims claims, EntityRange old, CancellationToken cancellationToken)
    {
        var rows = new List<(string Row, string ETag)>();
        var count = 0;
        await foreach (var entity in store.ReadAllAsync(old, pageSize: 100, cancellationToken))
        {
            // A row that came late is the next round's.
            if (AuditRowName.Parse(entity.Key.Row) is { } name && name.First > claims.BaseOf(name.Chain).Number)
            {
                continue;
            }

            count++;
            rows.Add((entity.Key.Row, entity.ETag));
            if (rows.Count == EntityLimits.MaxWrites)
            {
                await store.DeleteUnchangedAsync(old.Partition, rows, cancellationToken);
                rows.Clear();
            }
        }

        await store.DeleteUnchangedAsync(old.Partition, rows, cancellationToken);
        return count;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1581, Level = LogLevel.Information, Message = "{Count} rows of the audit log of organization {Organization} were removed: older than {Before:u}")]
        public static partial void Removed(ILogger logger, string organization, int count, DateTimeOffset before);

        [LoggerMessage(EventId = 1582, Level = LogLevel.Error, Message = "Old events of organization {Organization} are kept: its checkpoints do not hold ({Reason})")]
        public static partial void Held(ILogger logger, string organization, string reason);
    }
}
