using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using SecretFunctions.Core;

namespace SecretFunctions.Api.Http;

/// <summary>Reads request bodies within the limit, whatever the host's own limit is. The buffer may hold secrets, so disposing clears it.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>1 MiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private byte[]? _rented;
    private readonly int _length;

    private RequestBody(byte[] rented, int length)
    {
        _rented = rented;
        _length = length;
    }

    public ReadOnlyMemory<byte> Bytes => _rented.AsMemory(0, _length);

    public static async ValueTask<Result<RequestBody>> ReadAsync(HttpContext context, params string[] mediaTypes)
    {
        var request = context.Request;
        if (CheckHeaders(request, mediaTypes) is { } failure)
        {
            return failure;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > MaxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return TooLarge;
            }

            if (read.IsCompleted)
            {
                return Copy(reader, read.Buffer);
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            CryptographicOperations.ZeroMemory(rented.AsSpan(0, _length));
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static RequestBody Copy(PipeReader reader, ReadOnlySequence<byte> content)
    {
        var length = (int)content.Length;
        var rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        content.CopyTo(rented);
        reader.AdvanceTo(content.End);
        return new RequestBody(rented, length);
    }

    private static Failure? CheckHeaders(HttpRequest request, string[] mediaTypes)
    {
        if (request.ContentLength > MaxBytes)
        {
            return TooLarge;
        }

        // What nearly everyone sends, as it is.
        if (request.ContentType == mediaTypes[0] && request.Headers.ContentEncoding.Count == 0)
        {
            return null;
        }

        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !mediaTypes.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase))
        {
            return new Failure(FailureKind.UnsupportedMediaType, "body.media_type", $"Send the body with Content-Type: {string.Join(" or ", mediaTypes)}.");
        }

        if (type.Charset.HasValue && !HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
        {
            return new Failure(FailureKind.UnsupportedMediaType, "body.charset", "Send the body in UTF-8.");
        }

        return request.Headers.ContentEncoding.Count > 0
            ? new Failure(FailureKind.UnsupportedMediaType, "body.content_encoding", "Send the body as it is: Content-Encoding is not read.")
            : null;
    }

    private static Failure TooLarge { get; } = new(FailureKind.TooLarge, "body.too_large", $"A body has at most {MaxBytes} bytes.");
}
