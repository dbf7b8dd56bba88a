using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>RS256 tokens (RFC 7519) as the doubles make and check them; independent of the libraries the product uses.</summary>
public static class TestJwt
{
    public static string Sign(JsonObject header, JsonObject claims, RSA key) => Sign(header, claims, key, HashAlgorithmName.SHA256);

    /// <summary>With another hash than SHA-256, as RS384 and RS512 have it.</summary>
    public static string Sign(JsonObject header, JsonObject claims, RSA key, HashAlgorithmName hash)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), hash, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>With an HMAC, which nobody must take for a signature.</summary>
    public static string SignWithSecret(JsonObject header, JsonObject claims, byte[] secret)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>With an empty signature.</summary>
    public static string Unsigned(JsonObject header, JsonObject claims) => $"{Encode(header)}.{Encode(claims)}.";

    /// <summary>Header and claims, unverified; null where the text is no token.</summary>
    public static (JsonObject Header, JsonObject Claims)? Read(string token)
    {
        var parts = token.Split('.');
        return parts.Length == 3 && Decode(parts[0]) is { } header && Decode(parts[1]) is { } claims ? (header, claims) : null;
    }

    /// <param name="padding">By default that of RS256; PSS is that of PS256.</param>
    public static bool IsSignedBy(string token, RSA key, RSASignaturePadding? padding = null)
    {
        var dot = token.LastIndexOf('.');
        return Base64Url.IsValid(token.AsSpan(dot + 1)) && key.VerifyData(
            Encoding.ASCII.GetBytes(token[..dot]),
            Base64Url.DecodeFromChars(token.AsSpan(dot + 1)),
            HashAlgorithmName.SHA256,
            padding ?? RSASignaturePadding.Pkcs1);
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static JsonObject? Decode(string part)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;
        }
        catch (Exception exception) when (exception is FormatException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
