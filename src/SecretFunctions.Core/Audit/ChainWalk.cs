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
    private readonly Dictionary<string, ChainBreak> _breaks = new(StringComparer.Ordinal);

    /// <summary>Events that were found.</summary>
    public long Events { get; private set; }

    /// <summary>The first that is wrong, by the time of its row: the last that was found of them.</summary>
    public ChainBreak? First { get; private set; }

    public IReadOnlyCollection<WalkedChain> Chains => _chains.Values;

    /// <summary>Of every chain that does not hold, what was found first; of what is no chain's, under no name.</summary>
    public IReadOnlyDictionary<string, ChainBreak> Breaks => _breaks;

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
            Note(new ChainBreak(ChainBreaks.Inserted, default, null, 0, null));
            return;
        }

        if (StoredRow.Parse(entity.Key.Row, entity.Data) is not { End: { } end } row)
        {
            Doubt(new ChainBreak(ChainBreaks.Changed, name.At, name.Chain, name.First, null));
            return;
        }

        Events += row.Events.Count;
        if (_check.FindChanged(row) is var changed and >= 0)
        {
            Doubt(new ChainBreak(ChainBreaks.Changed, name.At, name.Chain, name.First + changed, RowCheck.IdOf(row.Events[changed])));
            return;
        }

        if ((end.Chain, end.First) != (name.Chain, name.First))
        {
            Doubt(new ChainBreak(ChainBreaks.Reordered, name.At, name.Chain, name.First, RowCheck.IdOf(row.Events[0])));
            return;
        }

        var head = new ChainHead(name.Chain, name.First + row.Events.Count - 1, Encoding.ASCII.GetString(row.Events[^1].Hash.Span), name.At);
        if (!end.IsAuthentic(row.Name, head.Number, head.Hash, key))
        {
            // Where it is known that there was one, it was changed; else there was none.
            var reason = claims.NewestOf(name.Chain)?.Number >= name.First ? ChainBreaks.Changed : ChainBreaks.Inserted;
            Doubt(new ChainBreak(reason, name.At, name.Chain, name.First, RowCheck.IdOf(row.Events[0])));
            return;
        }

        if (FindDenied(name, row) is { } denied)
        {
            Note(denied);
        }

        Link(head, end);
    }

    /// <summary>Once all rows were taken: where chains begin too late, and those that are not there at all.</summary>
    public void End()
    {
        foreach (var chain in _chains.Values.Where(static chain => !chain.IsDoubted))
        {
            var start = claims.BaseOf(chain.Id);
            if (chain.Expected > start.Number)
            {
                Note(new ChainBreak(ChainBreaks.Missing, chain.OldestAt, chain.Id, start.Number + 1, null));
            }
            else if (chain.Expected == start.Number && chain.ExpectedHash != start.Hash)
            {
                Note(new ChainBreak(ChainBreaks.Changed, chain.OldestAt, chain.Id, start.Number + 1, null));
            }
        }

        foreach (var head in claims.Heads.Where(head => head.At >= claims.RemovedBefore && !_chains.ContainsKey(head.Chain) && !_breaks.ContainsKey(head.Chain)))
        {
            Note(new ChainBreak(ChainBreaks.ChainMissing, head.At, head.Chain, claims.BaseOf(head.Chain).Number + 1, null));
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

    /// <summary>A row that cannot be believed says nothing of its chain: it may stand in a true one's place, or beside it.</summary>
    private void Doubt(ChainBreak broken)
    {
        var chain = _chains.GetValueOrDefault(broken.Chain!);
        Note(broken.Number > chain?.Expected ? broken with { Reason = ChainBreaks.Inserted } : broken);
        if (chain is not null)
        {
            chain.IsDoubted = true;
        }
    }

    /// <summary>Ties a row to the newer ones of its chain.</summary>
    /// <param name="head">The row's last event.</param>
    private void Link(ChainHead head, RowEnd end)
    {
        if (!_chains.TryGetValue(head.Chain, out var chain))
        {
            // Where a newer row could not be believed, that is what became of the tail.
            if (!_breaks.ContainsKey(head.Chain) && claims.NewestOf(head.Chain) is { } claim && claim.Number > head.Number && claim.At >= claims.RemovedBefore)
            {
                Note(new ChainBreak(ChainBreaks.TailMissing, claim.At, head.Chain, head.Number + 1, null));
            }

            _chains[head.Chain] = chain = new WalkedChain(head);
        }
        else if (head.Number > chain.Expected)
        {
            // Its numbers are another's already: it is none of the chain's, and changes nothing about what to expect.
            Note(new ChainBreak(ChainBreaks.Inserted, head.At, head.Chain, end.First, null));
            return;
        }
        else if (!chain.IsDoubted && head.Number < chain.Expected && chain.Expected > claims.BaseOf(head.Chain).Number)
        {
            Note(new ChainBreak(ChainBreaks.Missing, chain.OldestAt, head.Chain, head.Number + 1, null));
        }
        else if (head.Number == chain.Expected && chain.ExpectedHash != head.Hash)
        {
            Note(new ChainBreak(ChainBreaks.Changed, head.At, head.Chain, end.First, null));
        }

        (chain.Expected, chain.ExpectedHash, chain.OldestAt, chain.IsDoubted) = (end.First - 1, end.Previous, head.At, false);
    }

    private void Note(ChainBreak broken)
    {
        _breaks.TryAdd(broken.Chain ?? "", broken);
        if (First is null || broken.At < First.At || (broken.At == First.At && broken.Chain == First.Chain && broken.Number < First.Number))
        {
            First = broken;
        }
    }
}

/// <summary>A chain, as far as a walk has followed it.</summary>
/// <param name="newest">Its last event.</param>
internal sealed class WalkedChain(ChainHead newest)
{
    public string Id => newest.Chain;

    public ChainHead Newest => newest;

    /// <summary>The number of the event that the next older row must end with.</summary>
    public long Expected { get; set; }

    /// <summary>Its hash.</summary>
    public string ExpectedHash { get; set; } = EventHash.None;

    public DateTimeOffset OldestAt { get; set; } = newest.At;

    /// <summary>Whether something was found since the last row that holds: what it says about a gap was told.</summary>
    public bool IsDoubted { get; set; }
}
