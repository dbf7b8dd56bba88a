using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Tokens;

/// <summary>
/// A JWK set (RFC 7517), as far as it can be used. A key is for one kind of algorithm, and for a single one where it says so: a token does not choose
/// how its signature is read. Immutable.
/// </summary>
internal sealed class KeySet
{
    /// <summary>No issuer has as many; what follows is not looked at.</summary>
    private const int MaxKeys = 100;

    private const int MinModulusBytes = 2048 / 8;

    /// <summary>Checking a signature gets slower with the square of it.</summary>
    private const int MaxModulusBytes = 8192 / 8;

    private readonly Dictionary<(string Id, string Kind), (SecurityKey Key, string? Algorithm)> _keys = [];

    private KeySet()
    {
    }

    /// <summary>Null where there is no such key, or it is for another algorithm.</summary>
    public SecurityKey? Find(string id, string algorithm) =>
        KindOf(algorithm) is { } kind && _keys.TryGetValue((id, kind), out var found) && (found.Algorithm is null || found.Algorithm == algorithm)
            ? found.Key
            : null;

    /// <summary>Null where the document is no key set at all. Keys of other kinds, for other uses, or too weak to trust are passed over.</summary>
    public static KeySet? Read(JsonElement document)
    {
        if (document.At("keys").ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var set = new KeySet();
        foreach (var key in document.At("keys").AsItems().Take(MaxKeys))
        {
            if (key.At("use").AsText() is null or "sig"
                && key.At("kid").AsText() is { } id
                && (ReadRsa(key, id) ?? ReadCurve(key, id)) is var (kind, usable))
            {
                set._keys[(id, kind)] = (usable, key.At("alg").AsText());
            }
        }

        return set;
    }

    /// <summary>RFC 7518 §3.1; each curve has one algorithm (§3.4).</summary>
    private static string? KindOf(string algorithm) => algorithm switch
    {
        "RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" => "RSA",
        "ES256" => "P-256",
        "ES384" => "P-384",
        _ => null,
    };

    private static (string Kind, SecurityKey Key)? ReadRsa(JsonElement key, string id) =>
        key.At("kty").AsText() == "RSA"
        && Bytes(key, "n") is { Length: >= MinModulusBytes and <= MaxModulusBytes } modulus
        && Bytes(key, "e") is { } exponent
        && IsExponent(exponent)
            ? ("RSA", new JsonWebKey { Kty = "RSA", Kid = id, N = Base64Url.EncodeToString(modulus), E = Base64Url.EncodeToString(exponent) })
            : null;

    private static (string Kind, SecurityKey Key)? ReadCurve(JsonElement key, string id)
    {
        if (key.At("kty").AsText() != "EC" || key.At("crv").AsText() is not ("P-256" or "P-384") || key.At("crv").AsText() is not { } curve)
        {
            return null;
        }

        // RFC 7518 §6.2.1.2: exactly as long as the curve's numbers are.
        var length = curve == "P-256" ? 32 : 48;
        return Bytes(key, "x") is { } x && Bytes(key, "y") is { } y && x.Length == length && y.Length == length
            ? (curve, new JsonWebKey { Kty = "EC", Crv = curve, Kid = id, X = Base64Url.EncodeToString(x), Y = Base64Url.EncodeToString(y) })
            : null;
    }

    /// <summary>Odd, more than one, and short: with one any signature fits, and a long one makes every check a long calculation.</summary>
    private static bool IsExponent(ReadOnlySpan<byte> exponent)
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        if (exponent.Length is 0 or > sizeof(ulong))
        {
            return false;
        }

        exponent.CopyTo(number[^exponent.Length..]);
        var value = BinaryPrimitives.ReadUInt64BigEndian(number);
        return value >= 3 && (value & 1) == 1;
    }

    private static byte[]? Bytes(JsonElement key, string name) =>
        key.At(name).AsText() is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
