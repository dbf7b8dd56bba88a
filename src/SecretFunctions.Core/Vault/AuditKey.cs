using System.Buffers.Text;
using System.Security.Cryptography;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// Authenticates what an organization's audit log holds (HMAC-SHA-256, RFC 2104): who can write the store and has no keys can make none of it.
/// Derived from the identity key, so it stays for the organization's life. Safe for concurrent use.
/// </summary>
public sealed class AuditKey
{
    /// <summary>Of a MAC as text: 32 bytes in base64url.</summary>
    internal const int TextLength = 43;

    private readonly byte[] _key;

    internal AuditKey(byte[] key) => _key = key;

    /// <param name="text">Takes <see cref="TextLength"/> characters of base64url.</param>
    internal void Authenticate(ReadOnlySpan<byte> content, Span<byte> text)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, content, mac);
        Base64Url.EncodeToUtf8(mac, text);
    }

    internal bool Verifies(ReadOnlySpan<byte> content, ReadOnlySpan<byte> text)
    {
        Span<byte> expected = stackalloc byte[TextLength];
        Authenticate(content, expected);
        return CryptographicOperations.FixedTimeEquals(expected, text);
    }
}
