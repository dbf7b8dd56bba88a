using System.Collections.Concurrent;
using System.Security.Cryptography;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// The append-only log of an organization: rows of newline-delimited JSON, each written once. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Every row goes on in a chain that nobody else is writing to at that time, so that what is missing or was changed shows, and no writer waits for
/// another. A chain is given back when it is known what became of its row, and never used again where that is not known.
/// </remarks>
public sealed class AuditLog(IEntityStore store, OrganizationViews views, TimeProvider time)
{
    /// <summary>The largest event a caller may append; with what a row gathers it stays within what a row holds.</summary>
    public const int MaxEventBytes = 640 * 1024;

    /// <summary>The largest list of variables in an event, which leaves room for all the rest of it.</summary>
    public const int MaxVariablesBytes = 600 * 1024;

    private readonly ConcurrentDictionary<string, OrganizationLog> _logs = new(StringComparer.Ordinal);

    /// <summary>This process: no two ever write to one chain.</summary>
    private readonly string _writer = RandomNumberGenerator.GetHexString(20, lowercase: true);

    /// <summary>When the last row failed that no success came after; 0 where none did.</summary>
    private long _failedAt;

    /// <summary>
    /// Whether a row could not be written in so long a time, and none was since. Who is kept from writing for it must not wait for a success.
    /// </summary>
    public bool HasFailedWithin(TimeSpan period) => Volatile.Read(ref _failedAt) is not 0 and var failedAt && time.GetElapsedTime(failedAt) < period;

    /// <summary>Completes when the event is durable: nothing it speaks of may be handed out before.</summary>
    /// <exception cref="StoreUnavailableException">It could not be written.</exception>
    /// <exception cref="ArgumentException">It is larger than <see cref="MaxEventBytes"/>: a bug in the caller.</exception>
    public Task AppendAsync(AuditEvent auditEvent)
    {
        // Before any lock, and apart from the events of others: one that cannot be written down harms nobody else's.
        var line = EventLine.Of(auditEvent);
        return line.Length <= MaxEventBytes
            ? LogOf(auditEvent.Caller.OrganizationId).Channel.AppendAsync(line)
            : throw new ArgumentException($"An audit event has at most {MaxEventBytes} bytes; this one has {line.Length}.", nameof(auditEvent));
    }

    /// <summary>Applies writes in the partition of the event's organization, and the event with them: all or nothing.</summary>
    /// <exception cref="StoreUnavailableException">The store did not answer: it may have been applied.</exception>
    internal Task<WriteResult> CommitAsync(IReadOnlyList<EntityWrite> writes, AuditEvent auditEvent, CancellationToken cancellationToken)
    {
        var row = new AuditRow();
        row.Add(EventLine.Of(auditEvent));
        var organizationId = auditEvent.Caller.OrganizationId;
        return WriteAsync(organizationId, LogOf(organizationId).Chains, row, writes, cancellationToken);
    }

    /// <summary>The key of an organization that is just being made: there is nothing to read it from yet.</summary>
    internal void Introduce(string organizationId, AuditKey key) => LogOf(organizationId).Chains.Key = key;

    /// <summary>Those that this process writes.</summary>
    internal AuditChains ChainsOf(string organizationId) => LogOf(organizationId).Chains;

    /// <summary>Writes a row as the next of a chain, with whatever must be applied together with it.</summary>
    internal async Task<WriteResult> WriteAsync(
        string organizationId, AuditChains chains, AuditRow row, IReadOnlyList<EntityWrite> others, CancellationToken cancellationToken)
    {
        var key = await KeyAsync(organizationId, chains, cancellationToken);
        var now = time.GetUtcNow();
        var chain = chains.Take(now);
        var name = Rows.Audit(now, chain.Head.Chain, chain.Head.Number + 1);
        var head = row.Seal(chain.Head, name, now, key);

        // Where this throws, the chain is not given back: the row may have been written or may still be, and another with its numbers must not.
        var result = await store.WriteAsync(organizationId, [.. others, EntityWrite.Insert(name, row.Data)], cancellationToken);
        if (result.Applied)
        {
            chains.Advance(chain, head);
        }
        else if (result.ConflictIndex != others.Count)
        {
            chains.GiveBack(chain);
        }

        return result;
    }

    internal void Note(bool succeeded) => Volatile.Write(ref _failedAt, succeeded ? 0 : time.GetTimestamp());

    private async ValueTask<AuditKey?> KeyAsync(string organizationId, AuditChains chains, CancellationToken cancellationToken)
    {
        if (chains.Key is null && organizationId != Rows.Deployment)
        {
            chains.Key = await views.GetAsync(organizationId, cancellationToken) is { } view
                ? view.Keys.Audit
                : throw new StoreUnavailableException("The audit log could not be written: the organization was destroyed.");
        }

        return chains.Key;
    }

    private OrganizationLog LogOf(string organizationId) => _logs.GetOrAdd(organizationId, static (id, log) => new OrganizationLog(log, id), this);

    private sealed class OrganizationLog
    {
        public OrganizationLog(AuditLog log, string organizationId)
        {
            Chains = new AuditChains(log._writer);
            Channel = new AuditChannel(log, organizationId, Chains);
        }

        public AuditChains Chains { get; }

        public AuditChannel Channel { get; }
    }
}
