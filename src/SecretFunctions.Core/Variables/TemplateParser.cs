using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace SecretFunctions.Core.Variables;

/// <summary>One pass over one template. <see cref="Template"/> says what the syntax is.</summary>
internal ref struct TemplateParser(string text)
{
    private const string Open = "{{";
    private const string Close = "}}";

    private readonly List<Template.Segment> _segments = [];
    private readonly ArrayBufferWriter<byte> _literals = new();
    private int _literalStart;

    public Result<Template> Parse()
    {
        if (FindInvalidUnicode(text) is { } invalid)
        {
            return Failure.Invalid("template.invalid_unicode", $"The character at offset {invalid} is half of a surrogate pair.");
        }

        var position = 0;
        while (text.IndexOf(Open, position, StringComparison.Ordinal) is var open and >= 0)
        {
            var backslashes = CountBackslashesBefore(open, position);
            AddLiteral(text.AsSpan(position, open - position - backslashes + (backslashes / 2)));
            if (backslashes % 2 == 1)
            {
                AddLiteral(Open);
                position = open + Open.Length;
                continue;
            }

            var close = text.IndexOf(Close, open + Open.Length, StringComparison.Ordinal);
            if (close < 0)
            {
                return Failure.Invalid("template.unterminated_placeholder", $"The placeholder at offset {open} has no closing braces. Write \\{{{{ for literal braces.");
            }

            if (!VariableKey.TryParse(text.AsSpan(open + Open.Length, close - open - Open.Length).Trim(" \t"), out var key))
            {
                return Failure.Invalid("template.invalid_key", $"The placeholder at offset {open} does not hold a variable key. Write \\{{{{ for literal braces.");
            }

            EndSegment(key);
            position = close + Close.Length;
        }

        AddLiteral(text.AsSpan(position));
        EndSegment(null);
        return new Template(_literals.WrittenSpan.ToArray(), [.. _segments]);
    }

    /// <summary>Half a surrogate pair has no UTF-8 form; replacing it would change the text unseen.</summary>
    private static int? FindInvalidUnicode(string text)
    {
        for (var position = 0; position < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(position), out _, out var length) != OperationStatus.Done)
            {
                return position;
            }

            position += length;
        }

        return null;
    }

    /// <summary>Not further back than <paramref name="start"/>: what was read before is spent.</summary>
    private readonly int CountBackslashesBefore(int open, int start) =>
        open - start - text.AsSpan(start, open - start).TrimEnd('\\').Length;

    private readonly void AddLiteral(ReadOnlySpan<char> literal)
    {
        var destination = _literals.GetSpan(Encoding.UTF8.GetMaxByteCount(literal.Length));
        Utf8.FromUtf16(literal, destination, out _, out var written);
        _literals.Advance(written);
    }

    private void EndSegment(VariableKey? key)
    {
        _segments.Add(new Template.Segment(_literals.WrittenCount - _literalStart, key));
        _literalStart = _literals.WrittenCount;
    }
}
