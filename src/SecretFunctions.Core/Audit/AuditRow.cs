using System.Buffers;
using System.Buffers.Text;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// The events of one row of the log, a JSON object to a line. A list of variables stands in a line of its own before the first event it is of;
/// the events say in which (<c>"variables":{"line":0}</c>), since under load a row holds hundreds of one plan's resolves. Not safe for
/// concurrent use.
/// </summary>
internal sealed class AuditRow
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    // By identity: a plan describes its variables once, for all of its resolves.
    private readonly Dictionary<ReadOnlyMemory<byte>, int> _lists = [];

    private int _lines;

    public int Events { get; private set; }

    public ReadOnlyMemory<byte> Data => _buffer.WrittenMemory;

    /// <summary>The start of the one place in an event that names a list. A quote within a text would be escaped.</summary>
    private static ReadOnlySpan<byte> ListReference => "\"variables\":{\"line\":"u8;

    public void Add(EventLine line)
    {
        if (line.Variables.IsEmpty)
        {
            _buffer.Write(line.Before);
        }
        else
        {
            var list = ListOf(line.Variables);
            _buffer.Write(line.Before);
            _buffer.Write("{\"line\":"u8);
            Utf8Formatter.TryFormat(list, _buffer.GetSpan(11), out var digits);
            _buffer.Advance(digits);
            _buffer.Write("}"u8);
            _buffer.Write(line.After);
        }

        _buffer.Write("\n"u8);
        _lines++;
        Events++;
    }

    public void Clear()
    {
        _buffer.ResetWrittenCount();
        _lists.Clear();
        _lines = 0;
        Events = 0;
    }

    /// <summary>The events of a stored row, oldest first, each with its own list.</summary>
    public static List<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> data)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var events = new List<ReadOnlyMemory<byte>>();
        while (!data.IsEmpty)
        {
            var end = data.Span.IndexOf((byte)'\n');
            var line = data[..end];
            lines.Add(line);
            if (line.Span[0] == (byte)'{')
            {
                events.Add(WithList(line, lines));
            }

            data = data[(end + 1)..];
        }

        return events;
    }

    private int ListOf(ReadOnlyMemory<byte> variables)
    {
        if (!_lists.TryGetValue(variables, out var line))
        {
            _lists[variables] = line = _lines++;
            _buffer.Write(variables.Span);
            _buffer.Write("\n"u8);
        }

        return line;
    }

    private static ReadOnlyMemory<byte> WithList(ReadOnlyMemory<byte> line, List<ReadOnlyMemory<byte>> lines)
    {
        var at = line.Span.IndexOf(ListReference);
        if (at < 0)
        {
            return line;
        }

        var number = at + ListReference.Length;
        if (!Utf8Parser.TryParse(line.Span[number..], out int list, out var digits))
        {
            throw new FormatException("A row of the audit log names a list without a number.");
        }

        var before = line[..(at + "\"variables\":".Length)];
        var after = line[(number + digits + 1)..];
        return (byte[])[.. before.Span, .. lines[list].Span, .. after.Span];
    }
}
