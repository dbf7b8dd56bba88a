using System.Collections.Frozen;

namespace SecretFunctions.Core.Limits;

/// <summary>
/// Tells made-up names from real ones without asking the store for each. The first few that do not exist are looked for; after them all that do are
/// listed once, and what is not among them is not looked for until the list is too old. Strangers may so cause a few reads in a while, however many
/// names they make up, and what is remembered is not theirs to choose. Safe for concurrent use.
/// </summary>
/// <param name="goodFor">How long a list is believed: a name may be that new and not be known here.</param>
/// <param name="list">Every name there is, and maybe some that were.</param>
public sealed class KnownNames(TimeProvider time, TimeSpan goodFor, Func<Task<FrozenSet<string>>> list)
{
    /// <summary>Enough for what goes wrong by honest mistake.</summary>
    public const int LookedFor = 16;

    private readonly Lock _gate = new();
    private Listing? _listing;
    private int _missed;

    /// <summary>False only for what need not be looked for.</summary>
    public ValueTask<bool> MayExistAsync(string name, CancellationToken cancellationToken) => Volatile.Read(ref _missed) < LookedFor
        ? ValueTask.FromResult(true)
        : new ValueTask<bool>(IsListedAsync(name, cancellationToken));

    /// <summary>It was looked for, and is not there.</summary>
    public void Missed()
    {
        if (Volatile.Read(ref _missed) < LookedFor)
        {
            Interlocked.Increment(ref _missed);
        }
    }

    /// <summary>After a name was given away here: no list that was begun before is believed.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _listing = null;
            _missed = 0;
        }
    }

    private async Task<bool> IsListedAsync(string name, CancellationToken cancellationToken)
    {
        var listing = Begin();
        if (listing is null)
        {
            return true;
        }

        // Shared by all that wait, so not one caller's to cancel.
        var names = await listing.Names.WaitAsync(cancellationToken);
        return names.Contains(name) || Volatile.Read(ref _listing) != listing;
    }

    /// <summary>Null where the list was too old, or could not be read: then a few are looked for again.</summary>
    private Listing? Begin()
    {
        lock (_gate)
        {
            if (_listing is { } known && (known.Names.IsFaulted || time.GetElapsedTime(known.StartedAt) >= goodFor))
            {
                _listing = null;
                _missed = 0;
                return null;
            }

            return _listing ??= new Listing(Task.Run(list), time.GetTimestamp());
        }
    }

    private sealed record Listing(Task<FrozenSet<string>> Names, long StartedAt);
}
