using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// Reads a public JWK (RFC 7517) as strictly as a key deserves: what is wrong is named by its member, never by its content. Members that are
/// not known are passed over (§4).
/// </summary>
internal static class RecipientKey
{
    public const int MinRsaBits = 2048;
    public const int MaxRsaBits = 8192;

    /// <summary>It comes back in the header.</summary>
    private const int MaxKeyIdLength = 256;

    private const uint MinExponent = 65537;

    /// <summary>Private halves (RFC 7518 §6.2.2, §6.3.2) and symmetric keys (§6.4).</summary>
    private static readonly string[] Private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    public static Result<Recipient> Parse(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object)
        {
            return Invalid("'sealTo' is a JWK: a JSON object.");
        }

        // Half a character in a name or text would be found only by whoever looks at it.
        if (UntrustedJson.TryParseObject(JsonMarshal.GetRawUtf8Value(jwk).ToArray()) is not { } strict)
        {
            return Invalid("A member of 'sealTo' occurs twice, or is no valid Unicode.");
        }

        jwk = strict;
        if (Private.Any(name => jwk.TryGetProperty(name, out _)))
        {
            return Failure.Invalid("seal_to.private_key", "'sealTo' holds a private key. Send the public half alone, and replace this key: it has been where it does not belong.");
        }

        if (!Text(jwk, "kid", MaxKeyIdLength).TryGet(out var keyId, out var failure) || !Text(jwk, "kty").TryGet(out var type, out failure))
        {
            return failure;
        }

        return type.Value switch
        {
            "RSA" => CheckPurpose(jwk, CompactJwe.Algorithm, ["encrypt", "wrapKey"]) is { } unfit ? unfit : ParseRsa(jwk, keyId.Value),
            "EC" => CheckPurpose(jwk, Recipient.KeyAgreement, ["deriveKey", "deriveBits"]) is { } unfit ? unfit : ParseEllipticCurve(jwk, keyId.Value),
            _ => Failure.Invalid("seal_to.key_unsupported", "The 'kty' of 'sealTo' is RSA or EC."),
        };
    }

    /// <summary>What a key says it is for (RFC 7517 §4.2 to §4.4) has to fit. In a public key of ECDH-ES <c>key_ops</c> is commonly empty.</summary>
    private static Failure? CheckPurpose(JsonElement jwk, string algorithm, string[] operations)
    {
        if (!Text(jwk, "alg").TryGet(out var alg, out var failure) || !Text(jwk, "use").TryGet(out var use, out failure))
        {
            return failure;
        }

        if (alg.Value is not null && alg.Value != algorithm)
        {
            return Failure.Invalid("seal_to.key_unsupported", $"The 'alg' of 'sealTo' is {algorithm} with a key of this type, or is left out.");
        }

        if (use.Value is not (null or "enc"))
        {
            return Failure.Invalid("seal_to.key_unsupported", "The 'use' of 'sealTo' is enc, or is left out.");
        }

        if (!jwk.TryGetProperty("key_ops", out var found))
        {
            return null;
        }

        if (found.ValueKind != JsonValueKind.Array || found.EnumerateArray().Any(static operation => operation.ValueKind != JsonValueKind.String))
        {
            return Invalid("The 'key_ops' of 'sealTo' is a list of strings.");
        }

        var isUsable = found.EnumerateArray().Any(operation => operations.Any(operation.ValueEquals));
        return isUsable || (algorithm == Recipient.KeyAgreement && found.GetArrayLength() == 0)
            ? null
            : Failure.Invalid("seal_to.key_unsupported", $"The 'key_ops' of 'sealTo' has {string.Join(" or ", operations)} in it, or is left out.");
    }

    private static Result<Recipient> ParseRsa(JsonElement jwk, string? keyId)
    {
        if (!Number(jwk, "n").TryGet(out var modulus, out var failure) || !Number(jwk, "e").TryGet(out var exponent, out failure))
        {
            return failure;
        }

        var bits = (8 * modulus.Length) - byte.LeadingZeroCount(modulus[0]);
        if (bits is < MinRsaBits or > MaxRsaBits || modulus[^1] % 2 == 0)
        {
            return Failure.Invalid("seal_to.key_weak", $"The RSA key of 'sealTo' has {MinRsaBits} to {MaxRsaBits} bits, and an odd modulus.");
        }

        if (exponent.Length > sizeof(uint) || ExponentOf(exponent) is var value && (value < MinExponent || value % 2 == 0))
        {
            return Failure.Invalid("seal_to.key_weak", $"The RSA key of 'sealTo' has an odd exponent of {MinExponent} or more, in at most 4 bytes.");
        }

        return new RsaRecipient(new RSAParameters { Modulus = modulus, Exponent = exponent }, keyId);
    }

    private static Result<Recipient> ParseEllipticCurve(JsonElement jwk, string? keyId)
    {
        if (!Text(jwk, "crv").TryGet(out var name, out var failure))
        {
            return failure;
        }

        if (name.Value is null || EllipticCurve.Find(name.Value) is not { } curve)
        {
            return Failure.Invalid("seal_to.key_unsupported", "The 'crv' of 'sealTo' is P-256, P-384 or P-521.");
        }

        if (!Bytes(jwk, "x").TryGet(out var x, out failure) || !Bytes(jwk, "y").TryGet(out var y, out failure))
        {
            return failure;
        }

        if (x.Length != curve.CoordinateBytes || y.Length != curve.CoordinateBytes)
        {
            return Invalid($"The coordinates of a point on {curve.Name} have {curve.CoordinateBytes} bytes each, leading zeros included.");
        }

        var point = new ECPoint { X = x, Y = y };
        try
        {
            // The platform takes no point that is not on the curve (NIST SP 800-56A §5.6.2.3.3); these curves have no other subgroup.
            ECDiffieHellman.Create(new ECParameters { Curve = curve.Curve, Q = point }).Dispose();
            return new EllipticCurveRecipient(curve, point, keyId);
        }
        catch (CryptographicException)
        {
            return Invalid($"'x' and 'y' are no point on {curve.Name}.");
        }
    }

    private static uint ExponentOf(ReadOnlySpan<byte> exponent)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        exponent.CopyTo(bytes[^exponent.Length..]);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>Base64urlUInt (RFC 7518 §2): no leading zeros.</summary>
    private static Result<byte[]> Number(JsonElement jwk, string name) =>
        Bytes(jwk, name).TryGet(out var bytes, out var failure) ? bytes is [> 0, ..] ? bytes : Invalid($"The '{name}' of 'sealTo' has no leading zeros.") : failure;

    private static Result<byte[]> Bytes(JsonElement jwk, string name) =>
        Text(jwk, name).TryGet(out var text, out var failure)
            ? text.Value is not null && StrictBase64Url.TryDecode(text.Value, out var bytes) ? bytes : Invalid($"The '{name}' of 'sealTo' is a string in base64url without padding.")
            : failure;

    /// <summary>A string, or null where there is none.</summary>
    private static Result<(string? Value, bool Ok)> Text(JsonElement jwk, string name, int maxLength = int.MaxValue)
    {
        if (!jwk.TryGetProperty(name, out var member))
        {
            return (null, true);
        }

        return member.ValueKind == JsonValueKind.String && member.GetString() is { } text && text.Length <= maxLength
            ? (text, true)
            : Invalid($"The '{name}' of 'sealTo' is a string{(maxLength < int.MaxValue ? $" of at most {maxLength} characters" : "")}.");
    }

    private static Failure Invalid(string detail) => Failure.Invalid("seal_to.invalid", detail);
}
