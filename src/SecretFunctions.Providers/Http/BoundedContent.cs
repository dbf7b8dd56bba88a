using System.Net;
using System.Security.Cryptography;

namespace SecretFunctions.Providers.Http;

/// <summary>A whole answer in one pinned buffer, which is zeroed when the response is disposed: it holds secrets.</summary>
public sealed class BoundedContent : HttpContent
{
    private byte[] _buffer;
    private int _length;

    private BoundedContent(byte[] buffer) => _buffer = buffer;

    /// <summary>The answer. Must not be used after the response is disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads to the end. Null where there is more than <paramref name="limit"/>.</summary>
    internal static async Task<BoundedContent?> ReadAsync(HttpContent source, int limit, CancellationToken cancellationToken)
    {
        const int unknownLength = 16 * 1024;
        var announced = source.Headers.ContentLength;
        if (announced > limit)
        {
            return null;
        }

        var content = new BoundedContent(Allocate((int)(announced + 1 ?? unknownLength)));
        try
        {
            var stream = await source.ReadAsStreamAsync(cancellationToken);
            await using (stream)
            {
                int read;
                while ((read = await stream.ReadAsync(content._buffer.AsMemory(content._length), cancellationToken)) > 0)
                {
                    content._length += read;
                    if (content._length > limit)
                    {
                        content.Dispose();
                        return null;
                    }

                    content.GrowIfFull();
                }
            }
        }
        catch
        {
            content.Dispose();
            throw;
        }

        foreach (var header in source.Headers)
        {
            content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }

        return content;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Bytes).AsTask();

    protected override Task<Stream> CreateContentReadStreamAsync() =>
        Task.FromResult<Stream>(new MemoryStream(_buffer, 0, _length, writable: false));

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_buffer);
        _buffer = [];
        _length = 0;
        base.Dispose(disposing);
    }

    private static byte[] Allocate(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);

    private void GrowIfFull()
    {
        if (_length < _buffer.Length)
        {
            return;
        }

        var larger = Allocate(_buffer.Length * 2);
        _buffer.CopyTo(larger, 0);
        CryptographicOperations.ZeroMemory(_buffer);
        _buffer = larger;
    }
}
