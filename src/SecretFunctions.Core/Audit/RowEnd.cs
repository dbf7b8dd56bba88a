using System.Buffers;
using System.Globalization;
using System.Text;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Audit;

/// <summary>A row's last line: which chain its events belong to, and who vouches for it: <c>#1 CHAIN FIRST PREVIOUS MAC</c>.</summary>
/// <param name="First">The number of the row's first event.</param>
/// <param name="Previous">The hash of the event before it.</param>
internal sealed record RowEnd(string Chain, long First, string Previous)
{
    /// <summary>A version, so that another form can be told from this one.</summary>
    private static ReadOnlySpan<byte> Start => "#1 "u8;

    /// <summary>Empty in the deployment's own log, which has no key.</summary>
    public ReadOnlyMemory<byte> Mac { get; private init; }

    public void Write(ArrayBufferWriter<byte> buffer, string row, long last, string lastHash, AuditKey? key)
    {
        buffer.Write(Start);
        buffer.Write(Encoding.ASCII.GetBytes(Chain));
        buffer.Write(" "u8);
        EventHash.WriteNumber(buffer, First);
        buffer.Write(" "u8);
        buffer.Write(Encoding.ASCII.GetBytes(Previous));
        buffer.Write(" "u8);
        if (key is null)
        {
            buffer.Write("-"u8);
        }
        else
        {
            key.Authenticate(Content(row, last, lastHash), buffer.GetSpan(AuditKey.TextLength)[..AuditKey.TextLength]);
            buffer.Advance(AuditKey.TextLength);
        }

        buffer.Write("\n"u8);
    }

    /// <summary>Whether the row was written by somebody with the organization's key, under this name and in this form.</summary>
    public bool IsAuthentic(string row, long last, string lastHash, AuditKey? key) =>
        key is null ? Mac.IsEmpty : key.Verifies(Content(row, last, lastHash), Mac.Span);

    /// <summary>Null where it is none: whatever the store holds may have been written by anybody.</summary>
    public static RowEnd? Parse(ReadOnlyMemory<byte> line)
    {
        if (!line.Span.StartsWith(Start))
        {
            return null;
        }

        // Latin-1 takes any byte for a character, so that what a part holds is where it was read.
        var parts = Encoding.Latin1.GetString(line.Span).Split(' ');
        return parts.Length == 5
            && AuditRowName.IsChain(parts[1])
            && long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && EventHash.IsText(Encoding.Latin1.GetBytes(parts[3]))
            ? new RowEnd(parts[1], first, parts[3]) { Mac = parts[4] == "-" ? default : line[^parts[4].Length..] }
            : null;
    }

    /// <summary>The row's name has its time, its chain and its first number.</summary>
    private byte[] Content(string row, long last, string lastHash) =>
        Encoding.ASCII.GetBytes(FormattableString.Invariant($"secretfunctions.audit-row.v1\n{row}\n{last}\n{Previous}\n{lastHash}"));
}
