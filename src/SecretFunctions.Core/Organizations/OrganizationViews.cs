using System.Collections.Concurrent;
using System.Collections.Frozen;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Organizations;

/// <summary>
/// What this instance remembers of each organization, and the rule that keeps it fresh: a view is good for the consistency
/// window after its revision row was read, and is thrown away whole when the revision has changed. Safe for concurrent use.
/// </summary>
public sealed class OrganizationViews
{
    private const int ListPage = 500;

    /// <summary>A list of what there is is believed for the window, and where that is shorter for a second.</summary>
    private static readonly TimeSpan ShortestList = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    private readonly IEntityStore _store;
    private readonly RootKeys _rootKeys;
    private readonly TimeProvider _time;
    private readonly TimeSpan _window;

    /// <param name="store">Read only.</param>
    /// <param name="rootKeys">Unwrap the organizations' keys.</param>
    /// <param name="time">The clock of the window.</param>
    /// <param name="window">Seconds to trust a view; zero reads the revision at every request.</param>
    public OrganizationViews(IEntityStore store, RootKeys rootKeys, TimeProvider time, TimeSpan window)
    {
        (_store, _rootKeys, _time, _window) = (store, rootKeys, time, window);
        Known = new KnownNames(time, window > ShortestList ? window : ShortestList, ListAsync);
    }

    /// <summary>How many organizations take up memory here.</summary>
    internal int Remembered => _slots.Count;

    /// <summary>Ids and names of organizations.</summary>
    internal KnownNames Known { get; }

    /// <summary>The current view, or null where there is no such organization (any more).</summary>
    /// <exception cref="StoreUnavailableException">The revision could not be read: nothing older is used instead.</exception>
    /// <exception cref="RootKeyException">The organization's keys could not be unwrapped.</exception>
    public ValueTask<OrganizationView?> GetAsync(string organizationId, CancellationToken cancellationToken)
    {
        if (!_slots.TryGetValue(organizationId, out var slot))
        {
            return new ValueTask<OrganizationView?>(FindAsync(organizationId, cancellationToken));
        }

        var current = slot.Current;
        return current is not null && current.Generation == slot.Generation && _time.GetElapsedTime(current.CheckedAt) < _window
            ? ValueTask.FromResult<OrganizationView?>(current.View)
            : new ValueTask<OrganizationView?>(RefreshAsync(organizationId, slot, cancellationToken));
    }

    /// <summary>After a change of our own: the next request looks at the revision, whatever the window says.</summary>
    public void Invalidate(string organizationId)
    {
        if (_slots.TryGetValue(organizationId, out var slot))
        {
            slot.Invalidate();
        }
    }

    /// <summary>The id may be made up.</summary>
    private async Task<OrganizationView?> FindAsync(string organizationId, CancellationToken cancellationToken) =>
        await Known.MayExistAsync(organizationId, cancellationToken)
            ? await RefreshAsync(organizationId, _slots.GetOrAdd(organizationId, static _ => new Slot()), cancellationToken)
            : null;

    /// <summary>
    /// One read of the revision serves all that wait for it, unless it began too early to show what a caller must see.
    /// </summary>
    private async Task<OrganizationView?> RefreshAsync(string organizationId, Slot slot, CancellationToken cancellationToken)
    {
        var notBefore = _time.GetTimestamp() - (long)(_window.TotalSeconds * _time.TimestampFrequency);
        var generation = slot.Generation;
        while (true)
        {
            var check = slot.Join(() => StartCheck(organizationId, slot));
            var view = await check.View.WaitAsync(cancellationToken);
            if (check.StartedAt >= notBefore && check.Generation >= generation)
            {
                return view;
            }
        }
    }

    private Check StartCheck(string organizationId, Slot slot)
    {
        var startedAt = _time.GetTimestamp();
        var generation = slot.Generation;

        // Shared by all that wait, so not one caller's to cancel; on the pool, so that no lock is held meanwhile.
        return new Check(Task.Run(() => CheckAsync(organizationId, slot, startedAt, generation)), startedAt, generation);
    }

    private async Task<OrganizationView?> CheckAsync(string organizationId, Slot slot, long startedAt, int generation)
    {
        var isLeft = slot.Current is not null;
        try
        {
            var view = await ReadAsync(organizationId, slot.Current?.View);
            isLeft = view is not null;
            if (view is null)
            {
                Known.Missed();
                return null;
            }

            slot.Current = new Fresh(view, startedAt, generation);
            return view;
        }
        finally
        {
            // Anybody may make up ids: what is not there leaves nothing behind, nor does what was not known and could not be looked for.
            if (!isLeft)
            {
                _slots.TryRemove(new KeyValuePair<string, Slot>(organizationId, slot));
            }
        }
    }

    private async Task<OrganizationView?> ReadAsync(string organizationId, OrganizationView? known)
    {
        var revision = await _store.GetAsync(new EntityKey(organizationId, Rows.Revision), CancellationToken.None);
        return revision is null ? null
            : known?.Revision == revision.ETag ? known
            : await LoadAsync(organizationId, revision.ETag, known, CancellationToken.None);
    }

    private async Task<OrganizationView?> LoadAsync(
        string organizationId, string revision, OrganizationView? previous, CancellationToken cancellationToken)
    {
        var organization = await _store.GetAsync(organizationId, Rows.Organization, StoredJson.Default.Organization, cancellationToken);
        var keys = await _store.GetAsync(organizationId, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, cancellationToken);
        if (organization is null || keys is null)
        {
            return null;
        }

        // Unwrapping may be a call to a cloud's vault: keys that did not change are not unwrapped again.
        var unwrapped = previous?.KeysETag == keys.ETag
            ? previous.Keys
            : await OrganizationKeys.UnwrapAsync(_rootKeys.Get(keys.Document.RootKeyId), organizationId, keys.Document, previous?.Keys, cancellationToken);
        var apiKeys = new KnownNames(_time, TimeSpan.MaxValue, () => ListApiKeysAsync(organizationId));
        return new OrganizationView(organization.Document, unwrapped, keys.ETag, revision, apiKeys) { ContentKeys = previous?.ContentKeys ?? new() };
    }

    private async Task<FrozenSet<string>> ListAsync()
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entity in _store.ReadAllAsync(EntityRange.Prefix(Rows.Deployment, Rows.OrganizationNamePrefix), ListPage, CancellationToken.None))
        {
            known.Add(entity.Key.Row[Rows.OrganizationNamePrefix.Length..]);
            known.Add(Documents.Read(entity, StoredJson.Default.OrganizationName).Document.Id);
        }

        return known.ToFrozenSet(StringComparer.Ordinal);
    }

    private async Task<FrozenSet<string>> ListApiKeysAsync(string organizationId)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var entity in _store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.ApiKeyPrefix), ListPage, CancellationToken.None))
        {
            ids.Add(entity.Key.Row[Rows.ApiKeyPrefix.Length..]);
        }

        return ids.ToFrozenSet(StringComparer.Ordinal);
    }

    /// <param name="Generation">Of the slot when the check began: a later invalidation makes it worthless.</param>
    private sealed record Fresh(OrganizationView View, long CheckedAt, int Generation);

    private sealed record Check(Task<OrganizationView?> View, long StartedAt, int Generation);

    private sealed class Slot
    {
        private readonly Lock _gate = new();
        private Check? _running;
        private volatile Fresh? _current;
        private int _generation;

        public Fresh? Current
        {
            get => _current;
            set => _current = value;
        }

        public int Generation => Volatile.Read(ref _generation);

        public void Invalidate() => Interlocked.Increment(ref _generation);

        public Check Join(Func<Check> start)
        {
            lock (_gate)
            {
                return _running is { View.IsCompleted: false } ? _running : _running = start();
            }
        }
    }
}
