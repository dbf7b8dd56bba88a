using System.Collections.Concurrent;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Organizations;

/// <summary>
/// What this instance remembers of each organization, and the rule that keeps it fresh: a view is good for the consistency
/// window after its revision row was read, and is thrown away whole when the revision has changed. Safe for concurrent use.
/// </summary>
/// <param name="window">Seconds to trust a view; zero reads the revision at every request.</param>
public sealed class OrganizationViews(IEntityStore store, IRootKey rootKey, TimeProvider time, TimeSpan window)
{
    private readonly ConcurrentDictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    /// <summary>The current view, or null where there is no such organization (any more).</summary>
    /// <exception cref="StoreUnavailableException">The revision could not be read: nothing older is used instead.</exception>
    /// <exception cref="RootKeyException">The organization's keys could not be unwrapped.</exception>
    public ValueTask<OrganizationView?> GetAsync(string organizationId, CancellationToken cancellationToken)
    {
        var slot = _slots.GetOrAdd(organizationId, static _ => new Slot());
        var current = slot.Current;
        return current is not null && current.Generation == slot.Generation && time.GetElapsedTime(current.CheckedAt) < window
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

    /// <summary>
    /// One read of the revision serves all that wait for it, unless it began too early to show what a caller must see.
    /// </summary>
    private async Task<OrganizationView?> RefreshAsync(string organizationId, Slot slot, CancellationToken cancellationToken)
    {
        var notBefore = time.GetTimestamp() - (long)(window.TotalSeconds * time.TimestampFrequency);
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
        var startedAt = time.GetTimestamp();
        var generation = slot.Generation;

        // Shared by all that wait, so not one caller's to cancel; on the pool, so that no lock is held meanwhile.
        return new Check(Task.Run(() => CheckAsync(organizationId, slot, startedAt, generation)), startedAt, generation);
    }

    private async Task<OrganizationView?> CheckAsync(string organizationId, Slot slot, long startedAt, int generation)
    {
        var view = slot.Current?.View;
        var revision = await store.GetAsync(new EntityKey(organizationId, Rows.Revision), CancellationToken.None);
        if (revision is not null && view?.Revision != revision.ETag)
        {
            view = await LoadAsync(organizationId, revision.ETag, view, CancellationToken.None);
        }

        if (revision is null || view is null)
        {
            _slots.TryRemove(new KeyValuePair<string, Slot>(organizationId, slot));
            return null;
        }

        slot.Current = new Fresh(view, startedAt, generation);
        return view;
    }

    private async Task<OrganizationView?> LoadAsync(
        string organizationId, string revision, OrganizationView? previous, CancellationToken cancellationToken)
    {
        var organization = await store.GetAsync(organizationId, Rows.Organization, StoredJson.Default.Organization, cancellationToken);
        var keys = await store.GetAsync(organizationId, Rows.Keys, StoredJson.Default.StoredOrganizationKeys, cancellationToken);
        if (organization is null || keys is null)
        {
            return null;
        }

        // Unwrapping may be a call to a cloud's vault: keys that did not change are not unwrapped again.
        var unwrapped = previous?.KeysETag == keys.ETag
            ? previous.Keys
            : await OrganizationKeys.UnwrapAsync(rootKey, organizationId, keys.Document, cancellationToken);
        return new OrganizationView(organization.Document, unwrapped, keys.ETag, revision) { ContentKeys = previous?.ContentKeys ?? new() };
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
