using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SecretFunctions.Core.Issuer;

/// <summary>A signature of something that stands elsewhere: <c>HEADER..SIGNATURE</c>, RS256 (RFC 7515 appendix F).</summary>
internal static class DetachedSignature
{
    /// <param name="type">What is signed (RFC 7515 §4.1.9): no signature for one thing is one for another.</param>
    public static async Task<Result<string>> MakeAsync(ISigner signer, string type, byte[] content, CancellationToken cancellationToken)
    {
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"alg":"RS256","typ":"{{type}}","kid":"{{signer.PublicKey.KeyId}}"}"""));
        var digest = Digest(header, content);
        if (!(await signer.SignAsync(digest, cancellationToken)).TryGet(out var signature, out var failure))
        {
            return failure;
        }

        return signer.PublicKey.Verifies(digest, signature)
            ? $"{header}..{Base64Url.EncodeToString(signature)}"
            : new Failure(FailureKind.Unavailable, "issuer.signature_invalid", "The signing key's vault gave a signature that is not this key's.");
    }

    /// <summary>Whether it is one of these keys' signature of the content; null where its key is none of them.</summary>
    public static bool? Verify(string text, string type, byte[] content, IEnumerable<RsaPublicKey> keys)
    {
        if (KeyIdOf(text, type) is not { } keyId || text.Split('.') is not [var header, "", var signature] || !Base64Url.IsValid(signature))
        {
            return false;
        }

        return keys.FirstOrDefault(key => key.KeyId == keyId)?.Verifies(Digest(header, content), Base64Url.DecodeFromChars(signature));
    }

    /// <summary>The key that it names; null where it is no signature of this type. Whether it is that key's is not looked at.</summary>
    public static string? KeyIdOf(string text, string type)
    {
        if (text.Split('.') is not [var header, "", _] || !Base64Url.IsValid(header))
        {
            return null;
        }

        try
        {
            using var parsed = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
            return parsed.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("typ", out var typ) && typ.ValueKind == JsonValueKind.String && typ.GetString() == type
                && root.TryGetProperty("kid", out var kid) && kid.ValueKind == JsonValueKind.String
                ? kid.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static byte[] Digest(string header, byte[] content) => SHA256.HashData(Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(content)}"));
}
