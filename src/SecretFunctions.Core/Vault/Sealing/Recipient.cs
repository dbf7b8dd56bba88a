using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// Whom an answer is sealed to: a caller's public key, and with it a JWE that only they can open. RSA with RSA-OAEP-256 (RFC 7518 §4.3), elliptic
/// curves with ECDH-ES as direct key agreement (§4.6); A256GCM for both. Immutable; safe for concurrent use.
/// </summary>
public abstract class Recipient
{
    public const string KeyAgreement = "ECDH-ES";

    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true };

    private readonly string? _keyId;

    private protected Recipient(string? keyId) => _keyId = keyId;

    /// <summary>A strict look at a JWK (RFC 7517); see <see cref="RecipientKey"/>.</summary>
    public static Result<Recipient> Parse(JsonElement jwk) => RecipientKey.Parse(jwk);

    /// <summary>The compact serialization of a JSON document, sealed: a fresh content key and initialization vector each time.</summary>
    public byte[] SealJson(ReadOnlySpan<byte> json)
    {
        var (contentKey, encryptedKey, ephemeral) = MakeContentKey();
        try
        {
            return Serialize(contentKey, encryptedKey, ephemeral, json);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(contentKey);
        }
    }

    private protected abstract string Algorithm { get; }

    /// <returns>The content key, which the caller clears; its encrypted form, empty with direct agreement; and our half of an agreement.</returns>
    private protected abstract (byte[] ContentKey, byte[] EncryptedKey, EphemeralKey? Ephemeral) MakeContentKey();

    /// <summary>RFC 7516 §5.1, steps 11 to 19.</summary>
    private byte[] Serialize(byte[] contentKey, byte[] encryptedKey, EphemeralKey? ephemeral, ReadOnlySpan<byte> json)
    {
        var header = Base64Url.EncodeToUtf8(Header(ephemeral));
        var nonce = RandomNumberGenerator.GetBytes(AesGcmSizes.Nonce);
        var ciphertext = new byte[json.Length];
        Span<byte> tag = stackalloc byte[AesGcmSizes.Tag];
        using (var aes = new AesGcm(contentKey, AesGcmSizes.Tag))
        {
            aes.Encrypt(nonce, json, ciphertext, tag, header);
        }

        var parts = new ArrayBufferWriter<byte>(header.Length + Base64Url.GetEncodedLength(ciphertext.Length) + 2048);
        parts.Write(header);
        Append(parts, encryptedKey);
        Append(parts, nonce);
        Append(parts, ciphertext);
        Append(parts, tag);
        return parts.WrittenSpan.ToArray();
    }

    private static void Append(ArrayBufferWriter<byte> parts, ReadOnlySpan<byte> part)
    {
        parts.Write("."u8);
        parts.Advance(Base64Url.EncodeToUtf8(part, parts.GetSpan(Base64Url.GetEncodedLength(part.Length))));
    }

    private ReadOnlySpan<byte> Header(EphemeralKey? ephemeral)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("alg"u8, Algorithm);
            writer.WriteString("enc"u8, CompactJwe.Encryption);
            if (_keyId is not null)
            {
                writer.WriteString("kid"u8, _keyId);
            }

            writer.WriteString("cty"u8, "json"u8);
            if (ephemeral is { } key)
            {
                writer.WriteStartObject("epk"u8);
                writer.WriteString("kty"u8, "EC"u8);
                writer.WriteString("crv"u8, key.Curve);
                writer.WriteString("x"u8, Base64Url.EncodeToString(key.Point.X));
                writer.WriteString("y"u8, Base64Url.EncodeToString(key.Point.Y));
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan;
    }
}

internal sealed class RsaRecipient(RSAParameters key, string? keyId) : Recipient(keyId)
{
    private protected override string Algorithm => CompactJwe.Algorithm;

    private protected override (byte[] ContentKey, byte[] EncryptedKey, EphemeralKey? Ephemeral) MakeContentKey()
    {
        var contentKey = GC.AllocateUninitializedArray<byte>(AesGcmSizes.Key, pinned: true);
        RandomNumberGenerator.Fill(contentKey);
        using var rsa = RSA.Create(key);
        return (contentKey, rsa.Encrypt(contentKey, RSAEncryptionPadding.OaepSHA256), null);
    }
}

internal sealed class EllipticCurveRecipient(EllipticCurve curve, ECPoint point, string? keyId) : Recipient(keyId)
{
    private protected override string Algorithm => KeyAgreement;

    private protected override (byte[] ContentKey, byte[] EncryptedKey, EphemeralKey? Ephemeral) MakeContentKey()
    {
        using var theirs = ECDiffieHellman.Create(new ECParameters { Curve = curve.Curve, Q = point });
        using var ours = ECDiffieHellman.Create(curve.Curve);
        using var publicKey = theirs.PublicKey;
        var contentKey = ConcatKdf.Derive(ours, publicKey, CompactJwe.Encryption, [], [], 8 * AesGcmSizes.Key);
        return (contentKey, [], new EphemeralKey(curve.Name, ours.ExportParameters(includePrivateParameters: false).Q));
    }
}

/// <summary>Our half of one agreement (RFC 7518 §4.6.1.1): of a key pair that is used this once.</summary>
internal readonly record struct EphemeralKey(string Curve, ECPoint Point);
