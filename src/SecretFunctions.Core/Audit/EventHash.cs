using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// What makes a chain of events: the hash of each covers the hash of the one before it, its chain and number, and every byte of it. The form is
/// documented in docs/audit.md, with vectors in tests/vectors/audit.json: others can compute it too.
/// </summary>
internal static class EventHash
{
    /// <summary>Of a SHA-256 in base64url.</summary>
    public const int TextLength = 43;

    /// <summary>Stands for the hash before a chain's first event.</summary>
    public static readonly string None = new('A', TextLength);

    private static readonly SearchValues<byte> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private static ReadOnlySpan<byte> Label => "secretfunctions.audit-event.v1\n"u8;

    /// <param name="scratch">Overwritten: one buffer serves all events of a row.</param>
    /// <param name="before">The event up to its list of variables; the whole of it where there is none.</param>
    /// <param name="list">The list's digest as text; empty where there is none. It stands in the list's place, so that a list that many share is hashed once.</param>
    /// <param name="hash">Takes <see cref="TextLength"/> characters.</param>
    public static void Compute(
        ArrayBufferWriter<byte> scratch,
        ReadOnlySpan<byte> chain,
        long number,
        ReadOnlySpan<byte> previous,
        ReadOnlySpan<byte> before,
        ReadOnlySpan<byte> list,
        ReadOnlySpan<byte> after,
        Span<byte> hash)
    {
        scratch.ResetWrittenCount();
        scratch.Write(Label);
        scratch.Write(chain);
        scratch.Write("\n"u8);
        WriteNumber(scratch, number);
        scratch.Write("\n"u8);
        scratch.Write(previous);
        scratch.Write("\n"u8);
        scratch.Write(before);
        if (!list.IsEmpty)
        {
            scratch.Write("\"sha256:"u8);
            scratch.Write(list);
            scratch.Write("\""u8);
        }

        scratch.Write(after);
        Digest(scratch.WrittenSpan, hash);
    }

    /// <summary>Whether it can be a hash: whatever else lies in the store is shown to nobody as one.</summary>
    public static bool IsText(ReadOnlySpan<byte> text) => text.Length == TextLength && text.IndexOfAnyExcept(Characters) < 0;

    public static void Digest(ReadOnlySpan<byte> content, Span<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, digest);
        Base64Url.EncodeToUtf8(digest, text);
    }

    public static string Digest(ReadOnlySpan<byte> content)
    {
        Span<byte> text = stackalloc byte[TextLength];
        Digest(content, text);
        return Encoding.ASCII.GetString(text);
    }

    public static void WriteNumber(IBufferWriter<byte> buffer, long number)
    {
        Utf8Formatter.TryFormat(number, buffer.GetSpan(20), out var digits);
        buffer.Advance(digits);
    }
}
