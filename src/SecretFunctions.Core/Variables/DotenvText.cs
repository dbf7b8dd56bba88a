using System.Buffers;
using System.Security.Cryptography;

namespace SecretFunctions.Core.Variables;

/// <summary>The pieces of a dotenv line. They look at ASCII only, which is why bytes will do.</summary>
internal static class DotenvText
{
    /// <summary>Space and tab. A no-break space belongs to the value: dropping it would change a secret unseen.</summary>
    public static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t"u8);

    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);

    public static bool IsQuote(byte value) => value is (byte)'"' or (byte)'\'' or (byte)'`';

    public static bool IsBlankOrComment(ReadOnlySpan<byte> text) => Trim(text) is [] or [(byte)'#', ..];

    /// <summary>What stands before <c>=</c>. <c>export =1</c> sets a variable named export.</summary>
    public static bool TryParseKey(ReadOnlySpan<byte> head, out VariableKey key)
    {
        head = Trim(head);
        var exported = head.StartsWith("export "u8) || head.StartsWith("export\t"u8);
        return VariableKey.TryParse(exported ? Trim(head["export".Length..]) : head, out key);
    }

    /// <summary>The value in <paramref name="text"/>, which starts right after <c>=</c>, so that <c>A= #x</c> is empty and <c>A=#x</c> is not.</summary>
    public static ReadOnlySpan<byte> Unquoted(ReadOnlySpan<byte> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '#' && WhiteSpace.Contains(text[i - 1]))
            {
                return Trim(text[..i]);
            }
        }

        return Trim(text);
    }

    /// <summary>Where the value ends in <paramref name="text"/>, which starts after the opening quote; -1 when it does not.</summary>
    public static int FindClosingQuote(ReadOnlySpan<byte> text, byte quote)
    {
        if (quote != '"')
        {
            return text.IndexOf(quote);
        }

        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            if (text[i] == '\\')
            {
                i++; // Whatever it escapes, it is not the closing quote.
            }
        }

        return -1;
    }

    /// <summary>The value of what stands between two quotes.</summary>
    public static SecretValue Unquote(ReadOnlySpan<byte> raw, byte quote)
    {
        var hasEscapes = quote == '"' && raw.Contains((byte)'\\');
        if (!hasEscapes && !raw.Contains((byte)'\r'))
        {
            return new SecretValue(raw);
        }

        var buffer = GC.AllocateUninitializedArray<byte>(raw.Length, pinned: true);
        try
        {
            return new SecretValue(buffer.AsSpan(0, Unescape(raw, hasEscapes, buffer)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    public static int CountLineEnds(ReadOnlySpan<byte> text) =>
        text.Count((byte)'\n') + text.Count((byte)'\r') - text.Count("\r\n"u8);

    private static int Unescape(ReadOnlySpan<byte> raw, bool hasEscapes, Span<byte> value)
    {
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var next = raw[i];
            if (next == '\r')
            {
                next = (byte)'\n';
                i += raw[i..].StartsWith("\r\n"u8) ? 1 : 0;
            }
            else if (hasEscapes && next == '\\' && i + 1 < raw.Length && Escaped(raw[i + 1]) is { } escaped)
            {
                next = escaped;
                i++;
            }

            value[length++] = next;
        }

        return length;
    }

    /// <summary>What a backslash and <paramref name="letter"/> stand for; null where both stand for themselves.</summary>
    private static byte? Escaped(byte letter) => letter switch
    {
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'\\' or (byte)'"' => letter,
        _ => null,
    };
}
