using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace SecretFunctions.Core.Issuer;

/// <summary>The public half of a key of ours: all that is published of it. Immutable.</summary>
/// <param name="Modulus">Big endian, without leading zeros.</param>
/// <param name="Exponent">The same.</param>
public sealed record RsaPublicKey(byte[] Modulus, byte[] Exponent)
{
    /// <summary>The key's name everywhere: its JWK thumbprint (RFC 7638), which nobody can choose.</summary>
    public string KeyId { get; } = Thumbprint(Modulus, Exponent);

    public int Bits => Modulus.Length * 8;

    /// <summary>As a JWK has it (RFC 7518 §6.3.1).</summary>
    public string N => Base64Url.EncodeToString(Modulus);

    /// <summary>As a JWK has it.</summary>
    public string E => Base64Url.EncodeToString(Exponent);

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).</summary>
    public bool Verifies(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = Modulus, Exponent = Exponent });
        return rsa.VerifyHash(digest, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static string Thumbprint(byte[] modulus, byte[] exponent)
    {
        // The required members and nothing else, in this order, without white space (RFC 7638 §3.2).
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("e"u8, Base64Url.EncodeToString(exponent));
            writer.WriteString("kty"u8, "RSA"u8);
            writer.WriteString("n"u8, Base64Url.EncodeToString(modulus));
            writer.WriteEndObject();
        }

        return Base64Url.EncodeToString(SHA256.HashData(buffer.WrittenSpan));
    }
}
