using System.Globalization;
using System.Text;

namespace SecretFunctions.Storage.Tables;

/// <summary>The answer to a batch: an ETag for each operation in order, or the one error.</summary>
internal sealed record BatchResponse(IReadOnlyList<string> ETags, TableError? Error)
{
    private const string StatusLine = "HTTP/1.1 ";

    /// <summary>
    /// Reads the parts by their status lines. Boundaries need no parsing: a line that starts with <c>--</c> ends a part's
    /// body, which is empty or JSON on one line.
    /// </summary>
    /// <returns>A server error where there is no status line: an answer cut short leaves as much open as none.</returns>
    public static BatchResponse Parse(BinaryData content)
    {
        using var reader = new StringReader(Encoding.UTF8.GetString(content));
        var etags = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith(StatusLine, StringComparison.Ordinal)
                || !int.TryParse(line[StatusLine.Length..].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            {
                continue;
            }

            var etag = ReadHeaders(reader);
            if (status >= 400)
            {
                var (code, index) = TableError.Parse(Encoding.UTF8.GetBytes(ReadBody(reader)));
                return new BatchResponse([], new TableError(status, code, index));
            }

            etags.Add(etag);
        }

        return etags.Count > 0 ? new BatchResponse(etags, null) : new BatchResponse([], new TableError(500, "Unreadable", 0));
    }

    private static string ReadHeaders(StringReader reader)
    {
        var etag = "";
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            if (line.StartsWith("ETag:", StringComparison.OrdinalIgnoreCase))
            {
                etag = line["ETag:".Length..].Trim();
            }
        }

        return etag;
    }

    private static string ReadBody(StringReader reader)
    {
        var body = new StringBuilder();
        while (reader.ReadLine() is { } line && !line.StartsWith("--", StringComparison.Ordinal))
        {
            body.AppendLine(line);
        }

        return body.ToString();
    }
}
