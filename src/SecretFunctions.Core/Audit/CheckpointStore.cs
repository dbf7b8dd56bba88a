using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>Reads and writes checkpoints. Each has the number after the last, so that of several instances one writes it. Safe for concurrent use.</summary>
public sealed partial class CheckpointStore(IEntityStore store, IssuerKeys keys, IssuerAddress issuer, TimeProvider time, ILogger<CheckpointStore> logger)
{
    /// <summary>Heads in one checkpoint, so that it stays within what a row holds.</summary>
    private const int MaxHeads = 4000;

    /// <summary>The number of the newest that this process met, by organization: fewer there were never.</summary>
    private readonly ConcurrentDictionary<string, long> _met = new(StringComparer.Ordinal);

    /// <summary>Null where there is none.</summary>
    /// <exception cref="InvalidDataException">There is one that nobody with the organization's key wrote.</exception>
    internal async Task<SealedCheckpoint?> ReadNewestAsync(string organizationId, AuditKey key, CancellationToken cancellationToken)
    {
        await foreach (var entity in ReadAsync(organizationId, pageSize: 1, cancellationToken))
        {
            var newest = SealedCheckpoint.Read(entity, organizationId, key)
                ?? throw new InvalidDataException($"The checkpoint in row '{entity.Key.Row}' is not as it was written.");
            return Meet(organizationId, newest);
        }

        return null;
    }

    /// <summary>All of them, and whether they hold together.</summary>
    internal async Task<CheckpointHistory> ReadHistoryAsync(string organizationId, AuditKey key, CancellationToken cancellationToken)
    {
        var published = issuer.Value is not null && (await keys.GetPublishedAsync(cancellationToken)).TryGet(out var found, out _) ? found : [];
        var history = new CheckpointHistory(published, time.GetUtcNow());
        await foreach (var entity in ReadAsync(organizationId, pageSize: 200, cancellationToken))
        {
            if (history.Take(entity.Key.Row, SealedCheckpoint.Read(entity, organizationId, key)) is { } newest)
            {
                Meet(organizationId, newest);
            }
        }

        history.End(_met.GetValueOrDefault(organizationId));
        return history;
    }

    /// <summary>Checkpoints from the newest on, for as long as the caller goes on.</summary>
    internal async IAsyncEnumerable<Checkpoint> ReadBackAsync(
        string organizationId, AuditKey key, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entity in ReadAsync(organizationId, pageSize: 50, cancellationToken))
        {
            if (SealedCheckpoint.Read(entity, organizationId, key) is { } read)
            {
                yield return read.Checkpoint;
            }
        }
    }

    /// <summary>Writes what is to be stated, in as many checkpoints as it takes.</summary>
    /// <param name="newest">The one before, as it was read.</param>
    /// <param name="at">When it was begun to look: what was written since may not be in it.</param>
    /// <param name="retention">Null for a plain checkpoint.</param>
    /// <returns>False where another instance was faster: the rest is the next round's.</returns>
    internal async Task<bool> AppendAsync(
        string organizationId,
        AuditKey key,
        SealedCheckpoint? newest,
        DateTimeOffset at,
        IReadOnlyList<ChainHead> heads,
        AuditRetention? retention,
        CancellationToken cancellationToken)
    {
        // What retention removes is stated also where nothing is left to go on from anywhere.
        var stated = retention?.Bases ?? heads;
        foreach (var part in stated.Count == 0 ? [[]] : stated.Chunk(MaxHeads))
        {
            var number = (newest?.Checkpoint.Number ?? 0) + 1;
            var checkpoint = new Checkpoint(organizationId, number, at, newest?.Hash ?? EventHash.None, retention is null ? part : [])
            {
                Retention = retention is null ? null : retention with { Bases = part },
            };
            var json = SealedCheckpoint.JsonOf(checkpoint);
            var row = Rows.AuditCheckpoint(number);
            var signature = await SignAsync(json, cancellationToken);
            var result = await store.WriteAsync(organizationId, [EntityWrite.Insert(row, SealedCheckpoint.Write(row, json, signature, key))], cancellationToken);
            if (!result.Applied)
            {
                return false;
            }

            newest = Meet(organizationId, new SealedCheckpoint(checkpoint, EventHash.Digest(json), json, signature));
        }

        return true;
    }

    internal Task PurgeBeforeAsync(string organizationId, long number, CancellationToken cancellationToken) => number <= 1
        ? Task.CompletedTask
        : store.PurgeAsync(EntityRange.Prefix(organizationId, Rows.AuditCheckpointPrefix) with { From = Rows.AuditCheckpoint(number - 1) }, cancellationToken);

    private IAsyncEnumerable<Entity> ReadAsync(string organizationId, int pageSize, CancellationToken cancellationToken) =>
        store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.AuditCheckpointPrefix), pageSize, cancellationToken);

    /// <summary>Null where there is no issuer, or its key cannot be used now: the MAC stands in for it.</summary>
    private async Task<string?> SignAsync(byte[] json, CancellationToken cancellationToken)
    {
        if (issuer.Value is null)
        {
            return null;
        }

        if ((await keys.GetSignerAsync(cancellationToken)).TryGet(out var signer, out var failure)
            && (await DetachedSignature.MakeAsync(signer, SealedCheckpoint.Type, json, cancellationToken)).TryGet(out var signature, out failure))
        {
            return signature;
        }

        Log.NotSigned(logger, failure.Code);
        return null;
    }

    private SealedCheckpoint Meet(string organizationId, SealedCheckpoint met)
    {
        _met.AddOrUpdate(organizationId, met.Checkpoint.Number, (_, known) => Math.Max(known, met.Checkpoint.Number));
        return met;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1561, Level = LogLevel.Warning, Message = "A checkpoint of the audit log has no signature, only a MAC: no key signs now ({Code})")]
        public static partial void NotSigned(ILogger logger, string code);
    }
}
