using System.Buffers.Binary;
using System.Security.Cryptography;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// The format of a sealed value: a fresh data key, wrapped by an organization key, and the value under the data key. AES-256-GCM for both.
/// </summary>
/// <remarks>
/// <code>
/// offset  bytes  field
///      0      1  format version, 1
///      1      4  version of the organization key, big endian
///      5     12  nonce of the data key
///     17     32  data key, encrypted
///     49     16  tag of the data key
///     65     12  nonce of the value
///     77      n  value, encrypted
///   77+n     16  tag of the value
/// </code>
/// Both nonces are random. A data key encrypts one value, so its nonce cannot repeat; an organization key wraps one data key
/// per written value, and once more for each that is stored when it takes over, far below the 2^32 invocations of NIST SP 800-38D §8.3. Test
/// vectors: tests/vectors/vault.json.
/// </remarks>
public static class Envelope
{
    internal const string WrapLabel = "secretfunctions.data-key.v1";
    internal const string ValueLabel = "secretfunctions.value.v1";

    internal const int HeaderBytes = DataKeyTagOffset + AesGcmSizes.Tag;
    internal const int OverheadBytes = HeaderBytes + AesGcmSizes.Nonce + AesGcmSizes.Tag;

    private const byte Format = 1;
    private const int KeyVersionOffset = 1;
    private const int DataKeyNonceOffset = KeyVersionOffset + sizeof(int);
    private const int DataKeyOffset = DataKeyNonceOffset + AesGcmSizes.Nonce;
    private const int DataKeyTagOffset = DataKeyOffset + AesGcmSizes.Key;

    /// <summary>Seals under the organization's current key.</summary>
    public static byte[] Seal(OrganizationKeys keys, in SealContext context, ReadOnlySpan<byte> plaintext)
    {
        Span<byte> randomness = stackalloc byte[AesGcmSizes.Key + AesGcmSizes.Nonce + AesGcmSizes.Nonce];
        RandomNumberGenerator.Fill(randomness);
        try
        {
            return Seal(keys, context, plaintext, randomness);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(randomness);
        }
    }

    /// <summary>With the randomness given, for the test vectors: data key, then its nonce, then the value's nonce.</summary>
    internal static byte[] Seal(OrganizationKeys keys, in SealContext context, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> randomness)
    {
        var dataKey = randomness[..AesGcmSizes.Key];
        var envelope = new byte[OverheadBytes + plaintext.Length];
        envelope[0] = Format;
        randomness[^AesGcmSizes.Nonce..].CopyTo(envelope.AsSpan(HeaderBytes));
        WrapDataKey(keys, context, dataKey, randomness.Slice(AesGcmSizes.Key, AesGcmSizes.Nonce), envelope);

        using var aes = new AesGcm(dataKey, AesGcmSizes.Tag);
        aes.Encrypt(
            envelope.AsSpan(HeaderBytes, AesGcmSizes.Nonce),
            plaintext,
            envelope.AsSpan(HeaderBytes + AesGcmSizes.Nonce, plaintext.Length),
            envelope.AsSpan(envelope.Length - AesGcmSizes.Tag),
            context.Encode(ValueLabel));
        return envelope;
    }

    /// <summary>Which version of the organization key wrapped the data key; null where this is no envelope.</summary>
    public static int? KeyVersionOf(ReadOnlySpan<byte> envelope) =>
        envelope.Length >= OverheadBytes && envelope[0] == Format ? BinaryPrimitives.ReadInt32BigEndian(envelope[KeyVersionOffset..]) : null;

    /// <summary>
    /// The same data key under the organization's current key: the header is new, and everything behind it, the value's nonce, ciphertext and tag,
    /// is copied as it is. Null under the conditions of <see cref="Unwrap"/>.
    /// </summary>
    /// <remarks>
    /// The nonce of the data key is a fresh random one: the key that wraps is another, and the same envelope may be wrapped anew twice by two
    /// instances at once. Additional data stay as they were. What the value's tag authenticates was not touched, so nothing is sealed a second time
    /// under a data key, whose nonce would have to differ then. As long as the old key is kept, a copy of the old header opens as well as the new one.
    /// </remarks>
    public static byte[]? Rewrap(OrganizationKeys keys, in SealContext context, ReadOnlySpan<byte> envelope)
    {
        Span<byte> nonce = stackalloc byte[AesGcmSizes.Nonce];
        RandomNumberGenerator.Fill(nonce);
        return Rewrap(keys, context, envelope, nonce);
    }

    /// <summary>With the nonce given, for the test vectors.</summary>
    internal static byte[]? Rewrap(OrganizationKeys keys, in SealContext context, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> nonce)
    {
        Span<byte> dataKey = stackalloc byte[AesGcmSizes.Key];
        try
        {
            if (!TryUnwrapDataKey(keys, context, envelope, dataKey))
            {
                return null;
            }

            var rewrapped = envelope.ToArray();
            WrapDataKey(keys, context, dataKey, nonce, rewrapped);
            return rewrapped;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>
    /// Unwraps the data key, so that the value can be opened many times without the organization key. Null where the envelope
    /// does not belong to this context or organization, or was changed: which of them, nobody can tell.
    /// </summary>
    public static SealedValue? Unwrap(OrganizationKeys keys, in SealContext context, ReadOnlyMemory<byte> envelope)
    {
        Span<byte> dataKey = stackalloc byte[AesGcmSizes.Key];
        try
        {
            return TryUnwrapDataKey(keys, context, envelope.Span, dataKey)
                ? new SealedValue(new AesGcm(dataKey, AesGcmSizes.Tag), envelope[HeaderBytes..], context.Encode(ValueLabel))
                : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    /// <summary>Opens once. Null under the conditions of <see cref="Unwrap"/>.</summary>
    public static SecretValue? Open(OrganizationKeys keys, in SealContext context, ReadOnlyMemory<byte> envelope)
    {
        using var sealedValue = Unwrap(keys, context, envelope);
        if (sealedValue is null)
        {
            return null;
        }

        var plaintext = GC.AllocateUninitializedArray<byte>(sealedValue.Length, pinned: true);
        try
        {
            return sealedValue.TryOpen(plaintext) ? new SecretValue(plaintext) : null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Writes the whole header but the format, under the current key.</summary>
    private static void WrapDataKey(OrganizationKeys keys, in SealContext context, ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> nonce, Span<byte> envelope)
    {
        BinaryPrimitives.WriteInt32BigEndian(envelope[KeyVersionOffset..], keys.CurrentVersion);
        nonce.CopyTo(envelope[DataKeyNonceOffset..]);
        using var wrap = keys.CreateWrap(keys.CurrentVersion)!;
        wrap.Encrypt(
            nonce, dataKey, envelope.Slice(DataKeyOffset, AesGcmSizes.Key), envelope.Slice(DataKeyTagOffset, AesGcmSizes.Tag), context.Encode(WrapLabel));
    }

    private static bool TryUnwrapDataKey(OrganizationKeys keys, in SealContext context, ReadOnlySpan<byte> envelope, Span<byte> dataKey)
    {
        using var wrap = KeyVersionOf(envelope) is { } version ? keys.CreateWrap(version) : null;
        if (wrap is null)
        {
            return false;
        }

        try
        {
            wrap.Decrypt(
                envelope.Slice(DataKeyNonceOffset, AesGcmSizes.Nonce),
                envelope.Slice(DataKeyOffset, AesGcmSizes.Key),
                envelope.Slice(DataKeyTagOffset, AesGcmSizes.Tag),
                dataKey,
                context.Encode(WrapLabel));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
