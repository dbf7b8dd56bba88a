using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// A row of the log as it was read: what <see cref="AuditRow"/> wrote, or what somebody made of it. The events share the row's memory.
/// </summary>
/// <param name="Events">Oldest first.</param>
/// <param name="End">Null where the row has none: rows of before there were chains, or made by somebody else.</param>
internal sealed record StoredRow(string Name, IReadOnlyList<StoredEvent> Events, RowEnd? End)
{
    /// <summary>The start of the one place in an event that names a list. A quote within a text would be escaped.</summary>
    public static ReadOnlySpan<byte> LineReference => "{\"line\":"u8;

    private static ReadOnlySpan<byte> ListReference => "\"variables\":{\"line\":"u8;

    /// <summary>As which a list is hashed. No event is written with it: it would stand for a list that nobody can read.</summary>
    private static ReadOnlySpan<byte> ListDigest => "\"variables\":\"sha256:"u8;

    /// <summary>Null where it has not the form of a row.</summary>
    public static StoredRow? Parse(string name, ReadOnlyMemory<byte> data)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var events = new List<StoredEvent>();
        while (!data.IsEmpty)
        {
            var end = data.Span.IndexOf((byte)'\n');
            if (end <= 0)
            {
                return null;
            }

            var line = data[..end];
            data = data[(end + 1)..];
            switch (line.Span[0])
            {
                case (byte)'[':
                    lines.Add(line);
                    break;
                case (byte)'{' when ParseEvent(line, lines) is { } found:
                    lines.Add(line);
                    events.Add(found);
                    break;
                case (byte)'#' when data.IsEmpty && events.Count > 0 && RowEnd.Parse(line) is { } rowEnd:
                    return new StoredRow(name, events, rowEnd);
                default:
                    return null;
            }
        }

        return new StoredRow(name, events, null);
    }

    /// <summary>An event as it is shown: with its list in place, and where in which chain it stands. Null where somebody made it unreadable.</summary>
    public byte[]? Json(int index)
    {
        var json = PlacedJson(index);
        return IsReadable(json) ? json : null;
    }

    private byte[] PlacedJson(int index)
    {
        var shown = Events[index];
        if (End is null)
        {
            return shown.Content;
        }

        var previous = index == 0 ? End.Previous : Encoding.ASCII.GetString(Events[index - 1].Hash.Span);
        var place = FormattableString.Invariant(
            $",\"chain\":\"{End.Chain}\",\"number\":{End.First + index},\"previousHash\":\"{previous}\",\"hash\":\"{Encoding.ASCII.GetString(shown.Hash.Span)}\"}}");
        return [.. shown.Content.AsSpan(..^1), .. Encoding.ASCII.GetBytes(place)];
    }

    /// <summary>Whether it is JSON, down to the texts in it.</summary>
    private static bool IsReadable(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.ValueIsEscaped)
                {
                    reader.GetString(); // An escape may be half of a character.
                }
            }

            return Utf8.IsValid(json);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static StoredEvent? ParseEvent(ReadOnlyMemory<byte> line, List<ReadOnlyMemory<byte>> lines)
    {
        var (json, hash) = (line, default(ReadOnlyMemory<byte>));
        var end = line.Length - EventHash.TextLength - 1;
        if (line.Span[^1] != (byte)'}')
        {
            if (end <= 0 || line.Span[end] != (byte)' ' || line.Span[end - 1] != (byte)'}' || !EventHash.IsText(line.Span[(end + 1)..]))
            {
                return null;
            }

            (json, hash) = (line[..end], line[(end + 1)..]);
        }

        var at = json.Span.IndexOf(ListReference);
        if (at < 0)
        {
            return json.Span.IndexOf(ListDigest) < 0 ? new StoredEvent(json, default, default, hash) : null;
        }

        var number = at + ListReference.Length;
        return Utf8Parser.TryParse(json.Span[number..], out int list, out var digits) && list >= 0 && list < lines.Count && json.Span[number + digits] == (byte)'}'
            ? new StoredEvent(json[..(number - LineReference.Length)], lines[list], json[(number + digits + 1)..], hash)
            : null;
    }
}

/// <summary>An event in a row.</summary>
/// <param name="Before">Up to its list of variables; the whole of it where there is none.</param>
/// <param name="List">JSON; empty where there is none.</param>
/// <param name="Hash">As text; empty in rows of before there were chains.</param>
internal readonly record struct StoredEvent(ReadOnlyMemory<byte> Before, ReadOnlyMemory<byte> List, ReadOnlyMemory<byte> After, ReadOnlyMemory<byte> Hash)
{
    /// <summary>As it was written down, with its list in place.</summary>
    public byte[] Content => [.. Before.Span, .. List.Span, .. After.Span];
}
