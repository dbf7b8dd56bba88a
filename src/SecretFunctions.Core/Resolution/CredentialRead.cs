using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Resolution;

/// <summary>One round of reads through one credential: from the cache in the store, then from the provider.</summary>
internal sealed class CredentialRead(
    IEntityStore store, OrganizationView view, ProviderCredential credential, CacheStatistics.Counts counts, TimeProvider time)
{
    private readonly Dictionary<SecretKey, Stored<CachedSecretRow>> _rows = [];

    private bool MayCache => credential.CacheTtlSeconds > 0 || credential.StaleIfErrorSeconds > 0;

    /// <param name="finish">Called once for each key, as soon as it is known.</param>
    public async Task RunAsync(
        IReadOnlyList<SecretKey> keys, OpenStores stores, bool fresh, Action<SecretKey, FetchOutcome> finish, CancellationToken cancellationToken)
    {
        var missing = MayCache ? await RecallAsync(keys, fresh, finish, cancellationToken) : keys;
        if (missing.Count == 0)
        {
            return;
        }

        if (!stores.Lease(view, credential).TryGet(out var lease, out var failure))
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

            if (!fresh && Open(keys[i]) is { } cached && cached.IsFresh(credential, time.GetUtcNow()))
            {
                counts.Hit();
                view.Secrets.Cached[keys[i]] = cached;
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
        if (!_rows.TryGetValue(key, out var row) || row.Document.Generation != key.Generation || row.Document.Address != key.Address)
        {
            return null;
        }

        return Envelope.Unwrap(view.Keys, key.SealContext(view.Organization.Id), row.Document.Sealed) is { } payload
            ? new CachedSecret(payload, row.Document.Version, row.Document.FetchedAt)
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
                now);
            if (MayCache)
            {
                view.Secrets.Cached[key] = secret;
            }

            // Those who wait go on; remembering it for others is not theirs to wait for.
            finish(key, new FetchOutcome(secret, false, null));
            if (MayCache)
            {
                await RememberAsync(key, new CachedSecretRow(key.Credential, key.Generation, key.Address, payload.Version, now, envelope), cancellationToken);
            }
        }
    }

    private async Task SettleFailureAsync(SecretKey key, Failure failure, Action<SecretKey, FetchOutcome> finish)
    {
        var now = time.GetUtcNow();
        if (failure.IsTransient())
        {
            var kept = view.Secrets.Cached.GetValueOrDefault(key) ?? Open(key);
            if (kept is not null && kept.MayServeStale(credential, now))
            {
                counts.ServedStale();
                view.Secrets.Cached[key] = kept;
                finish(key, new FetchOutcome(kept, true, null));
                return;
            }

            finish(key, new FetchOutcome(null, false, failure));
            return;
        }

        // The store answered, and said no: what was kept for an outage must not outlive that.
        view.Secrets.Cached.TryRemove(key, out _);
        if (failure.Code is ProviderFailure.SecretNotFound or ProviderFailure.VersionNotFound)
        {
            view.Secrets.Missing[key] = new Missing(failure, now + Missing.Remembered);
        }

        if (_rows.ContainsKey(key))
        {
            await store.WriteAsync(view.Organization.Id, [EntityWrite.Delete(key.Row, null)], CancellationToken.None);
        }

        finish(key, new FetchOutcome(null, false, failure));
    }

    /// <summary>
    /// Only over the row this read began with: if it was dropped meanwhile (a rotation), what was read may be older than that, and is not kept.
    /// </summary>
    private async Task RememberAsync(SecretKey key, CachedSecretRow row, CancellationToken cancellationToken)
    {
        var data = Documents.Serialize(row, StoredJson.Default.CachedSecretRow);
        var write = _rows.TryGetValue(key, out var before) ? EntityWrite.Replace(key.Row, data, before.ETag) : EntityWrite.Insert(key.Row, data);
        await store.WriteAsync(view.Organization.Id, [write], cancellationToken);
    }
}
