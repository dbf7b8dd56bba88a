using System.Text;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// Follows all chains of a log at once through its rows, newest first, and remembers where they do not hold. It keeps something for each chain and
/// nothing for an event. Not safe for concurrent use.
/// </summary>
/// <param name="key">Null for the deployment's own log.</param>
/// <param name="claims">What chains are known to have come to.</param>
internal sealed class ChainWalk(AuditKey? key, ChainClaims claims)
{
    private readonly RowCheck _check = new();
    private readonly Dictionary<string, WalkedChain> _chains = new(StringComparer.Ordinal);

    /// <summary>Events that were found.</summary>
    public long Events { get; private set; }

    /// <summary>The first that is wrong, by the time of its row: the last that was found of them.</summary>
    public ChainBreak? First { get; private set; }

    public IReadOnlyCollection<WalkedChain> Chains => _chains.Values;

    /// <summary>Whether the row is of a chain that was followed down to what is known of it: then there is nothing new in it.</summary>
    public bool HasReached(string row) =>
        AuditRowName.Parse(row) is { } name
        && _chains.TryGetValue(name.Chain, out var chain)
        && claims.NewestOf(name.Chain) is { } known
        && chain.Expected <= known.Number
        && name.First <= chain.Expected;

    public void Take(Entity entity)
    {
        if (AuditRowName.Parse(entity.Key.Row) is not { } name)
        {
            Note(new ChainBreak(ChainBreaks.Inserted, default, null, 0, null), null);
            return;
        }

        if (StoredRow.Parse(entity.Key.Row, entity.Data) is not { End: { } end } row)
        {
            Link(name, new Found(null, null, null), new ChainBreak(ChainBreaks.Changed, name.At, name.Chain, name.First, null));
            return;
        }

        Events += row.Events.Count;
        var last = name.First + row.Events.Count - 1;
        var isInPlace = (end.Chain, end.First) == (name.Chain, name.First);
        var changed = _check.FindChanged(row);
        if (changed >= 0)
        {
            var previous = isInPlace && changed > 0 ? end.Previous : null;
            Link(name, new Found(last, null, previous), new ChainBreak(ChainBreaks.Changed, name.At, name.Chain, name.First + changed, RowCheck.IdOf(row.Events[changed])));
            return;
        }

        if (!isInPlace)
        {
            Link(name, new Found(null, null, null), new ChainBreak(ChainBreaks.Reordered, name.At, name.Chain, name.First, RowCheck.IdOf(row.Events[0])));
            return;
        }

        var lastHash = Encoding.ASCII.GetString(row.Events[^1].Hash.Span);
        var isAuthentic = end.IsAuthentic(row.Name, last, lastHash, key);
        if (!isAuthentic)
        {
            // Where it is known that there was one, it was changed; else there was none.
            var reason = claims.NewestOf(name.Chain)?.Number >= name.First ? ChainBreaks.Changed : ChainBreaks.Inserted;
            Link(name, new Found(last, null, null), new ChainBreak(reason, name.At, name.Chain, name.First, RowCheck.IdOf(row.Events[0])));
            return;
        }

        Link(name, new Found(last, lastHash, end.Previous), FindDenied(name, row));
    }

    /// <summary>Once all rows were taken: where chains begin too late, and those that are not there at all.</summary>
    public void End()
    {
        foreach (var chain in _chains.Values)
        {
            var start = claims.BaseOf(chain.Id);
            if (chain.Expected > start.Number)
            {
                Note(new ChainBreak(ChainBreaks.Missing, chain.OldestAt, chain.Id, start.Number + 1, null), chain);
            }
            else if (chain.Expected == start.Number && chain.ExpectedHash is { } hash && hash != start.Hash)
            {
                Note(new ChainBreak(ChainBreaks.Changed, chain.OldestAt, chain.Id, start.Number + 1, null), chain);
            }
        }

        foreach (var head in claims.Heads.Where(head => head.At >= claims.RemovedBefore && !_chains.ContainsKey(head.Chain)))
        {
            Note(new ChainBreak(ChainBreaks.ChainMissing, head.At, head.Chain, claims.BaseOf(head.Chain).Number + 1, null), null);
        }
    }

    /// <summary>An event of the row whose hash is another than was vouched for: somebody with the key wrote the chain anew.</summary>
    private ChainBreak? FindDenied(AuditRowName name, StoredRow row)
    {
        foreach (var claim in claims.Of(name.Chain))
        {
            var index = claim.Number - name.First;
            if (index >= 0 && index < row.Events.Count && !row.Events[(int)index].Hash.Span.SequenceEqual(Encoding.ASCII.GetBytes(claim.Hash)))
            {
                return new ChainBreak(ChainBreaks.Changed, name.At, name.Chain, claim.Number, RowCheck.IdOf(row.Events[(int)index]));
            }
        }

        return null;
    }

    /// <summary>Ties a row to the newer ones of its chain.</summary>
    private void Link(AuditRowName name, Found found, ChainBreak? broken)
    {
        if (!_chains.TryGetValue(name.Chain, out var chain))
        {
            _chains[name.Chain] = chain = new WalkedChain(name.Chain, new ChainHead(name.Chain, found.Last ?? name.First, found.LastHash ?? "", name.At));
            if (found.Last is { } top && claims.NewestOf(name.Chain) is { } claim && claim.Number > top && claim.At >= claims.RemovedBefore)
            {
                Note(new ChainBreak(ChainBreaks.TailMissing, claim.At, name.Chain, top + 1, null), chain);
            }
        }
        else if (name.First > chain.Expected || found.Last > chain.Expected)
        {
            // Its numbers are another's already: it is none of the chain's, and changes nothing about what to expect.
            Note(new ChainBreak(ChainBreaks.Inserted, name.At, name.Chain, name.First, broken?.EventId), chain);
            return;
        }
        else if (found.Last < chain.Expected && chain.Expected > claims.BaseOf(name.Chain).Number)
        {
            Note(new ChainBreak(ChainBreaks.Missing, chain.OldestAt, name.Chain, found.Last.Value + 1, null), chain);
        }
        else if (found.Last == chain.Expected && chain.ExpectedHash is { } hash && found.LastHash is { } lastHash && hash != lastHash)
        {
            Note(new ChainBreak(ChainBreaks.Changed, name.At, name.Chain, name.First, null), chain);
        }

        if (broken is not null)
        {
            Note(broken, chain);
        }

        (chain.Expected, chain.ExpectedHash, chain.OldestAt) = (name.First - 1, found.Previous, name.At);
    }

    private void Note(ChainBreak broken, WalkedChain? chain)
    {
        if (chain is not null)
        {
            chain.Break ??= broken;
        }

        if (First is null || broken.At < First.At || (broken.At == First.At && broken.Chain == First.Chain && broken.Number < First.Number))
        {
            First = broken;
        }
    }

    /// <summary>What a row says of its chain; null where that cannot be believed.</summary>
    private readonly record struct Found(long? Last, string? LastHash, string? Previous);
}

/// <summary>A chain, as far as a walk has followed it.</summary>
internal sealed class WalkedChain(string id, ChainHead newest)
{
    public string Id => id;

    /// <summary>Its last event.</summary>
    public ChainHead Newest => newest;

    /// <summary>The number of the event that the next older row must end with.</summary>
    public long Expected { get; set; } = newest.Number;

    /// <summary>Its hash; null where nobody can be believed about it.</summary>
    public string? ExpectedHash { get; set; }

    public DateTimeOffset OldestAt { get; set; } = newest.At;

    /// <summary>The first thing that was found not to hold: of the newest row that does not.</summary>
    public ChainBreak? Break { get; set; }
}
