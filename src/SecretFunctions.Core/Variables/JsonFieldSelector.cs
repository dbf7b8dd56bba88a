using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Core.Variables;

/// <summary>
/// One field of a secret that is a JSON document. A text that starts with <c>/</c> is a JSON Pointer (RFC 6901); any other
/// is the name of a field of the outermost object, as it stands (<c>~</c> and <c>/</c> in it mean nothing).
/// </summary>
public readonly record struct JsonFieldSelector
{
    private readonly string? _text;

    private JsonFieldSelector(string text) => _text = text;

    /// <exception cref="InvalidOperationException">This is <c>default</c>, which selects nothing.</exception>
    public string Value => _text ?? throw new InvalidOperationException("A default JsonFieldSelector selects nothing.");

    /// <summary>
    /// False for an empty text (RFC 6901 would have it mean the whole document, which is what no selector means here) and
    /// for a pointer in which <c>~</c> is not followed by 0 or 1. <c>/</c> is the field whose name is empty.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out JsonFieldSelector selector)
    {
        selector = default;
        if (string.IsNullOrEmpty(text) || (IsPointer(text) && !HasValidEscapes(text)))
        {
            return false;
        }

        selector = new(text);
        return true;
    }

    /// <summary>
    /// The field's value: a string as it is, anything else (null too) as its JSON text exactly as in the document, so that
    /// <c>1.0</c> and <c>1e400</c> stay what they are.
    /// </summary>
    /// <returns>
    /// <c>provider.not_json</c> or <c>provider.key_not_found</c>, with nothing of the document. A field that occurs twice
    /// in its object is not found: which one is meant differs from parser to parser (RFC 8259 §4).
    /// </returns>
    /// <param name="utf8">The secret, with or without a byte-order mark. Not copied but for the result.</param>
    public Result<SecretValue> Extract(ReadOnlySpan<byte> utf8)
    {
        var steps = IsPointer(Value) ? Array.ConvertAll(Value[1..].Split('/'), Unescape) : [Value];
        return JsonFieldReader.Read(utf8, steps, intoArrays: IsPointer(Value));
    }

    /// <summary>The text it was parsed from; empty for <c>default</c>, since printing must not throw.</summary>
    public override string ToString() => _text ?? "";

    private static bool IsPointer(string text) => text[0] == '/';

    private static bool HasValidEscapes(string pointer)
    {
        for (var i = 0; i < pointer.Length; i++)
        {
            if (pointer[i] == '~' && (i + 1 == pointer.Length || pointer[i + 1] is not ('0' or '1')))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>In this order (RFC 6901 §4), so that <c>~01</c> becomes <c>~1</c> and not <c>/</c>.</summary>
    private static string Unescape(string step) =>
        step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
