using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SecretFunctions.Core.Variables;

/// <summary>
/// The key of a variable: ASCII letters, digits and underscores, not starting with a digit, 1 to 128 characters: what
/// every shell takes as the name of an environment variable. Case matters.
/// </summary>
public readonly record struct VariableKey
{
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private readonly string? _value;

    private VariableKey(string value) => _value = value;

    /// <exception cref="InvalidOperationException">This is <c>default</c>, which names nothing.</exception>
    public string Value => _value ?? throw new InvalidOperationException("A default VariableKey names nothing.");

    public static bool TryParse([NotNullWhen(true)] string? text, out VariableKey key)
    {
        if (!IsKey(text))
        {
            key = default;
            return false;
        }

        key = new(text!);
        return true;
    }

    /// <summary>As <see cref="TryParse(string?, out VariableKey)"/>, out of a longer text: no string unless it is a key.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out VariableKey key)
    {
        key = IsKey(text) ? new(text.ToString()) : default;
        return key._value is not null;
    }

    /// <summary>As <see cref="TryParse(string?, out VariableKey)"/>, from UTF-8.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> utf8, out VariableKey key)
    {
        key = default;
        Span<char> text = stackalloc char[MaxLength];

        // Fails for anything but ASCII, which no key holds, and for anything longer than a key.
        return Ascii.ToUtf16(utf8, text, out var length) == OperationStatus.Done && TryParse(text[..length], out key);
    }

    /// <summary>The key; empty for <c>default</c>, since printing must not throw.</summary>
    public override string ToString() => _value ?? "";

    private static bool IsKey(ReadOnlySpan<char> text) =>
        text is { Length: > 0 and <= MaxLength } && !char.IsAsciiDigit(text[0]) && !text.ContainsAnyExcept(Allowed);
}
