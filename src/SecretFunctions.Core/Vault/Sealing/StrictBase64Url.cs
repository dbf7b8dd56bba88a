using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// Base64url as RFC 7515 §2 has it: no padding, no blanks, and no bits that mean nothing, so that there is one text for the same bytes.
/// </summary>
internal static class StrictBase64Url
{
    private static readonly SearchValues<byte> Alphabet = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    /// <summary>How many bytes the text stands for, if it is one.</summary>
    public static int DecodedLength(int length) => (int)(length * 3L / 4);

    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.Length % 4 == 1 || text.ContainsAnyExcept(Alphabet))
        {
            return false;
        }

        var decoded = new byte[DecodedLength(text.Length)];
        if (Base64Url.DecodeFromUtf8(text, decoded, out _, out var written) != OperationStatus.Done || written != decoded.Length || !IsCanonical(text, decoded))
        {
            return false;
        }

        bytes = decoded;
        return true;
    }

    public static bool TryDecode(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        return text.All(char.IsAscii) && TryDecode(System.Text.Encoding.ASCII.GetBytes(text), out bytes);
    }

    /// <summary>Only the last character can hold bits beyond the last byte.</summary>
    private static bool IsCanonical(ReadOnlySpan<byte> text, ReadOnlySpan<byte> decoded)
    {
        var rest = decoded.Length % 3;
        return rest == 0 || Base64Url.EncodeToUtf8(decoded[^rest..])[^1] == text[^1];
    }
}
