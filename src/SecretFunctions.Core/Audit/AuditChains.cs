using System.Collections.Concurrent;
using System.Globalization;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// The chains that this process writes for one organization. A chain belongs to one write at a time, so that none waits for another; as many are
/// made as writes run at once. Safe for concurrent use.
/// </summary>
internal sealed class AuditChains(string writer)
{
    /// <summary>A chain ends after this, so that what retention removed of it can be forgotten one day.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly ConcurrentStack<AuditChain> _idle = [];
    private readonly ConcurrentDictionary<string, ChainHead> _heads = new(StringComparer.Ordinal);
    private int _made;

    /// <summary>Null in the deployment's own log, and until it was needed.</summary>
    public AuditKey? Key { get; set; }

    /// <summary>The last event of every chain that is known to be durable.</summary>
    public IReadOnlyList<ChainHead> Heads => [.. _heads.Values];

    /// <summary>An idle chain, or a new one. One that is not given back is never used again.</summary>
    public AuditChain Take(DateTimeOffset now)
    {
        while (_idle.TryPop(out var chain))
        {
            // Later than now where the clock was set back: its rows would not lie in its order.
            if (chain.Head.At <= now && now - chain.StartedAt < Lifetime)
            {
                return chain;
            }
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{writer}-{Interlocked.Increment(ref _made)}");
        return new AuditChain(ChainHead.Start(id, now), now);
    }

    /// <summary>Gives a chain back after a write that was applied.</summary>
    public void Advance(AuditChain chain, ChainHead head)
    {
        _heads[head.Chain] = head;
        _idle.Push(chain with { Head = head });
    }

    /// <summary>Gives a chain back after a write that was certainly not applied.</summary>
    public void GiveBack(AuditChain chain) => _idle.Push(chain);
}

/// <summary>A chain that is idle, or in the hands of one write.</summary>
internal sealed record AuditChain(ChainHead Head, DateTimeOffset StartedAt);
