using System.Buffers.Text;
using System.Text;
using Azure;
using Azure.Core;

namespace SecretFunctions.Storage.Tables;

/// <summary>Where the service stopped. Both parts are opaque, and either may be missing.</summary>
internal sealed record TableContinuation(string? Partition, string? Row)
{
    // Separates the parts; header values cannot hold it. A missing part is told from an empty one by its absence mark.
    private const char Separator = '\n';
    private const string Absent = "\t";

    /// <summary>Null where the answer is the last page.</summary>
    public static TableContinuation? From(Response response)
    {
        response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition);
        response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row);
        return string.IsNullOrEmpty(partition) && string.IsNullOrEmpty(row) ? null : new TableContinuation(partition, row);
    }

    /// <exception cref="ArgumentException">Not something <see cref="Encode"/> made.</exception>
    public static TableContinuation Decode(string continuation)
    {
        if (Base64Url.IsValid(continuation))
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(continuation)).Split(Separator);
            if (parts.Length == 2)
            {
                return new TableContinuation(Part(parts[0]), Part(parts[1]));
            }
        }

        throw new ArgumentException("Not a continuation of this query.", nameof(continuation));
    }

    public string Encode() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Partition ?? Absent}{Separator}{Row ?? Absent}"));

    public void AppendTo(RequestUriBuilder uri)
    {
        if (Partition is not null)
        {
            uri.AppendQuery("NextPartitionKey", Partition, escapeValue: true);
        }

        if (Row is not null)
        {
            uri.AppendQuery("NextRowKey", Row, escapeValue: true);
        }
    }

    private static string? Part(string text) => text == Absent ? null : text;
}
