using System.Buffers;
using System.Security.Cryptography;

namespace SecretFunctions.Core.Resolution;

/// <summary>What a resolve hands out: opened values in one buffer, which disposing clears. One owner.</summary>
public sealed class Resolution : IDisposable
{
    private readonly List<(string Key, int Offset, int Length)> _values;
    private byte[]? _plaintext;

    internal Resolution(byte[] plaintext, List<(string Key, int Offset, int Length)> values, DateTimeOffset resolvedAt)
    {
        _plaintext = plaintext;
        _values = values;
        ResolvedAt = resolvedAt;
    }

    public int Count => _values.Count;

    /// <summary>Bytes of all values together.</summary>
    public int TotalLength => _values.Count == 0 ? 0 : _values[^1].Offset + _values[^1].Length;

    /// <summary>One for each value, in the same order.</summary>
    public required IReadOnlyList<ResolvedSource> Sources { get; init; }

    /// <summary>With <c>partial</c>: what did not resolve.</summary>
    public IReadOnlyList<FailureEntry> Errors { get; init; } = [];

    public DateTimeOffset ResolvedAt { get; }

    /// <summary>In ordinal order.</summary>
    public string Key(int index) => _values[index].Key;

    /// <summary>UTF-8. The span must not outlive this object.</summary>
    /// <exception cref="ObjectDisposedException">Already disposed.</exception>
    public ReadOnlySpan<byte> Reveal(int index)
    {
        ObjectDisposedException.ThrowIf(_plaintext is null, this);
        return _plaintext.AsSpan(_values[index].Offset, _values[index].Length);
    }

    public void Dispose()
    {
        if (_plaintext is { } plaintext)
        {
            var used = TotalLength;
            _plaintext = null;
            CryptographicOperations.ZeroMemory(plaintext.AsSpan(0, used));
            ArrayPool<byte>.Shared.Return(plaintext);
        }
    }
}
