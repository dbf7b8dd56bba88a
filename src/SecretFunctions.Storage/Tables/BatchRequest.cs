using System.Buffers;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Tables;

/// <summary>Writes an entity group transaction: one change set inside one multipart batch (OData 3, "Batch Processing").</summary>
internal static class BatchRequest
{
    /// <summary>What the service takes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Stands in for an ETag that the service cannot have issued. The service would answer such a one with "bad
    /// request", or take <c>*</c> for any; line breaks would even add headers. This one only never matches.
    /// </summary>
    public const string NeverMatches = "W/\"datetime'1601-01-01T00%3A00%3A00.0000000Z'\"";

    public static string ContentType(string marker) => $"multipart/mixed; boundary=batch_{marker}";

    /// <param name="table">The table's absolute URL.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="writes">The operations.</param>
    /// <param name="marker">Names this transaction, in its entities and its boundaries.</param>
    public static ReadOnlyMemory<byte> Encode(string table, string partition, IReadOnlyList<EntityWrite> writes, string marker)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        Append(buffer, $"--batch_{marker}\r\nContent-Type: multipart/mixed; boundary=changeset_{marker}\r\n\r\n");
        using var json = new Utf8JsonWriter(buffer, TableEntity.JsonOptions);
        foreach (var write in writes)
        {
            Append(buffer, $"--changeset_{marker}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            Append(buffer, RequestHead(table, new EntityKey(partition, write.Row), write));
            if (write.Kind != WriteKind.Delete)
            {
                json.Reset();
                TableEntity.Write(json, new EntityKey(partition, write.Row), write.Data.Span, marker);
                json.Flush();
            }

            Append(buffer, "\r\n");
        }

        Append(buffer, $"--changeset_{marker}--\r\n--batch_{marker}--\r\n");
        return buffer.WrittenMemory;
    }

    private static string RequestHead(string table, EntityKey key, in EntityWrite write)
    {
        const string Common = "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0\r\n";
        const string WithBody = Common + "Content-Type: application/json\r\nPrefer: return-no-content\r\n";
        return write.Kind switch
        {
            WriteKind.Insert => $"POST {table} HTTP/1.1\r\n{WithBody}\r\n",
            WriteKind.Upsert => $"PUT {table}{TableKeys.Path(key)} HTTP/1.1\r\n{WithBody}\r\n",
            WriteKind.Replace => $"PUT {table}{TableKeys.Path(key)} HTTP/1.1\r\n{WithBody}If-Match: {Condition(write.ETag)}\r\n\r\n",

            // A deletion without If-Match is refused; "*" is its way to say "any".
            WriteKind.Delete => $"DELETE {table}{TableKeys.Path(key)} HTTP/1.1\r\n{Common}If-Match: {(write.ETag is null ? "*" : Condition(write.ETag))}\r\n\r\n",
            _ => throw new ArgumentOutOfRangeException(nameof(write), write.Kind, null),
        };
    }

    private static string Condition(string? etag)
    {
        const string Start = "W/\"";
        return etag is not null && etag.Length > Start.Length + 1 && etag.StartsWith(Start, StringComparison.Ordinal) && etag[^1] == '"'
            && !etag.AsSpan(Start.Length, etag.Length - Start.Length - 1).ContainsAnyExceptInRange('#', '~')
            ? etag
            : NeverMatches;
    }

    private static void Append(ArrayBufferWriter<byte> buffer, string text) => Encoding.ASCII.GetBytes(text, buffer);
}
