using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// A form (application/x-www-form-urlencoded) with a secret among its fields. .NET's own takes strings, which nobody can
/// clear; this one goes from bytes to bytes and zeroes them when the request is disposed.
/// </summary>
internal sealed class FormBody : HttpContent
{
    /// <summary>A byte becomes at most three: %41.</summary>
    private const int Longest = 3;

    private static readonly SearchValues<byte> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    private byte[] _bytes = [];
    private int _length;

    public FormBody() => Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");

    /// <summary>The form so far, for who has to sign or repeat it. Zeroed when this is disposed.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public FormBody Add(string name, string value) => Add(name, Encoding.UTF8.GetBytes(value));

    /// <param name="name">One that needs no escaping.</param>
    /// <param name="value">Copied; the caller clears its own.</param>
    public FormBody Add(string name, ReadOnlySpan<byte> value)
    {
        Reserve(name.Length + 2 + (value.Length * Longest));
        if (_length > 0)
        {
            _bytes[_length++] = (byte)'&';
        }

        _length += Encoding.ASCII.GetBytes(name, _bytes.AsSpan(_length));
        _bytes[_length++] = (byte)'=';
        foreach (var one in value)
        {
            Append(one);
        }

        return this;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        stream.WriteAsync(_bytes.AsMemory(0, _length)).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = [];
        _length = 0;
        base.Dispose(disposing);
    }

    private void Append(byte one)
    {
        if (Unreserved.Contains(one))
        {
            _bytes[_length++] = one;
            return;
        }

        const string digits = "0123456789ABCDEF";
        _bytes[_length++] = (byte)'%';
        _bytes[_length++] = (byte)digits[one >> 4];
        _bytes[_length++] = (byte)digits[one & 0xf];
    }

    private void Reserve(int more)
    {
        var larger = GC.AllocateUninitializedArray<byte>(_length + more, pinned: true);
        _bytes.AsSpan(0, _length).CopyTo(larger);
        CryptographicOperations.ZeroMemory(_bytes);
        _bytes = larger;
    }
}
