using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Resolution;

/// <summary>One round of reads through one credential, as one subject: from the cache in the store, then from the provider.</summary>
internal sealed partial class CredentialRead(
    IEntityStore store, OrganizationView view, StoreAccess access, CacheStatistics.Counts counts, TimeProvider time, ILogger logger)
{
    private readonly ProviderCredential _credential = access.Credential;
    private readonly Dictionary<SecretKey, Stored<CachedSecretRow>> _rows = [];

    private bool MayCache => _credential.CacheTtlSeconds > 0 || _credential.StaleIfErrorSeconds > 0;

    /// <param name="finish">Called once for each key, as soon as it is known.</param>
    public async Task RunAsync(
        IReadOnlyList<SecretKey> keys, OpenStores stores, bool fresh, Action<SecretKey, FetchOutcome> finish, CancellationToken cancellationToken)
    {
        var missing = MayCache ? await RecallAsync(keys, fresh, finish, cancellationToken) : keys;
        if (missing.Count == 0)
        {
            return;
        }

        if (!stores.Lease(view, access).TryGet(out var lease, out var failure))
        {
            foreach (var key in missing)
            {
                finish(key, new FetchOutcome(null, false, failure));
            }

            return;
        }

        using (lease)
        {
            await Task.WhenAll(Split(lease.Store, missing).Select(group => ReadAsync(lease.Store, group, finish, cancellationToken)));
        }
    }

    /// <summary>What other instances, or this one before a change, have read. Returns what is still to be read.</summary>
    private async Task<IReadOnlyList<SecretKey>> RecallAsync(
        IReadOnlyList<SecretKey> keys, bool fresh, Action<SecretKey, FetchOutcome> finish, CancellationToken cancellationToken)
    {
        var rows = await Task.WhenAll(keys.Select(key => store.GetAsync(view.Organization.Id, key.Row, StoredJson.Default.CachedSecretRow, cancellationToken)));
        var missing = new List<SecretKey>();
        for (var i = 0; i < keys.Count; i++)
        {
            if (rows[i] is { } row)
            {
                _rows[keys[i]] = row;
            }

            var cached = Open(keys[i]);
            if (cached is not null)
            {
                view.Secrets.Keep(keys[i], cached);
            }
            else
            {
                // Another instance may have deleted the row because the store said no: then it is not to be served as stale here either.
                view.Secrets.Cached.TryRemove(keys[i], out _);
            }

            if (!fresh && cached?.IsFresh(_credential, time.GetUtcNow()) == true)
            {
                counts.Hit();
                finish(keys[i], new FetchOutcome(cached, false, null));
            }
            else
            {
                missing.Add(keys[i]);
            }
        }

        return missing;
    }

    private CachedSecret? Open(SecretKey key)
    {
        // A row of another generation, or one that does not open here, is no row.
        if (!_rows.TryGetValue(key, out var row) || row.Document.Generation != key.Generation || row.Document.Address != key.Address || row.Document.Subject != key.Subject)
        {
            return null;
        }

        return Envelope.Unwrap(view.Keys, key.SealContext(view.Organization.Id), row.Document.Sealed) is { } payload
            ? new CachedSecret(payload, row.Document.Version, row.Document.FetchedAt, row.Document.NotAfter)
            : null;
    }

    /// <summary>Batches where the store has them and they save a request; single reads for the rest.</summary>
    private static IEnumerable<IReadOnlyList<SecretKey>> Split(OpenStore store, IReadOnlyList<SecretKey> keys)
    {
        if (store.Client is not IBatchReader reader)
        {
            return keys.Select(static key => new[] { key });
        }

        var batchable = keys.Where(key => reader.CanBatch(key.Address)).ToArray();
        return batchable.Chunk(reader.MaxBatchSize).Concat(keys.Except(batchable).Select(static key => new[] { key }));
    }

    private async Task ReadAsync(OpenStore store, IReadOnlyList<SecretKey> keys, Action<SecretKey, FetchOutcome> finish, CancellationToken cancellationToken)
    {
        if (keys.Count == 1 || store.Client is not IBatchReader reader)
        {
            await SettleAsync(keys[0], await store.ReadAsync(keys[0].Address, cancellationToken), finish, cancellationToken);
            return;
        }

        var results = await store.ReadBatchAsync(reader, [.. keys.Select(static key => key.Address)], cancellationToken);

        // A batch may be refused what a single read is not, and one bad secret may spoil a store's whole batch.
        await Task.WhenAll(keys.Select(async (key, index) => await SettleAsync(
            key,
            results[index].Failure is { } failure && !failure.IsTransient() ? await store.ReadAsync(key.Address, cancellationToken) : results[index],
            finish,
            cancellationToken)));
    }

    private async Task SettleAsync(
        SecretKey key, Result<SecretPayload> result, Action<SecretKey, FetchOutcome> finish, CancellationToken cancellationToken)
    {
        counts.Miss();
        if (!result.TryGet(out var payload, out var failure))
        {
            counts.Failed();
            await SettleFailureAsync(key, failure, finish);
            return;
        }

        using (payload)
        {
            var now = time.GetUtcNow();
            var envelope = Envelope.Seal(view.Keys, key.SealContext(view.Organization.Id), payload.Value.Reveal());
            var secret = new CachedSecret(
                Envelope.Unwrap(view.Keys, key.SealContext(view.Organization.Id), envelope) ?? throw new InvalidOperationException("What was sealed here opens here."),
                payload.Version,
                now,
                payload.NotAfter);
            if (MayCache)
            {
                view.Secrets.Keep(key, secret);
            }

            // Those who wait go on; remembering it for others is not theirs to wait for.
            finish(key, new FetchOutcome(secret, false, null));
            if (MayCache)
            {
                var row = new CachedSecretRow(key.Credential, key.Generation, key.Address, payload.Version, now, envelope) { NotAfter = payload.NotAfter, Subject = key.Subject };
                await RememberAsync(key, row, cancellationToken);
            }
        }
    }

    private async Task SettleFailureAsync(SecretKey key, Failure failure, Action<SecretKey, FetchOutcome> finish)
    {
        var now = time.GetUtcNow();
        if (failure.IsTransient())
        {
            var outcome = view.Secrets.FallBack(key, _credential, failure, now);
            if (outcome.Stale)
            {
                counts.ServedStale();
            }

            finish(key, outcome);
            return;
        }

        // The store answered, and said no: what was kept for an outage must not outlive that.
        view.Secrets.Cached.TryRemove(key, out _);
        if (failure.Code is ProviderFailure.SecretNotFound or ProviderFailure.VersionNotFound)
        {
            view.Secrets.Keep(key, new Missing(failure, now + Missing.Remembered));
        }

        if (_rows.ContainsKey(key))
        {
            await ForgetAsync(key);
        }

        finish(key, new FetchOutcome(null, false, failure));
    }

    /// <summary>
    /// Only over the row this read began with, and only if nothing was announced since: after a rotation or a clearing, what was read may be
    /// older than that, and is not kept. A store that fails keeps nothing, and nobody waits for it.
    /// </summary>
    private async Task RememberAsync(SecretKey key, CachedSecretRow row, CancellationToken cancellationToken)
    {
        try
        {
            var revision = await store.GetAsync(new EntityKey(view.Organization.Id, Rows.Revision), cancellationToken);
            if (revision?.ETag != view.Revision)
            {
                return;
            }

            var data = Documents.Serialize(row, StoredJson.Default.CachedSecretRow);
            var write = _rows.TryGetValue(key, out var before) ? EntityWrite.Replace(key.Row, data, before.ETag) : EntityWrite.Insert(key.Row, data);
            if (!(await store.WriteAsync(view.Organization.Id, [write], cancellationToken)).Applied)
            {
                // Another's row is there, or none is: maintenance knows what is cached by its row, so nothing is in memory that has none.
                view.Secrets.Cached.TryRemove(key, out _);
            }
        }
        catch (StoreUnavailableException exception)
        {
            Log.NotRemembered(logger, exception, key.Credential, key.Address.Name);
        }
    }

    private async Task ForgetAsync(SecretKey key)
    {
        try
        {
            await store.WriteAsync(view.Organization.Id, [EntityWrite.Delete(key.Row, null)], CancellationToken.None);
        }
        catch (StoreUnavailableException exception)
        {
            Log.NotForgotten(logger, exception, key.Credential, key.Address.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 3201, Level = LogLevel.Warning, Message = "Secret {Secret} of credential {Credential} was read, but could not be kept in the store's cache")]
        public static partial void NotRemembered(ILogger logger, Exception exception, string credential, string secret);

        [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Secret {Secret} of credential {Credential} was refused, but could not be dropped from the store's cache")]
        public static partial void NotForgotten(ILogger logger, Exception exception, string credential, string secret);
    }
}
