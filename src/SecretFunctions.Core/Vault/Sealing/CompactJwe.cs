using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// A value that a client has sealed: a JWE in compact serialization (RFC 7516 §7.1), taken apart and not opened. RSA-OAEP-256 (RFC 7518 §4.3)
/// and A256GCM (§5.3), nothing else. Immutable.
/// </summary>
/// <remarks>
/// How it is kept, without the third that base64url adds, and with the header's very characters, which are authenticated (RFC 7516 §5.1, step 14):
/// <code>
/// offset  bytes  field
///      0      1  format version, 1
///      1      2  length of the header, big endian
///      3      h  protected header, base64url in ASCII
///    3+h      2  length of the encrypted key, big endian
///    5+h      k  encrypted key
///  5+h+k     12  initialization vector
/// 17+h+k      n  ciphertext
///              16  tag
/// </code>
/// </remarks>
public sealed class CompactJwe
{
    public const string Algorithm = "RSA-OAEP-256";
    public const string Encryption = "A256GCM";

    /// <summary>In characters: five short members fit several times.</summary>
    private const int MaxHeaderLength = 2048;

    /// <summary>Of an RSA key of 8192 bits.</summary>
    private const int MaxKeyBytes = 1024;

    private const byte Format = 1;
    private const int HeaderOffset = 1 + sizeof(ushort);

    private readonly byte[] _content;
    private readonly int _keyOffset;
    private readonly int _bodyOffset;

    private CompactJwe(byte[] content, int headerLength, int keyLength, string keyId)
    {
        _content = content;
        _keyOffset = HeaderOffset + headerLength + sizeof(ushort);
        _bodyOffset = _keyOffset + keyLength;
        KeyId = keyId;
    }

    /// <summary>Which sealing key it says it is for. What else is in the header has no meaning here.</summary>
    public string KeyId { get; }

    /// <summary>As it is kept.</summary>
    internal ReadOnlySpan<byte> Content => _content;

    internal ReadOnlySpan<byte> EncryptedKey => _content.AsSpan(_keyOffset, _bodyOffset - _keyOffset);

    /// <summary>Takes apart what a client sent. Nothing of it is decrypted, and nothing of it is repeated in the failure.</summary>
    public static Result<CompactJwe> Parse(ReadOnlySpan<byte> ascii)
    {
        Span<Range> parts = stackalloc Range[6];
        if (Split(ascii, parts) != 5 || parts[0].GetOffsetAndLength(ascii.Length).Length > MaxHeaderLength)
        {
            return Malformed;
        }

        // RFC 7518 §5.3: the ciphertext of AES-GCM is as long as the plaintext.
        if (StrictBase64Url.DecodedLength(ascii[parts[3]].Length) > ValueRules.MaxBytes)
        {
            return Failure.Invalid("variable.value_too_large", $"A value has at most {ValueRules.MaxBytes} bytes in UTF-8; this one has more.");
        }

        if (!CheckHeader(ascii[parts[0]]).TryGet(out var keyId, out var failure))
        {
            return failure;
        }

        return StrictBase64Url.TryDecode(ascii[parts[1]], out var key) && key.Length is > 0 and <= MaxKeyBytes
            && StrictBase64Url.TryDecode(ascii[parts[2]], out var nonce) && nonce.Length == AesGcmSizes.Nonce
            && StrictBase64Url.TryDecode(ascii[parts[3]], out var ciphertext)
            && StrictBase64Url.TryDecode(ascii[parts[4]], out var tag) && tag.Length == AesGcmSizes.Tag
            ? Of(ascii[parts[0]], keyId, key, nonce, ciphertext, tag)
            : Malformed;
    }

    /// <summary>From how it is kept; null where that is not what it is.</summary>
    internal static CompactJwe? Read(byte[] content)
    {
        if (content.Length < HeaderOffset || content[0] != Format)
        {
            return null;
        }

        var headerLength = BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(1));
        var keyOffset = HeaderOffset + headerLength + sizeof(ushort);
        if (content.Length < keyOffset)
        {
            return null;
        }

        var keyLength = BinaryPrimitives.ReadUInt16BigEndian(content.AsSpan(keyOffset - sizeof(ushort)));
        return content.Length >= keyOffset + keyLength + AesGcmSizes.Nonce + AesGcmSizes.Tag
            && CheckHeader(content.AsSpan(HeaderOffset, headerLength)).TryGet(out var keyId, out _)
            ? new CompactJwe(content, headerLength, keyLength, keyId)
            : null;
    }

    /// <summary>
    /// The content key under a private key (RFC 7518 §4.3). Where there is none, one that opens nothing: whoever may write values is not to see what of
    /// theirs is wrong, and where (RFC 7516 §11.5).
    /// </summary>
    internal byte[] UnwrapContentKey(RSA key)
    {
        var contentKey = GC.AllocateUninitializedArray<byte>(AesGcmSizes.Key, pinned: true);
        try
        {
            if (key.TryDecrypt(EncryptedKey, contentKey, RSAEncryptionPadding.OaepSHA256, out var length) && length == contentKey.Length)
            {
                return contentKey;
            }
        }
        catch (CryptographicException)
        {
            // As where it is a key of another length.
        }

        RandomNumberGenerator.Fill(contentKey);
        return contentKey;
    }

    /// <summary>
    /// With the content key at hand, the same as any sealed value: the header is its additional data. Whether it opens, opening it shows.
    /// </summary>
    internal SealedValue ToSealedValue(ReadOnlySpan<byte> contentKey) => new(
        new AesGcm(contentKey, AesGcmSizes.Tag),
        _content.AsMemory(_bodyOffset),
        _content[HeaderOffset..(_keyOffset - sizeof(ushort))]);

    private static int Split(ReadOnlySpan<byte> ascii, Span<Range> parts)
    {
        var count = 0;
        foreach (var part in ascii.Split((byte)'.'))
        {
            if (count == parts.Length)
            {
                return count;
            }

            parts[count++] = part;
        }

        return count;
    }

    private static CompactJwe Of(
        ReadOnlySpan<byte> header, string keyId, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag)
    {
        var lengths = new byte[2 * sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(lengths, (ushort)header.Length);
        BinaryPrimitives.WriteUInt16BigEndian(lengths.AsSpan(sizeof(ushort)), (ushort)key.Length);
        byte[] content = [Format, .. lengths.AsSpan(0, sizeof(ushort)), .. header, .. lengths.AsSpan(sizeof(ushort)), .. key, .. nonce, .. ciphertext, .. tag];
        return new CompactJwe(content, header.Length, key.Length, keyId);
    }

    /// <summary>The key id of a header in which nothing is that is not understood (RFC 7516 §4, RFC 7515 §4.1.11).</summary>
    private static Result<string> CheckHeader(ReadOnlySpan<byte> base64Url)
    {
        if (!StrictBase64Url.TryDecode(base64Url, out var json) || UntrustedJson.TryParseObject(json) is not { } header)
        {
            return Malformed;
        }

        foreach (var member in header.EnumerateObject())
        {
            if (member.Name is not ("alg" or "enc" or "kid" or "cty" or "typ") || member.Value.ValueKind != JsonValueKind.String)
            {
                return HeaderUnsupported;
            }
        }

        if (!Has(header, "alg", Algorithm) || !Has(header, "enc", Encryption))
        {
            return AlgorithmUnsupported;
        }

        return header.TryGetProperty("kid", out var kid) && kid.GetString() is { Length: > 0 } keyId ? keyId : SealingKeys.KeyUnknown;
    }

    private static bool Has(JsonElement header, string name, string value) => header.TryGetProperty(name, out var member) && member.ValueEquals(value);

    private static Failure Malformed { get; } = Failure.Invalid(
        "sealed_value.malformed", "'sealedValue' is a JWE in compact serialization: five parts in base64url, separated by dots.");

    private static Failure HeaderUnsupported { get; } = Failure.Invalid(
        "sealed_value.header_unsupported", "The header of a sealed value has 'alg', 'enc' and 'kid', may have 'cty' and 'typ', and has nothing else; all of them are strings.");

    private static Failure AlgorithmUnsupported { get; } = Failure.Invalid(
        "sealed_value.algorithm_unsupported", $"A value is sealed with alg {Algorithm} and enc {Encryption}.");
}
