using System.Buffers;
using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Resolution;

/// <summary>What a resolve hands out: opened values in one buffer, which disposing clears. One owner.</summary>
public sealed class Resolution : IDisposable
{
    private readonly List<(string Key, int Offset, int Length)> _values;
    private byte[]? _plaintext;

    /// <param name="capacity">Bytes to begin with; it grows as needed.</param>
    /// <param name="count">Values to expect.</param>
    internal Resolution(int capacity, int count, DateTimeOffset resolvedAt)
    {
        _plaintext = ArrayPool<byte>.Shared.Rent(Math.Max(1, capacity));
        _values = new(count);
        ResolvedAt = resolvedAt;
    }

    public int Count => _values.Count;

    /// <summary>Bytes of all values together.</summary>
    public int TotalLength => _values.Count == 0 ? 0 : _values[^1].Offset + _values[^1].Length;

    /// <summary>One for each value, in the same order.</summary>
    public IReadOnlyList<ResolvedSource> Sources { get; internal set; } = [];

    /// <summary>With <c>partial</c>: what did not resolve.</summary>
    public IReadOnlyList<FailureEntry> Errors { get; internal set; } = [];

    public DateTimeOffset ResolvedAt { get; }

    /// <summary>What it was made of.</summary>
    internal ResolutionPlan? Plan { get; init; }

    /// <summary>In ordinal order.</summary>
    public string Key(int index) => _values[index].Key;

    /// <summary>UTF-8. The span must not outlive this object.</summary>
    /// <exception cref="ObjectDisposedException">Already disposed.</exception>
    public ReadOnlySpan<byte> Reveal(int index)
    {
        ObjectDisposedException.ThrowIf(_plaintext is null, this);
        return _plaintext.AsSpan(_values[index].Offset, _values[index].Length);
    }

    /// <summary>Opens a value into its place. False where it does not open; then nothing was added.</summary>
    internal bool TryAdd(string key, SealedValue value)
    {
        var offset = TotalLength;
        if (!value.TryOpen(Reserve(value.Length)))
        {
            return false;
        }

        _values.Add((key, offset, value.Length));
        return true;
    }

    /// <summary>Opens all values of a plan at once, into an empty resolution. False where they do not open; then nothing was added.</summary>
    internal bool TryAddAll(IReadOnlyList<(string Key, int Offset, int Length)> places, SealedValue joined)
    {
        if (!joined.TryOpen(Reserve(joined.Length)))
        {
            return false;
        }

        _values.AddRange(places);
        return true;
    }

    internal void Add(string key, ReadOnlySpan<byte> value)
    {
        var offset = TotalLength;
        value.CopyTo(Reserve(value.Length));
        _values.Add((key, offset, value.Length));
    }

    private Span<byte> Reserve(int length)
    {
        var used = TotalLength;
        if (_plaintext!.Length - used < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_plaintext.Length * 2, used + length));
            _plaintext.AsSpan(0, used).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_plaintext.AsSpan(0, used));
            ArrayPool<byte>.Shared.Return(_plaintext);
            _plaintext = larger;
        }

        return _plaintext.AsSpan(used, length);
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
