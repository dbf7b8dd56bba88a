using System.Buffers.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.WorkloadIdentity.Doctor;

/// <summary>A JWK set (RFC 7517) as somebody found it, held against a token.</summary>
internal static class PublishedKeys
{
    private const int MaxNamed = 5;

    /// <summary>Null where the token's key is among them.</summary>
    public static Failure? Check(ReadOnlyMemory<byte> body, string keyId, Uri address)
    {
        if (UntrustedJson.TryParseObject(body) is not { } set || !set.TryGetProperty("keys", out var keys) || keys.ValueKind != JsonValueKind.Array)
        {
            return Unfit("issuer.keys_malformed", $"What {address} answers is no key set: a JSON object with 'keys'.", "Something else answers at this address, or something in between changes the answer.");
        }

        var all = keys.EnumerateArray().ToArray();
        if (all.FirstOrDefault(key => Text(key, "kid") == keyId) is not { ValueKind: JsonValueKind.Object } found)
        {
            return Unfit(
                "issuer.key_missing",
                $"The token names the key {keyId}, and the key set at {address} does not have it: {Describe(all)}.",
                "Something in between keeps an old copy: let it keep answers for no more than the five minutes they allow. Or another deployment answers at this address.");
        }

        // Our key ids are the keys' own thumbprints (RFC 7638), so another key under this id is found out by its id.
        return Text(found, "kty") == "RSA" && Bytes(found, "n") is { } modulus && Bytes(found, "e") is { } exponent && new RsaPublicKey(modulus, exponent).KeyId == keyId
            ? null
            : Unfit(
                "issuer.key_differs",
                $"The key set at {address} has another key under the id {keyId} than the one the token is signed with.",
                "Whoever answers at this address is not this service. Find out who it is before any cloud trusts this issuer.");
    }

    private static string Describe(JsonElement[] keys) => keys.Length == 0
        ? "it is empty"
        : $"it has {string.Join(", ", keys.Take(MaxNamed).Select(static key => Shorten(Text(key, "kid"))))}{(keys.Length > MaxNamed ? ", …" : "")}";

    /// <summary>Somebody else may have written it.</summary>
    internal static string Shorten(string? text)
    {
        const int longest = 200;
        return text is null ? "(nothing)" : new string([.. text.Take(longest).Select(static letter => char.IsControl(letter) ? '?' : letter)]);
    }

    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static Failure Unfit(string code, string detail, string hint) => new(FailureKind.Unresolved, code, detail) { Hint = hint };

    private static byte[]? Bytes(JsonElement key, string name) =>
        Text(key, name) is { Length: > 0 } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}
