using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>The key that ECDH-ES agrees on (RFC 7518 §4.6.2): one round of the Concat KDF of NIST SP 800-56A with SHA-256.</summary>
internal static class ConcatKdf
{
    /// <summary>Of what one round yields; no algorithm of ours needs a second one.</summary>
    private const int MaxKeyBits = 256;

    /// <param name="algorithm">What the key is for: with direct agreement, <c>enc</c>.</param>
    /// <param name="partyU">The producer, as the header's <c>apu</c> has it; empty where there is none.</param>
    /// <param name="partyV">The recipient, the same with <c>apv</c>.</param>
    /// <returns>The key, which the caller clears.</returns>
    public static byte[] Derive(
        ECDiffieHellman own, ECDiffieHellmanPublicKey other, string algorithm, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, int keyBits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyBits, MaxKeyBits);

        // SHA-256(counter || Z || AlgorithmID || PartyUInfo || PartyVInfo || SuppPubInfo), each info behind its length. The platform puts the
        // shared secret, as long as the curve's field, between what is before and what is after it, and shows it to nobody.
        var id = Encoding.ASCII.GetBytes(algorithm);
        byte[] info = [.. Number(id.Length), .. id, .. Number(partyU.Length), .. partyU, .. Number(partyV.Length), .. partyV, .. Number(keyBits)];
        var digest = own.DeriveKeyFromHash(other, HashAlgorithmName.SHA256, secretPrepend: Number(1), secretAppend: info);
        try
        {
            return digest[..(keyBits / 8)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(digest);
        }
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
