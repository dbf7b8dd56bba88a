namespace SecretFunctions.Core.Audit;

/// <summary>What checkpoints, and this process, say of chains: how far they came, and what retention removed of them. Not safe for concurrent use.</summary>
internal sealed class ChainClaims
{
    private readonly Dictionary<string, List<ChainHead>> _heads = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChainHead> _bases = new(StringComparer.Ordinal);

    /// <summary>Rows of before then are gone, and rightly so.</summary>
    public DateTimeOffset RemovedBefore { get; set; }

    /// <summary>Of every chain that is spoken of, the furthest.</summary>
    public IEnumerable<ChainHead> Heads => _heads.Values.Select(Furthest);

    /// <summary>The last event of each chain that retention removed.</summary>
    public IReadOnlyCollection<ChainHead> Bases => _bases.Values;

    public void AddHead(ChainHead head)
    {
        if (_heads.TryGetValue(head.Chain, out var known))
        {
            known.Add(head);
        }
        else
        {
            _heads[head.Chain] = [head];
        }
    }

    /// <summary>Of two, the later holds.</summary>
    public void AddBase(ChainHead removed)
    {
        if (BaseOf(removed.Chain).Number < removed.Number)
        {
            _bases[removed.Chain] = removed;
        }
    }

    public IReadOnlyList<ChainHead> Of(string chain) => _heads.TryGetValue(chain, out var known) ? known : [];

    public ChainHead? NewestOf(string chain) => _heads.TryGetValue(chain, out var known) ? Furthest(known) : null;

    /// <summary>What a chain's first event that is still there goes on from.</summary>
    public ChainHead BaseOf(string chain) => _bases.GetValueOrDefault(chain) ?? ChainHead.Start(chain, default);

    private static ChainHead Furthest(List<ChainHead> heads) => heads.MaxBy(static head => head.Number)!;
}
