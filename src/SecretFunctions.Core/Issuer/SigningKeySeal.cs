using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Issuer;

/// <summary>Private keys at rest: PKCS#8 under a fresh AES-256-GCM key, which the root key wraps.</summary>
/// <remarks>
/// <code>
/// offset  bytes  field of Sealed
///      0      1  format version, 1
///      1     12  nonce
///     13      n  PKCS#8, encrypted
///   13+n     16  tag
/// </code>
/// A data key encrypts one private key, so its random nonce cannot repeat. Key id and purpose are additional data of the encryption, and are
/// wrapped beside the data key, since root keys in a cloud take no additional data: a sealed key opens as itself and nothing else.
/// </remarks>
internal static class SigningKeySeal
{
    private const string Label = "secretfunctions.signing-key.v1";
    private const byte Format = 1;
    private const int HeaderBytes = 1 + AesGcmSizes.Nonce;
    private const int OverheadBytes = HeaderBytes + AesGcmSizes.Tag;

    public static async Task<SealedPrivateKey> SealAsync(IRootKey root, string keyId, ReadOnlyMemory<byte> pkcs8, CancellationToken cancellationToken)
    {
        var bound = GC.AllocateUninitializedArray<byte>(AesGcmSizes.Key + SHA256.HashSizeInBytes, pinned: true);
        try
        {
            RandomNumberGenerator.Fill(bound.AsSpan(0, AesGcmSizes.Key));
            Binding(keyId).CopyTo(bound, AesGcmSizes.Key);
            return new SealedPrivateKey(root.Id, await root.WrapAsync(bound, cancellationToken), Encrypt(bound.AsSpan(0, AesGcmSizes.Key), keyId, pkcs8.Span));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    /// <exception cref="RootKeyException">Another root key sealed it, it belongs to another key id, or it was changed.</exception>
    public static async Task<LocalSigner> OpenAsync(IRootKey root, string keyId, SealedPrivateKey stored, CancellationToken cancellationToken)
    {
        var bound = await root.UnwrapAsync(stored.DataKey, cancellationToken);
        try
        {
            ThrowUnlessBound(bound, keyId);
            var signer = Decrypt(bound.AsSpan(0, AesGcmSizes.Key), keyId, stored.Sealed);
            return signer.PublicKey.KeyId == keyId ? signer : throw Foreign();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    /// <summary>The same data key under another root key. What it encrypts is not touched.</summary>
    /// <exception cref="RootKeyException">Another root key sealed it, it belongs to another key id, or it was changed.</exception>
    public static async Task<SealedPrivateKey> RewrapAsync(IRootKey from, IRootKey to, string keyId, SealedPrivateKey stored, CancellationToken cancellationToken)
    {
        var bound = await from.UnwrapAsync(stored.DataKey, cancellationToken);
        try
        {
            ThrowUnlessBound(bound, keyId);
            return stored with { RootKeyId = to.Id, DataKey = await to.WrapAsync(bound, cancellationToken) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bound);
        }
    }

    private static void ThrowUnlessBound(byte[] bound, string keyId)
    {
        if (bound.Length != AesGcmSizes.Key + SHA256.HashSizeInBytes
            || !CryptographicOperations.FixedTimeEquals(bound.AsSpan(AesGcmSizes.Key), Binding(keyId)))
        {
            throw Foreign();
        }
    }

    private static byte[] Encrypt(ReadOnlySpan<byte> dataKey, string keyId, ReadOnlySpan<byte> pkcs8)
    {
        var sealedKey = new byte[OverheadBytes + pkcs8.Length];
        sealedKey[0] = Format;
        var nonce = sealedKey.AsSpan(1, AesGcmSizes.Nonce);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(dataKey, AesGcmSizes.Tag);
        aes.Encrypt(nonce, pkcs8, sealedKey.AsSpan(HeaderBytes, pkcs8.Length), sealedKey.AsSpan(HeaderBytes + pkcs8.Length), AssociatedData(keyId));
        return sealedKey;
    }

    private static LocalSigner Decrypt(ReadOnlySpan<byte> dataKey, string keyId, ReadOnlySpan<byte> sealedKey)
    {
        if (sealedKey.Length < OverheadBytes || sealedKey[0] != Format)
        {
            throw new RootKeyException("A stored signing key is not in a format this version reads.");
        }

        var pkcs8 = GC.AllocateUninitializedArray<byte>(sealedKey.Length - OverheadBytes, pinned: true);
        using var aes = new AesGcm(dataKey, AesGcmSizes.Tag);
        try
        {
            aes.Decrypt(sealedKey.Slice(1, AesGcmSizes.Nonce), sealedKey[HeaderBytes..^AesGcmSizes.Tag], sealedKey[^AesGcmSizes.Tag..], pkcs8, AssociatedData(keyId));
            return new LocalSigner(pkcs8);
        }
        catch (CryptographicException)
        {
            throw Foreign();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    private static byte[] Binding(string keyId) => SHA256.HashData(AssociatedData(keyId));

    /// <summary>No key id holds a line end: it is a thumbprint in base64url.</summary>
    private static byte[] AssociatedData(string keyId) => Encoding.UTF8.GetBytes($"{Label}\n{keyId}");

    private static RootKeyException Foreign() => new("A stored signing key belongs to another key id or purpose: the store was changed by hand.");
}
