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
/// per written value, far below the 2^32 invocations of NIST SP 800-38D §8.3. Test vectors: tests/vectors/vault.json.
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
        BinaryPrimitives.WriteInt32BigEndian(envelope.AsSpan(KeyVersionOffset), keys.CurrentVersion);
        randomness.Slice(AesGcmSizes.Key, AesGcmSizes.Nonce).CopyTo(envelope.AsSpan(DataKeyNonceOffset));
        randomness[^AesGcmSizes.Nonce..].CopyTo(envelope.AsSpan(HeaderBytes));

        using (var wrap = keys.CreateWrap(keys.CurrentVersion)!)
        {
            wrap.Encrypt(
                envelope.AsSpan(DataKeyNonceOffset, AesGcmSizes.Nonce),
                dataKey,
                envelope.AsSpan(DataKeyOffset, AesGcmSizes.Key),
                envelope.AsSpan(DataKeyTagOffset, AesGcmSizes.Tag),
                context.Encode(WrapLabel));
        }

        using var aes = new AesGcm(dataKey, AesGcmSizes.Tag);
        aes.Encrypt(
            envelope.AsSpan(HeaderBytes, AesGcmSizes.Nonce),
            plaintext,
            envelope.AsSpan(HeaderBytes + AesGcmSizes.Nonce, plaintext.Length),
            envelope.AsSpan(envelope.Length - AesGcmSizes.Tag),
            context.Encode(ValueLabel));
        return envelope;
    }

    /// <summary>
    /// Unwraps the data key, so that the value can be opened many times without the organization key. Null where the envelope
    /// does not belong to this context or organization, or was changed: which of them, nobody can tell.
    /// </summary>
    public static SealedValue? Unwrap(OrganizationKeys keys, in SealContext context, ReadOnlyMemory<byte> envelope)
    {
        var span = envelope.Span;
        if (span.Length < OverheadBytes || span[0] != Format)
        {
            return null;
        }

        using var wrap = keys.CreateWrap(BinaryPrimitives.ReadInt32BigEndian(span[KeyVersionOffset..]));
        if (wrap is null)
        {
            return null;
        }

        Span<byte> dataKey = stackalloc byte[AesGcmSizes.Key];
        try
        {
            wrap.Decrypt(
                span.Slice(DataKeyNonceOffset, AesGcmSizes.Nonce),
                span.Slice(DataKeyOffset, AesGcmSizes.Key),
                span.Slice(DataKeyTagOffset, AesGcmSizes.Tag),
                dataKey,
                context.Encode(WrapLabel));
            return new SealedValue(new AesGcm(dataKey, AesGcmSizes.Tag), envelope[HeaderBytes..], context.Encode(ValueLabel));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
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
}
