using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// Makes the next checkpoint of an organization's log where something was written since the last. Any instance may; of several one does. What does
/// not hold is not vouched for: it is told, and left out. Safe for concurrent use.
/// </summary>
public sealed partial class CheckpointMaker(IEntityStore store, CheckpointStore checkpoints, TimeProvider time, ILogger<CheckpointMaker> logger)
{
    /// <summary>Rows are named before they are written, by clocks that differ: those of so long before the last checkpoint are looked at again.</summary>
    internal static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>No chain has rows further apart, with a margin for clocks and slow writes.</summary>
    private static readonly TimeSpan LongestChain = AuditChains.Lifetime + TimeSpan.FromHours(1);

    /// <summary>Chains that do not hold, and that somebody was told of.</summary>
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>Organizations with a checkpoint from the future, of which somebody was told.</summary>
    private readonly ConcurrentDictionary<string, bool> _ahead = new(StringComparer.Ordinal);

    /// <exception cref="StoreUnavailableException">The next round tries again.</exception>
    internal async Task AdvanceAsync(OrganizationView view, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        SealedCheckpoint? newest;
        try
        {
            newest = await checkpoints.ReadNewestAsync(view.Organization.Id, view.Keys.Audit, cancellationToken);
        }
        catch (InvalidDataException)
        {
            Tell(view, "", new ChainBreak(ChainBreaks.CheckpointChanged, now, null, 0, null));
            return;
        }

        var claims = new ChainClaims();
        Add(claims, newest?.Checkpoint);
        var walk = await WalkAsync(view, claims, Since(view, newest, now), cancellationToken);
        if (newest is not null && walk.Chains.Any(chain => !walk.Breaks.ContainsKey(chain.Id) && IsOpen(view, chain, claims)))
        {
            // A chain that rested, or a row that was late: earlier checkpoints say where it was, and if they do not, its rows must.
            claims = await LookBackAsync(view, now, cancellationToken);
            if (walk.Chains.Any(chain => !walk.Breaks.ContainsKey(chain.Id) && IsOpen(view, chain, claims)))
            {
                walk = await WalkAsync(view, claims, now - LongestChain, cancellationToken);
            }
        }

        foreach (var (chain, broken) in walk.Breaks)
        {
            Tell(view, chain, broken);
        }

        var heads = new List<ChainHead>();
        foreach (var chain in walk.Chains.Where(chain => !IsTold(view, chain.Id)))
        {
            if (IsOpen(view, chain, claims))
            {
                Tell(view, chain.Id, new ChainBreak(ChainBreaks.Missing, chain.OldestAt, chain.Id, chain.Expected, null));
            }
            else if (chain.Newest.Number > (claims.NewestOf(chain.Id)?.Number ?? 0))
            {
                heads.Add(chain.Newest);
            }
        }

        if (heads.Count > 0)
        {
            await checkpoints.AppendAsync(view.Organization.Id, view.Keys.Audit, newest, now, heads, null, cancellationToken);
        }
    }

    /// <summary>What is older was looked at for the last checkpoint.</summary>
    private DateTimeOffset Since(OrganizationView view, SealedCheckpoint? newest, DateTimeOffset now)
    {
        if (newest is null)
        {
            return DateTimeOffset.MinValue;
        }

        if (newest.Checkpoint.At <= now + Margin)
        {
            return (newest.Checkpoint.At < now ? newest.Checkpoint.At : now) - Margin;
        }

        // Whichever clock is wrong, its time says nothing about what was looked at.
        if (_ahead.TryAdd(view.Organization.Id, true))
        {
            Log.Ahead(logger, view.Organization.Name, newest.Checkpoint.Number, newest.Checkpoint.At);
        }

        return now - LongestChain;
    }

    /// <summary>Whether the rows that were looked at do not reach down to what is known of their chain.</summary>
    private bool IsOpen(OrganizationView view, WalkedChain chain, ChainClaims claims)
    {
        var known = claims.NewestOf(chain.Id) ?? claims.BaseOf(chain.Id);
        return !IsTold(view, chain.Id) && (chain.Expected > known.Number || (chain.Expected == known.Number && chain.ExpectedHash != known.Hash));
    }

    private async Task<ChainWalk> WalkAsync(OrganizationView view, ChainClaims claims, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var walk = new ChainWalk(view.Keys.Audit, claims);
        var range = EntityRange.Prefix(view.Organization.Id, Rows.AuditPrefix);
        if (since > DateTimeOffset.MinValue)
        {
            range = range with { Before = Rows.AuditSince(since) };
        }

        await foreach (var entity in store.ReadAllAsync(range, pageSize: 100, cancellationToken))
        {
            if (!walk.HasReached(entity.Key.Row))
            {
                walk.Take(entity);
            }
        }

        return walk;
    }

    /// <summary>What checkpoints say of every chain that may still be going on.</summary>
    private async Task<ChainClaims> LookBackAsync(OrganizationView view, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var claims = new ChainClaims();
        var since = now - LongestChain;
        await foreach (var checkpoint in checkpoints.ReadBackAsync(view.Organization.Id, view.Keys.Audit, cancellationToken))
        {
            Add(claims, checkpoint);
            if (checkpoint.At < since)
            {
                break;
            }
        }

        return claims;
    }

    private static void Add(ChainClaims claims, Checkpoint? checkpoint)
    {
        foreach (var head in checkpoint?.Heads ?? [])
        {
            if (claims.NewestOf(head.Chain) is null)
            {
                claims.AddHead(head);
            }
        }

        foreach (var removed in checkpoint?.Retention?.Bases ?? [])
        {
            claims.AddBase(removed);
        }
    }

    private bool IsTold(OrganizationView view, string chain) => _told.ContainsKey($"{view.Organization.Id} {chain}");

    private void Tell(OrganizationView view, string chain, ChainBreak broken)
    {
        if (_told.TryAdd($"{view.Organization.Id} {chain}", true))
        {
            Signals.CountAuditBreak(broken.Reason);
            Log.Broken(logger, view.Organization.Name, broken.Reason, chain, broken.Number);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1571,
            Level = LogLevel.Error,
            Message = "The audit log of organization {Organization} is not as it was written: {Reason} at number {Number} of chain '{Chain}'. GET /v1/audit-events/verify says more")]
        public static partial void Broken(ILogger logger, string organization, string reason, string chain, long number);

        [LoggerMessage(
            EventId = 1572,
            Level = LogLevel.Error,
            Message = "Checkpoint {Number} of the audit log of organization {Organization} is of {At:u}, from a clock that is ahead of this one: rows of the last day are looked at again")]
        public static partial void Ahead(ILogger logger, string organization, long number, DateTimeOffset at);
    }
}
