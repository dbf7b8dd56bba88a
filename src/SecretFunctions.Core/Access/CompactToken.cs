using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace SecretFunctions.Core.Access;

/// <summary>A signed JWT (RFC 7519, RFC 7515 §7.1) taken apart, and nothing of it believed.</summary>
public sealed record CompactToken(JsonElement Header, JsonElement Claims)
{
    /// <summary>No issuer's token comes near; nothing longer is taken apart.</summary>
    public const int MaxLength = 16 * 1024;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>
    /// Whether the text is meant as a token of any kind, also of one that is refused: its first part is a JSON object's. No API key has a dot,
    /// and an operator's own key that has one does not begin so.
    /// </summary>
    public static bool IsMeant(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && (text.Length > MaxLength || Decode(text.AsSpan(0, dot)) is [(byte)'{', .., (byte)'}']);
    }

    /// <summary>Null unless it has three parts in plain base64url, the first two of them strict JSON objects.</summary>
    public static CompactToken? TryParse(string text)
    {
        // The decoder would pass over blanks and padding, and another reader may not.
        if (text.Length > MaxLength || text.AsSpan().ContainsAnyExcept(Characters) || text.Split('.') is not [var first, var second, _])
        {
            return null;
        }

        return Decode(first) is { } header && UntrustedJson.TryParseObject(header) is { } headerObject
            && Decode(second) is { } claims && UntrustedJson.TryParseObject(claims) is { } claimsObject
            ? new CompactToken(headerObject, claimsObject)
            : null;
    }

    private static byte[]? Decode(ReadOnlySpan<char> part) => Base64Url.IsValid(part) ? Base64Url.DecodeFromChars(part) : null;
}
