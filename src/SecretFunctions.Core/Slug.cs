using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace SecretFunctions.Core;

/// <summary>The immutable name of a resource: <c>^[a-z0-9][a-z0-9._-]{0,62}$</c>. Compared byte for byte.</summary>
public readonly record struct Slug
{
    public const int MaxLength = 63;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    private readonly string? _value;

    private Slug(string value) => _value = value;

    /// <exception cref="InvalidOperationException">This is <c>default</c>, which names nothing.</exception>
    public string Value => _value ?? throw new InvalidOperationException("A default Slug names nothing.");

    public static bool TryParse([NotNullWhen(true)] string? text, out Slug slug)
    {
        if (text is not { Length: > 0 and <= MaxLength } || !char.IsAsciiLetterOrDigit(text[0]) || text.AsSpan().ContainsAnyExcept(Allowed))
        {
            slug = default;
            return false;
        }

        slug = new(text);
        return true;
    }

    /// <summary>The name; empty for <c>default</c>, since printing must not throw.</summary>
    public override string ToString() => _value ?? "";
}
