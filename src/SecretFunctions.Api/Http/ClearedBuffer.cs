using System.Buffers;
using System.Security.Cryptography;

namespace SecretFunctions.Api.Http;

/// <summary>A growing buffer for bytes that hold secrets: pooled, and cleared wherever it leaves them.</summary>
internal sealed class ClearedBuffer(int capacity) : IBufferWriter<byte>, IDisposable
{
    private byte[] _rented = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public ReadOnlyMemory<byte> Written => _rented.AsMemory(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _rented.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _rented.AsSpan(_length);
    }

    public void Dispose()
    {
        var rented = _rented;
        _rented = [];
        CryptographicOperations.ZeroMemory(rented.AsSpan(0, _length));
        _length = 0;
        ArrayPool<byte>.Shared.Return(rented);
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(1, sizeHint);
        if (_rented.Length - _length >= needed)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_rented.Length * 2, _length + needed));
        _rented.AsSpan(0, _length).CopyTo(larger);
        CryptographicOperations.ZeroMemory(_rented.AsSpan(0, _length));
        ArrayPool<byte>.Shared.Return(_rented);
        _rented = larger;
    }
}
