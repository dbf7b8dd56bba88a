using System.Buffers.Text;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// What follows a rotation of an organization's key, a step at a time: the new key begins to seal; a walk over all sealed rows wraps their data keys
/// under it; and when a walk that began after the time of grace has met nothing under an earlier key, that one is dropped. Every step is a conditional
/// write, and where the walk stands is stored, so any instance goes on where another was killed. Safe for concurrent use.
/// </summary>
public sealed partial class OrganizationRewrap(
    ResourceStore resources, RootKeys rootKeys, KeyRotationOptions options, TimeProvider time, ILogger<OrganizationRewrap> logger)
{
    /// <summary>Rows read at a time, and how often it is noted where the walk stands.</summary>
    internal const int PageRows = 100;

    /// <summary>Of one round for one organization: the next round goes on.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    private IEntityStore Store => resources.Store;

    /// <summary>The next step, or none. Writes nothing where no rotation is under way.</summary>
    /// <exception cref="StoreUnavailableException">The next round tries again.</exception>
    /// <exception cref="RootKeyException">The organization's keys could not be unwrapped.</exception>
    internal async Task RunAsync(Caller caller, CancellationToken cancellationToken)
    {
        // As they are now, not as a view remembers them: a key is dropped by what is decided here.
        var stored = await resources.GetAsync(caller.OrganizationId, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, cancellationToken);
        if (stored is not null && stored.Document.Waiting.LastOrDefault(IsSettled) is { } next)
        {
            stored = await ActivateAsync(caller, stored, next, cancellationToken);
        }

        if (stored is null || !stored.Document.Earlier.Any()
            || await ReadRotationAsync(caller, stored, cancellationToken) is not { } rotation
            || (rotation.Document.Current == stored.Document.CurrentVersion && rotation.Document.NextPassAt > time.GetUtcNow()))
        {
            return;
        }

        var keys = await OrganizationKeys.UnwrapAsync(rootKeys.Get(stored.Document.RootKeyId), caller.OrganizationId, stored.Document, known: null, cancellationToken);
        if (await WalkAsync(caller, keys, rotation, cancellationToken) is { } walked)
        {
            await FinishAsync(caller, stored, walked, cancellationToken);
        }
    }

    private bool IsSettled(StoredKey key) => !(key.CreatedAt + options.Settling > time.GetUtcNow());

    /// <summary>From now on the key seals. It is part of a rotation that the log tells of already, so this is announced and not recorded.</summary>
    /// <returns>The row as it is then; null where another instance was faster.</returns>
    private async Task<Stored<StoredOrganizationKeys>?> ActivateAsync(
        Caller caller, Stored<StoredOrganizationKeys> stored, StoredKey key, CancellationToken cancellationToken)
    {
        var activated = stored.Document with
        {
            Wrapping = [.. stored.Document.Wrapping.Select(other => other.Version == key.Version ? other with { ActivatedAt = time.GetUtcNow() } : other)],
            Current = key.Version,
        };
        var write = EntityWrite.Replace(Rows.Keys, Documents.Serialize(activated, StoredJson.Default.StoredOrganizationKeys), stored.ETag);
        var written = await resources.AnnounceAsync(caller.OrganizationId, [write], cancellationToken);
        return written.Applied ? new Stored<StoredOrganizationKeys>(stored.Row, activated, written.ETags[0]) : null;
    }

    private async Task<Stored<KeyRotation>?> ReadRotationAsync(Caller caller, Stored<StoredOrganizationKeys> keys, CancellationToken cancellationToken)
    {
        if (await resources.GetAsync(caller.OrganizationId, Rows.KeyRotation, StoredJson.Default.KeyRotation, cancellationToken) is { } stored)
        {
            return stored;
        }

        // Earlier keys that nobody rotated away from: rows from elsewhere. They are taken up like any others.
        var rotation = new KeyRotation(time.GetUtcNow());
        var write = EntityWrite.Insert(Rows.KeyRotation, Documents.Serialize(rotation, StoredJson.Default.KeyRotation));
        var untouched = EntityWrite.Replace(Rows.Keys, Documents.Serialize(keys.Document, StoredJson.Default.StoredOrganizationKeys), keys.ETag);
        await Store.WriteAsync(caller.OrganizationId, [untouched, write], cancellationToken);
        return null; // With what was written: the next round.
    }

    /// <returns>The rotation after a walk that came to its end; null where it did not yet, or another instance is at it.</returns>
    private async Task<Stored<KeyRotation>?> WalkAsync(
        Caller caller, OrganizationKeys keys, Stored<KeyRotation> rotation, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        var current = await BeginAsync(caller, keys, rotation, cancellationToken);
        foreach (var kind in SealedRows.All)
        {
            // Where a walk goes on, the kinds before are ranges that end before they begin.
            var range = EntityRange.Prefix(caller.OrganizationId, kind.Prefix);
            var after = current?.Document.Pass!.After;
            range = range with { From = string.CompareOrdinal(after, range.From) > 0 ? after! : range.From };
            string? continuation = null;
            for (var more = string.CompareOrdinal(range.From, range.Before) < 0; more && current is not null; more = continuation is not null)
            {
                var page = await Store.QueryAsync(range, PageRows, continuation, cancellationToken);
                if (page.Entities.Count > 0)
                {
                    current = await RewrapAsync(caller, kind, keys, page.Entities, current, cancellationToken);
                }

                continuation = page.Continuation;
                if (continuation is not null && time.GetElapsedTime(startedAt) >= Budget)
                {
                    return null;
                }
            }
        }

        return current;
    }

    /// <summary>The walk that is under way, or a new one where there is none, or another key sealed when it began.</summary>
    private async Task<Stored<KeyRotation>?> BeginAsync(
        Caller caller, OrganizationKeys keys, Stored<KeyRotation> rotation, CancellationToken cancellationToken)
    {
        var isOfNow = rotation.Document.Current == keys.CurrentVersion;
        if (isOfNow && rotation.Document.Pass is not null)
        {
            return rotation;
        }

        // Before it looks at anything: what is stored from here on, it need not meet.
        var startedAt = time.GetUtcNow();
        var left = (isOfNow ? rotation.Document.Left : null) ?? await CountAsync(caller.OrganizationId, keys, cancellationToken);
        var begun = new KeyRotation(rotation.Document.StartedAt) { Current = keys.CurrentVersion, Pass = new RewrapPass(startedAt), Left = left };
        return await SaveAsync(caller, rotation, begun, cancellationToken);
    }

    private async Task<int> CountAsync(string organizationId, OrganizationKeys keys, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var kind in SealedRows.All)
        {
            await foreach (var entity in Store.ReadAllAsync(EntityRange.Prefix(organizationId, kind.Prefix), PageRows, cancellationToken))
            {
                count += kind.Read(organizationId, entity).Count(part => IsEarlier(keys, part));
            }
        }

        return count;
    }

    /// <summary>One page, and where the walk stands after it. Null where another instance noted something meanwhile: then it is at it.</summary>
    private async Task<Stored<KeyRotation>?> RewrapAsync(
        Caller caller, SealedRows kind, OrganizationKeys keys, IReadOnlyList<Entity> entities, Stored<KeyRotation> rotation, CancellationToken cancellationToken)
    {
        var pass = rotation.Document.Pass!;
        var met = new SortedSet<int>(pass.Met);
        var (unreadable, writes, counts) = (0, new List<EntityWrite>(), new Dictionary<string, int>(StringComparer.Ordinal));
        foreach (var entity in entities.Where(entity => entity.Key.Row != pass.After))
        {
            var data = entity.Data.ToArray();
            var rewrapped = new List<byte[]>();
            foreach (var part in kind.Read(caller.OrganizationId, entity).Where(part => IsEarlier(keys, part)))
            {
                met.Add(Envelope.KeyVersionOf(part.Envelope)!.Value);
                if (rewrapped.Exists(done => done.AsSpan().SequenceEqual(part.Envelope)))
                {
                    rewrapped.Add(part.Envelope); // The same bytes a second time: exchanged together with the first.
                }
                else if (Envelope.Rewrap(keys, part.Context, part.Envelope) is { } next)
                {
                    Exchange(data, part.Envelope, next);
                    rewrapped.Add(part.Envelope);
                }
                else
                {
                    unreadable++;
                    Log.Unreadable(logger, caller.OrganizationName, entity.Key.Row, Envelope.KeyVersionOf(part.Envelope)!.Value);
                }
            }

            if (rewrapped.Count > 0)
            {
                writes.Add(EntityWrite.Replace(entity.Key.Row, data, entity.ETag));
                counts[entity.Key.Row] = rewrapped.Count;
            }
        }

        // No revision: nothing that anybody remembers of these rows has changed.
        var written = await Store.ReplaceUnchangedAsync(caller.OrganizationId, writes, cancellationToken);
        return await SaveAsync(
            caller,
            rotation,
            rotation.Document with
            {
                Left = Math.Max(0, (rotation.Document.Left ?? 0) - written.Sum(row => counts[row])),
                Pass = pass with { After = entities[^1].Key.Row, Unreadable = pass.Unreadable + unreadable, Met = [.. met] },
            },
            cancellationToken);
    }

    /// <summary>
    /// In place: both texts are as long, and nothing else of the row is touched, not even properties that this version does not know.
    /// </summary>
    private static void Exchange(Span<byte> data, byte[] before, byte[] after)
    {
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(before.Length)];
        Base64.EncodeToUtf8(before, text, out _, out _);
        var found = false;
        for (var at = data.IndexOf(text); at >= 0; at = data.IndexOf(text))
        {
            Base64.EncodeToUtf8(after, data.Slice(at, text.Length), out _, out _);
            found = true;
        }

        if (!found)
        {
            throw new InvalidOperationException("An envelope lies in its row in base64.");
        }
    }

    /// <summary>Under a key that we have and that seals no more. What names another cannot be opened, with or without it.</summary>
    private static bool IsEarlier(OrganizationKeys keys, SealedPart part) =>
        Envelope.KeyVersionOf(part.Envelope) is { } version && version < keys.CurrentVersion && keys.Has(version);

    /// <summary>After a whole walk: drops what it did not meet, if it began late enough; else says when the next one begins.</summary>
    private async Task FinishAsync(Caller caller, Stored<StoredOrganizationKeys> keys, Stored<KeyRotation> rotation, CancellationToken cancellationToken)
    {
        var pass = rotation.Document.Pass!;
        var settledAt = (keys.Document.CurrentKey.ActivatedAt ?? DateTimeOffset.MinValue) + options.Kept;
        int[] dropped = pass.StartedAt >= settledAt ? [.. keys.Document.Earlier.Select(static key => key.Version).Except(pass.Met)] : [];
        var kept = keys.Document with { Wrapping = [.. keys.Document.Wrapping.Where(key => !dropped.Contains(key.Version))] };
        var later = pass.StartedAt + options.Kept;
        var waiting = rotation.Document with { Pass = null, NextPassAt = later > settledAt ? later : settledAt, Unreadable = pass.Unreadable };
        if (dropped.Length == 0)
        {
            await SaveAsync(caller, rotation, waiting, cancellationToken);
            return;
        }

        // If anything happened to the keys since they were read, another rotation or the organization's end, none is dropped.
        EntityWrite[] writes =
        [
            EntityWrite.Replace(Rows.Keys, Documents.Serialize(kept, StoredJson.Default.StoredOrganizationKeys), keys.ETag),
            kept.Wrapping.Count == 1
                ? EntityWrite.Delete(Rows.KeyRotation, rotation.ETag)
                : EntityWrite.Replace(Rows.KeyRotation, Documents.Serialize(waiting, StoredJson.Default.KeyRotation), rotation.ETag),
        ];
        var versions = string.Join(' ', dropped);
        if ((await resources.CommitAsync(caller, writes, Change.Of("organization-key.retire", ("versions", versions)), cancellationToken)).Applied)
        {
            Log.Retired(logger, caller.OrganizationName, versions, kept.CurrentVersion);
        }
    }

    private async Task<Stored<KeyRotation>?> SaveAsync(Caller caller, Stored<KeyRotation> rotation, KeyRotation next, CancellationToken cancellationToken)
    {
        var write = EntityWrite.Replace(Rows.KeyRotation, Documents.Serialize(next, StoredJson.Default.KeyRotation), rotation.ETag);
        var written = await Store.WriteAsync(caller.OrganizationId, [write], cancellationToken);
        return written.Applied ? new Stored<KeyRotation>(rotation.Row, next, written.ETags[0]) : null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1701, Level = LogLevel.Warning, Message = "Row {Row} of organization {Organization} does not open with its key, version {Version}, which is kept for it: write what it holds anew, or delete it")]
        public static partial void Unreadable(ILogger logger, string organization, string row, int version);

        [LoggerMessage(EventId = 1702, Level = LogLevel.Information, Message = "Organization {Organization} is under version {Current} of its key, and dropped {Versions}")]
        public static partial void Retired(ILogger logger, string organization, string versions, int current);
    }
}
