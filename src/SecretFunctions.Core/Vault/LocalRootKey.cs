using System.Security.Cryptography;

namespace SecretFunctions.Core.Vault;

/// <summary>A root key held in this process: AES-256-GCM. Safe for concurrent use.</summary>
/// <remarks>
/// Layout of what is wrapped: version byte, 12-byte nonce, ciphertext, 16-byte tag. Nonces are random: a root key wraps a handful of keys per
/// organization, far below the 2^32 invocations of NIST SP 800-38D §8.3.
/// </remarks>
public sealed class LocalRootKey : IRootKey, IDisposable
{
    public const int KeyBytes = 32;

    private const byte Version = 1;
    private const int HeaderBytes = 1 + AesGcmSizes.Nonce;

    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(KeyBytes, pinned: true);
    private volatile bool _disposed;

    /// <summary>Copies the key; the caller clears its own buffer.</summary>
    public LocalRootKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"A root key has {KeyBytes} bytes.", nameof(key));
        }

        key.CopyTo(_key);

        // An identifier derived one-way, under a label of its own: it tells two keys apart and helps nobody find either.
        Span<byte> id = stackalloc byte[8];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, id, salt: default, "secretfunctions.root-key-id.v1"u8);
        Id = $"file:{Convert.ToHexStringLower(id)}";
    }

    public string Id { get; }

    public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
    {
        var wrapped = new byte[HeaderBytes + plaintext.Length + AesGcmSizes.Tag];
        wrapped[0] = Version;
        RandomNumberGenerator.Fill(wrapped.AsSpan(1, AesGcmSizes.Nonce));
        using var aes = CreateCipher();
        aes.Encrypt(
            wrapped.AsSpan(1, AesGcmSizes.Nonce),
            plaintext.Span,
            wrapped.AsSpan(HeaderBytes, plaintext.Length),
            wrapped.AsSpan(HeaderBytes + plaintext.Length),
            "secretfunctions.root-wrap.v1"u8);
        return Task.FromResult(wrapped);
    }

    public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
    {
        var span = wrapped.Span;
        if (span.Length < HeaderBytes + AesGcmSizes.Tag || span[0] != Version)
        {
            throw new RootKeyException("A wrapped key is not in a format this version reads.");
        }

        var plaintext = GC.AllocateUninitializedArray<byte>(span.Length - HeaderBytes - AesGcmSizes.Tag, pinned: true);
        using var aes = CreateCipher();
        try
        {
            aes.Decrypt(
                span.Slice(1, AesGcmSizes.Nonce),
                span[HeaderBytes..^AesGcmSizes.Tag],
                span[^AesGcmSizes.Tag..],
                plaintext,
                "secretfunctions.root-wrap.v1"u8);
        }
        catch (AuthenticationTagMismatchException exception)
        {
            throw new RootKeyException($"Root key {Id} does not open a key that is stored: it is another root key, or the data was changed.", exception);
        }

        return Task.FromResult(plaintext);
    }

    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_key);
    }

    private AesGcm CreateCipher()
    {
        // Asked after the key was copied: disposed meanwhile, it may have been the copy of zeros.
        var aes = new AesGcm(_key, AesGcmSizes.Tag);
        if (_disposed)
        {
            aes.Dispose();
            throw new ObjectDisposedException(nameof(LocalRootKey));
        }

        return aes;
    }
}
