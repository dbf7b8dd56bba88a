using System.Buffers;

namespace SecretFunctions.Core.Variables;

/// <summary>Text with <c>{{KEY}}</c> placeholders. Immutable; safe for concurrent use.</summary>
/// <remarks>
/// <para>White space (space, tab) may stand between the braces and the key. A <c>}}</c> that closes nothing is itself.</para>
/// <para>
/// Backslashes are special only right before <c>{{</c>, and there in pairs, so that everything can be written:
/// <c>\{{</c> is a literal <c>{{</c>; <c>\\{{USER}}</c>, as in <c>DOMAIN\\{{USER}}</c>, is a backslash and then the value;
/// <c>\\\{{</c> is a literal <c>\{{</c>.
/// </para>
/// <para>One pass: what a value contains is never looked at.</para>
/// </remarks>
public sealed class Template
{
    private readonly byte[] _literals;
    private readonly Segment[] _segments;

    internal Template(byte[] literals, Segment[] segments)
    {
        _literals = literals;
        _segments = segments;
        Keys = [.. segments.Select(segment => segment.Key).OfType<VariableKey>().Distinct()];
    }

    /// <summary>The keys it needs, each once, in order of first use. Whoever renders checks that it has them all.</summary>
    public IReadOnlyList<VariableKey> Keys { get; }

    /// <summary>
    /// The template, or <c>template.unterminated_placeholder</c>, <c>template.invalid_key</c> or
    /// <c>template.invalid_unicode</c>, with the zero-based offset in UTF-16 code units and nothing of the text.
    /// </summary>
    public static Result<Template> Parse(string text) => new TemplateParser(text).Parse();

    /// <summary>
    /// How many bytes <see cref="Render"/> will write. Ask first: a short template can name a long value many times over,
    /// and an output that has to grow leaves copies of the plaintext behind.
    /// </summary>
    public long Measure(Func<VariableKey, ReadOnlySpan<byte>> valueOf)
    {
        long length = _literals.Length;
        foreach (var segment in _segments)
        {
            length += segment.Key is { } key ? valueOf(key).Length : 0;
        }

        return length;
    }

    /// <summary>Writes the filled-in text as UTF-8. The caller clears what it was written to.</summary>
    /// <param name="output">Receives plaintext.</param>
    /// <param name="valueOf">Gives the UTF-8 value of one of <see cref="Keys"/>; called once per use, not once per key.</param>
    public void Render(IBufferWriter<byte> output, Func<VariableKey, ReadOnlySpan<byte>> valueOf)
    {
        var position = 0;
        foreach (var segment in _segments)
        {
            output.Write(_literals.AsSpan(position, segment.LiteralLength));
            position += segment.LiteralLength;
            if (segment.Key is { } key)
            {
                output.Write(valueOf(key));
            }
        }
    }

    /// <summary>Some bytes of the literals, then one placeholder; the last segment may have none.</summary>
    internal readonly record struct Segment(int LiteralLength, VariableKey? Key);
}
