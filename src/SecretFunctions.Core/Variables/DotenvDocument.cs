namespace SecretFunctions.Core.Variables;

/// <summary>The assignments of a dotenv document. Owns their values: dispose it when they have been stored.</summary>
/// <remarks>
/// <para>The dialect, close to the npm package <c>dotenv</c>; where that one guesses, this one refuses.</para>
/// <list type="bullet">
/// <item>UTF-8, with or without a byte-order mark. Lines end with LF, CRLF or CR. White space is space and tab.</item>
/// <item><c>KEY=VALUE</c> or <c>export KEY=VALUE</c>, white space allowed around <c>KEY</c> and <c>=</c>. A key occurs once.</item>
/// <item>An unquoted value ends with its line or at a <c>#</c> after white space, and is trimmed: <c>A=#fff # red</c> is
/// <c>#fff</c>, <c>A= # none</c> is empty. Quotes and backslashes inside it are themselves.</item>
/// <item>A value that starts with <c>"</c>, <c>'</c> or <c>`</c> ends at the next such character, may span lines, and keeps
/// its white space. After it only white space and a comment may follow. Its line ends become LF.</item>
/// <item>In double quotes <c>\n \r \t \\ \"</c> are escapes; a backslash before anything else stays, and so does what
/// follows it. Single quotes and backticks have no escapes.</item>
/// <item>Nothing is expanded: <c>$HOME</c> and <c>${HOME}</c> are themselves.</item>
/// </list>
/// </remarks>
public sealed class DotenvDocument : IDisposable
{
    /// <summary>Of one value: 64 KiB, as in AWS Secrets Manager and Google Secret Manager.</summary>
    public const int MaxValueBytes = 64 * 1024;

    private readonly List<DotenvEntry> _entries;

    internal DotenvDocument(List<DotenvEntry> entries) => _entries = entries;

    /// <summary>In document order. The values live as long as this object.</summary>
    public IReadOnlyList<DotenvEntry> Entries => _entries;

    /// <summary>All assignments, or a <c>dotenv.invalid</c> failure with one entry per wrong line, in line order.</summary>
    /// <remarks>An entry has the line's number and never any of its content: a secret may stand where a key should.</remarks>
    public static Result<DotenvDocument> Parse(ReadOnlySpan<byte> utf8) => new DotenvParser(utf8).Parse();

    public void Dispose()
    {
        foreach (var entry in _entries)
        {
            entry.Value.Dispose();
        }
    }
}
