using System.Text.Unicode;

namespace SecretFunctions.Core.Variables;

/// <summary>One pass over one document. <see cref="DotenvDocument"/> says what the dialect is.</summary>
/// <remarks>
/// A wrong line must not hide a later one, nor be reported twice. So a line has at most one error, an assignment that
/// can be delimited is skipped as a whole, and after a quote that nobody closed parsing goes on with the next line.
/// That stays linear: a quote is searched for at most once over each stretch of the document, per kind of quote.
/// </remarks>
internal ref struct DotenvParser
{
    private readonly ReadOnlySpan<byte> _text;
    private readonly List<DotenvEntry> _entries = [];
    private readonly Dictionary<VariableKey, int> _lineOfKey = [];
    private readonly SortedDictionary<int, FailureEntry> _errors = [];
    private int _position;
    private int _line = 1;

    public DotenvParser(ReadOnlySpan<byte> utf8) => _text = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    public Result<DotenvDocument> Parse()
    {
        if (IsUtf16(_text))
        {
            return Invalid([DotenvError.At(1, DotenvError.Utf16)]);
        }

        FindWrongCharacters();
        while (_position < _text.Length)
        {
            ReadStatement();
        }

        var document = new DotenvDocument(_entries);
        if (_errors.Count == 0)
        {
            return document;
        }

        document.Dispose();
        return Invalid([.. _errors.Values]);
    }

    private static Failure Invalid(IReadOnlyList<FailureEntry> errors) =>
        Failure.Invalid("dotenv.invalid", $"The document has wrong lines: {errors.Count}.") with { Errors = errors };

    /// <summary>A byte-order mark of UTF-16 or UTF-32, or, without one, an ASCII character that takes two bytes.</summary>
    private static bool IsUtf16(ReadOnlySpan<byte> text) =>
        text.StartsWith<byte>([0xFF, 0xFE]) || text.StartsWith<byte>([0xFE, 0xFF])
        || (text.Length > 1 && (text[0] == 0) != (text[1] == 0));

    /// <summary>
    /// A pass of its own, so that the fault is named by the line it is on, not by the one its value starts on. Lines can
    /// be found first: neither CR nor LF is ever part of a longer UTF-8 sequence, valid or not.
    /// </summary>
    private readonly void FindWrongCharacters()
    {
        if (!_text.Contains((byte)0) && Utf8.IsValid(_text))
        {
            return;
        }

        var line = 1;
        for (var start = 0; start < _text.Length; line++)
        {
            var end = LineEnd(start);
            var content = _text[start..end];
            if (content.Contains((byte)0))
            {
                Fail(line, DotenvError.NulCharacter);
            }
            else if (!Utf8.IsValid(content))
            {
                Fail(line, DotenvError.InvalidUtf8);
            }

            start = NextLine(end);
        }
    }

    private void ReadStatement()
    {
        var end = LineEnd(_position);
        var content = _text[_position..end];
        var trimmed = DotenvText.Trim(content);
        var equals = content.IndexOf((byte)'=');
        if (trimmed.IsEmpty || trimmed[0] == '#')
        {
            MoveTo(NextLine(end));
        }
        else if (equals < 0)
        {
            Fail(_line, DotenvError.MissingEquals);
            MoveTo(NextLine(end));
        }
        else
        {
            var hasKey = TryReadKey(content[..equals], out var key);
            ReadValue(hasKey ? key : null, _position + equals + 1, end);
        }
    }

    /// <summary>False when the key is wrong or taken: the error is recorded, and the value is still read, to be skipped.</summary>
    private readonly bool TryReadKey(ReadOnlySpan<byte> head, out VariableKey key)
    {
        if (!DotenvText.TryParseKey(head, out key))
        {
            Fail(_line, DotenvError.InvalidKey);
            return false;
        }

        if (_lineOfKey.TryAdd(key, _line))
        {
            return true;
        }

        _errors.TryAdd(_line, DotenvError.Duplicate(_line, _lineOfKey[key]));
        return false;
    }

    /// <summary>Reads the value between <paramref name="start"/> and <paramref name="end"/>, the end of the line, or further if it is quoted.</summary>
    private void ReadValue(VariableKey? key, int start, int end)
    {
        var open = start + _text[start..end].IndexOfAnyExcept(DotenvText.WhiteSpace);
        if (open < start || !DotenvText.IsQuote(_text[open]))
        {
            Accept(key, DotenvText.Unquoted(_text[start..end]));
            MoveTo(NextLine(end));
            return;
        }

        var quote = _text[open];
        var length = DotenvText.FindClosingQuote(_text[(open + 1)..], quote);
        if (length < 0)
        {
            Fail(_line, DotenvError.UnterminatedQuote);
            MoveTo(NextLine(end));
            return;
        }

        var close = open + 1 + length;
        var closeEnd = LineEnd(close);
        if (!DotenvText.IsBlankOrComment(_text[(close + 1)..closeEnd]))
        {
            RejectTextAfterQuote(close, closeEnd, end);
            return;
        }

        Accept(key, _text[(open + 1)..close], quote);
        MoveTo(NextLine(closeEnd));
    }

    /// <summary>
    /// In <c>A="one ⏎ B="two"</c> the quote that closes A's value is the one that was to open B's: then it is line 1 that
    /// is wrong, and B is fine.
    /// </summary>
    private void RejectTextAfterQuote(int close, int closeEnd, int firstLineEnd)
    {
        var lineStart = _text[..close].LastIndexOfAny((byte)'\r', (byte)'\n') + 1;
        var head = DotenvText.Trim(_text[lineStart..close]);
        if (close > firstLineEnd && head.EndsWith("="u8) && DotenvText.TryParseKey(head[..^1], out _))
        {
            Fail(_line, DotenvError.UnterminatedQuote);
            MoveTo(NextLine(firstLineEnd));
            return;
        }

        MoveTo(lineStart);
        Fail(_line, DotenvError.TextAfterQuote);
        MoveTo(NextLine(closeEnd));
    }

    /// <param name="key">Null: the key was wrong, so the value is dropped.</param>
    /// <param name="raw">The value without its quotes.</param>
    /// <param name="quote">0: not quoted, so <paramref name="raw"/> is the value as it stands.</param>
    private readonly void Accept(VariableKey? key, ReadOnlySpan<byte> raw, byte quote = 0)
    {
        if (key is not { } accepted)
        {
            return;
        }

        var value = quote == 0 ? new SecretValue(raw) : DotenvText.Unquote(raw, quote);
        if (value.Reveal().Length > DotenvDocument.MaxValueBytes)
        {
            value.Dispose();
            Fail(_line, DotenvError.ValueTooLarge);
            return;
        }

        _entries.Add(new DotenvEntry(accepted, value, _line));
    }

    private readonly void Fail(int line, string code) => _errors.TryAdd(line, DotenvError.At(line, code));

    /// <summary>The next CR or LF at or after <paramref name="position"/>, else the end of the document.</summary>
    private readonly int LineEnd(int position)
    {
        var length = _text[position..].IndexOfAny((byte)'\r', (byte)'\n');
        return length < 0 ? _text.Length : position + length;
    }

    /// <summary>Where the line after the one that ends at <paramref name="lineEnd"/> starts.</summary>
    private readonly int NextLine(int lineEnd) =>
        Math.Min(lineEnd + (_text[lineEnd..].StartsWith("\r\n"u8) ? 2 : 1), _text.Length);

    private void MoveTo(int position)
    {
        _line += DotenvText.CountLineEnds(_text[_position..position]);
        _position = position;
    }
}
