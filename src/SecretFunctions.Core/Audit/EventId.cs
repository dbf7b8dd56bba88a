using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SecretFunctions.Core.Audit;

/// <summary>
/// Ids of events: version 7 UUIDs (RFC 9562 §5.7). The runtime asks the system for random bytes at every one, which under load costs as much
/// as writing the event; here a thread asks for those of many at once. They need be unique, not secret.
/// </summary>
internal static class EventId
{
    private const int RandomBytes = 10;
    private const int AtOnce = 100 * RandomBytes;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970, for which there are none.</exception>
    public static Guid New(DateTimeOffset at)
    {
        var milliseconds = at.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds, nameof(at));
        if (_random is null || _used == AtOnce)
        {
            RandomNumberGenerator.Fill(_random ??= new byte[AtOnce]);
            _used = 0;
        }

        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(id, milliseconds << 16);
        _random.AsSpan(_used, RandomBytes).CopyTo(id[6..]);
        _used += RandomBytes;
        id[6] = (byte)((id[6] & 0x0F) | 0x70); // version
        id[8] = (byte)((id[8] & 0x3F) | 0x80); // variant
        return new Guid(id, bigEndian: true);
    }
}
