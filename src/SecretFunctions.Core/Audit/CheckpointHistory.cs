using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;

namespace SecretFunctions.Core.Audit;

/// <summary>The checkpoints of a log, taken newest first: what they say together, and the first that does not hold. Not safe for concurrent use.</summary>
/// <param name="published">The issuer's keys. A signature by another is one whose key is gone: then the MAC alone speaks.</param>
internal sealed class CheckpointHistory(IReadOnlyList<RsaPublicKey> published, DateTimeOffset now)
{
    private readonly List<(long Number, DateTimeOffset At)> _held = [];
    private long? _expected;
    private string? _expectedHash;
    private DateTimeOffset _newerAt = now;

    public ChainClaims Claims { get; } = new();

    /// <summary>The newest that holds.</summary>
    public SealedCheckpoint? Newest { get; private set; }

    public ChainBreak? First { get; private set; }

    /// <summary>The number of the first that is to stay, as retention has it.</summary>
    public long FirstKept { get; private set; } = 1;

    /// <summary>The first of those since then, and at the latest the newest.</summary>
    public long FirstSince(DateTimeOffset at) => _held.FindLast(held => held.At >= at) is { Number: > 0 and var number } ? number : Newest?.Checkpoint.Number ?? 1;

    /// <returns>What was taken, if it holds.</returns>
    public SealedCheckpoint? Take(string row, SealedCheckpoint? taken)
    {
        var number = taken?.Checkpoint.Number ?? Rows.AuditCheckpointNumber(row) ?? 0;
        if (number < FirstKept)
        {
            return null; // Retention was interrupted before it removed this one.
        }

        if (_expected is { } expected && number != expected)
        {
            First = new ChainBreak(ChainBreaks.CheckpointMissing, _newerAt, null, number + 1, null);
        }

        var holds = taken is not null && (_expectedHash is null || _expected != number || taken.Hash == _expectedHash) && IsSigned(taken);
        if (!holds)
        {
            First = new ChainBreak(ChainBreaks.CheckpointChanged, taken?.Checkpoint.At ?? _newerAt, null, number, null);
        }

        (_expected, _expectedHash) = (number - 1, taken?.Checkpoint.Previous);
        if (!holds)
        {
            return null;
        }

        Add(taken!);
        return taken;
    }

    /// <param name="met">The number of the newest that this process met.</param>
    public void End(long met)
    {
        var oldest = (_expected ?? 0) + 1;
        if (_expected is not null && oldest > FirstKept)
        {
            First = new ChainBreak(ChainBreaks.CheckpointMissing, _newerAt, null, FirstKept, null);
        }
        else if ((Newest?.Checkpoint.Number ?? 0) < met)
        {
            First ??= new ChainBreak(ChainBreaks.CheckpointMissing, Newest?.Checkpoint.At ?? _newerAt, null, (Newest?.Checkpoint.Number ?? 0) + 1, null);
        }
    }

    private bool IsSigned(SealedCheckpoint taken) =>
        taken.Signature is null || DetachedSignature.Verify(taken.Signature, SealedCheckpoint.Type, taken.Json, published) is not false;

    private void Add(SealedCheckpoint taken)
    {
        var checkpoint = taken.Checkpoint;
        Newest ??= taken;
        _newerAt = checkpoint.At;
        _held.Add((checkpoint.Number, checkpoint.At));
        foreach (var head in checkpoint.Heads.Where(head => Claims.NewestOf(head.Chain) is null))
        {
            Claims.AddHead(head);
        }

        if (checkpoint.Retention is { } retention)
        {
            FirstKept = Math.Max(FirstKept, retention.FirstCheckpoint);
            Claims.RemovedBefore = retention.RemovedBefore > Claims.RemovedBefore ? retention.RemovedBefore : Claims.RemovedBefore;
            foreach (var removed in retention.Bases)
            {
                Claims.AddBase(removed);
            }
        }
    }
}
