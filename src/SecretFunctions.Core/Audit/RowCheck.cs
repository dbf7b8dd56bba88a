using System.Buffers;
using System.Text;
using System.Text.Json;

namespace SecretFunctions.Core.Audit;

/// <summary>Computes the hashes of stored rows again. Not safe for concurrent use.</summary>
internal sealed class RowCheck
{
    private readonly ArrayBufferWriter<byte> _scratch = new(4096);
    private readonly Dictionary<ReadOnlyMemory<byte>, byte[]> _digests = [];

    /// <summary>The index of the first event whose hash is not what follows from the one before it; -1 where all are.</summary>
    public int FindChanged(StoredRow row)
    {
        var end = row.End ?? throw new ArgumentException("The row is of no chain.", nameof(row));
        var chain = Encoding.ASCII.GetBytes(end.Chain);
        ReadOnlySpan<byte> previous = Encoding.Latin1.GetBytes(end.Previous);
        Span<byte> hash = stackalloc byte[EventHash.TextLength];
        _digests.Clear();
        for (var i = 0; i < row.Events.Count; i++)
        {
            var found = row.Events[i];
            EventHash.Compute(_scratch, chain, end.First + i, previous, found.Before.Span, DigestOf(found.List), found.After.Span, hash);
            if (!hash.SequenceEqual(found.Hash.Span))
            {
                return i;
            }

            previous = found.Hash.Span;
        }

        return -1;
    }

    /// <summary>Null where the event has none that can be read: it may be no JSON, or text that is none.</summary>
    public static string? IdOf(StoredEvent found)
    {
        try
        {
            return JsonElement.Parse(found.Content).TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private ReadOnlySpan<byte> DigestOf(ReadOnlyMemory<byte> list)
    {
        if (list.IsEmpty)
        {
            return default;
        }

        if (!_digests.TryGetValue(list, out var digest))
        {
            _digests[list] = digest = new byte[EventHash.TextLength];
            EventHash.Digest(list.Span, digest);
        }

        return digest;
    }
}
