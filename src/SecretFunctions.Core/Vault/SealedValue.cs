using System.Security.Cryptography;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// A value still sealed, with its data key at hand: what a warm instance keeps in memory. Safe for concurrent use. Opening it costs one
/// AES-GCM decryption (about half a microsecond) and no allocation.
/// </summary>
public sealed class SealedValue : IDisposable
{
    private readonly AesGcm _aes;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly byte[] _associatedData;

    internal SealedValue(AesGcm aes, ReadOnlyMemory<byte> body, byte[] associatedData)
    {
        _aes = aes;
        _body = body;
        _associatedData = associatedData;
    }

    /// <summary>
    /// Several values sealed again as one, in their order and without a gap, so that opening them together costs one decryption. Null where
    /// one of them does not authenticate.
    /// </summary>
    /// <remarks>The key exists in this object alone and seals this once, so its nonce cannot repeat.</remarks>
    internal static SealedValue? Join(IReadOnlyList<SealedValue> values)
    {
        var length = values.Sum(static value => value.Length);
        var plaintext = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        Span<byte> key = stackalloc byte[AesGcmSizes.Key];
        try
        {
            var used = 0;
            foreach (var value in values)
            {
                if (!value.TryOpen(plaintext.AsSpan(used, value.Length)))
                {
                    return null;
                }

                used += value.Length;
            }

            RandomNumberGenerator.Fill(key);
            var body = new byte[AesGcmSizes.Nonce + length + AesGcmSizes.Tag];
            var nonce = body.AsSpan(0, AesGcmSizes.Nonce);
            RandomNumberGenerator.Fill(nonce);
            var aes = new AesGcm(key, AesGcmSizes.Tag);
            aes.Encrypt(nonce, plaintext, body.AsSpan(AesGcmSizes.Nonce, length), body.AsSpan(AesGcmSizes.Nonce + length));
            return new SealedValue(aes, body, []);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Of the plaintext, in bytes.</summary>
    public int Length => _body.Length - AesGcmSizes.Nonce - AesGcmSizes.Tag;

    /// <summary>
    /// Writes the plaintext, which the caller clears. False, with nothing written, where the value does not authenticate.
    /// </summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public bool TryOpen(Span<byte> destination)
    {
        var body = _body.Span;
        try
        {
            // The platform's cipher context takes one caller at a time.
            lock (_aes)
            {
                _aes.Decrypt(
                    body[..AesGcmSizes.Nonce],
                    body[AesGcmSizes.Nonce..^AesGcmSizes.Tag],
                    body[^AesGcmSizes.Tag..],
                    destination[..Length],
                    _associatedData);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();
}
