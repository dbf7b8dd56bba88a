using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// The events of one row of the log while it is written: a JSON object to a line, with its hash behind it, and a last line that ties the row to its
/// chain. A list of variables stands in a line of its own before the first event it is of; the events say in which
/// (<c>"variables":{"line":0}</c>), since under load a row holds hundreds of one plan's resolves. Not safe for concurrent use.
/// </summary>
internal sealed class AuditRow
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private readonly ArrayBufferWriter<byte> _scratch = new(1024);

    // By identity: a plan describes its variables once, for all of its resolves.
    private readonly Dictionary<ReadOnlyMemory<byte>, int> _listIndexes = [];
    private readonly List<ListPlace> _lists = [];
    private readonly List<EventPlace> _events = [];

    private int _lines;

    public int Events => _events.Count;

    public ReadOnlyMemory<byte> Data => _buffer.WrittenMemory;

    public void Add(EventLine line)
    {
        var list = line.Variables.IsEmpty ? -1 : ListOf(line.Variables);
        var start = _buffer.WrittenCount;
        _buffer.Write(line.Before);
        var gap = _buffer.WrittenCount;
        if (list >= 0)
        {
            _buffer.Write(StoredRow.LineReference);
            EventHash.WriteNumber(_buffer, _lists[list].Line);
            _buffer.Write("}"u8);
        }

        var after = _buffer.WrittenCount;
        if (list >= 0)
        {
            _buffer.Write(line.After);
        }

        _events.Add(new EventPlace(start, gap, after, _buffer.WrittenCount, list));
        _buffer.Write(" "u8);

        // Where the hash will be: which one it goes on from is known only when it is the row's turn.
        _buffer.GetSpan(EventHash.TextLength)[..EventHash.TextLength].Fill((byte)'-');
        _buffer.Advance(EventHash.TextLength);
        _buffer.Write("\n"u8);
        _lines++;
    }

    /// <summary>Makes the row the next of a chain. Once; after it, nothing can be added.</summary>
    /// <param name="head">What it goes on from.</param>
    /// <param name="name">Of the row, which nobody shall move.</param>
    /// <param name="at">The row's time.</param>
    /// <param name="key">Null for the deployment's own log.</param>
    /// <returns>The chain's head once the row is written.</returns>
    public ChainHead Seal(ChainHead head, string name, DateTimeOffset at, AuditKey? key)
    {
        var chain = Encoding.ASCII.GetBytes(head.Chain);
        var first = Encoding.ASCII.GetBytes(head.Hash);
        var bytes = MemoryMarshal.AsMemory(_buffer.WrittenMemory).Span;
        var digests = Digests(bytes);
        ReadOnlySpan<byte> previous = first;
        var number = head.Number;
        foreach (var place in _events)
        {
            var hash = bytes.Slice(place.End + 1, EventHash.TextLength);
            var list = place.List < 0 ? default : digests.AsSpan(place.List * EventHash.TextLength, EventHash.TextLength);
            EventHash.Compute(_scratch, chain, ++number, previous, bytes[place.Start..place.Gap], list, bytes[place.After..place.End], hash);
            previous = hash;
        }

        var last = Encoding.ASCII.GetString(previous);
        new RowEnd(head.Chain, head.Number + 1, head.Hash).Write(_buffer, name, number, last, key);
        return new ChainHead(head.Chain, number, last, at);
    }

    public void Clear()
    {
        _buffer.ResetWrittenCount();
        _listIndexes.Clear();
        _lists.Clear();
        _events.Clear();
        _lines = 0;
    }

    private byte[] Digests(ReadOnlySpan<byte> bytes)
    {
        var digests = new byte[_lists.Count * EventHash.TextLength];
        for (var i = 0; i < _lists.Count; i++)
        {
            EventHash.Digest(bytes.Slice(_lists[i].Start, _lists[i].Length), digests.AsSpan(i * EventHash.TextLength, EventHash.TextLength));
        }

        return digests;
    }

    private int ListOf(ReadOnlyMemory<byte> variables)
    {
        if (!_listIndexes.TryGetValue(variables, out var index))
        {
            _listIndexes[variables] = index = _lists.Count;
            _lists.Add(new ListPlace(_lines++, _buffer.WrittenCount, variables.Length));
            _buffer.Write(variables.Span);
            _buffer.Write("\n"u8);
        }

        return index;
    }

    private readonly record struct ListPlace(int Line, int Start, int Length);

    /// <summary>An event's line: it begins, its list is left out from here, up to there, it ends. Then comes its hash.</summary>
    private readonly record struct EventPlace(int Start, int Gap, int After, int End, int List);
}
