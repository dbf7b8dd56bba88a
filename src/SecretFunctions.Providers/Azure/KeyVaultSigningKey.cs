using System.Buffers.Text;
using System.Text.Json;
using Azure.Core;
using SecretFunctions.Core;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>
/// A Key Vault key that signs without leaving its vault, as the identity this service runs as. The identity needs Get and Sign on keys (role
/// "Key Vault Crypto User").
/// </summary>
public sealed class KeyVaultSigningKey : IRemoteSigningKey
{
    private readonly KeyVaultKeyClient _client;

    /// <param name="address">Of the key, without a version.</param>
    /// <param name="http">Its rules hold for the vault; an override of Entra ID's address is heeded.</param>
    public KeyVaultSigningKey(Uri address, ProviderHttp http)
        : this(address, http, AzureIdentities.ServiceIdentity)
    {
    }

    /// <summary>For tests: a service's identity needs a machine in Azure.</summary>
    internal KeyVaultSigningKey(Uri address, ProviderHttp http, Func<Uri, TokenCredential> identity) =>
        _client = new KeyVaultKeyClient(address, http, identity);

    public string Address => _client.Address;

    /// <summary>Whether a setting can be the address of a key: in a vault of a known cloud, or at a host that the operator named; without a version.</summary>
    public static bool IsAddress(string text, ProviderHttpOptions options) =>
        KeyVaultKeyAddress.TryParse(text, options, out var address) && address.Version is null;

    public async Task<Result<RemoteKeyVersion>> GetNewestAsync(CancellationToken cancellationToken) =>
        (await GetAsync(null, cancellationToken)).TryGet(out var key, out var failure) ? key : failure;

    public async Task<Result<ISigner>> OpenAsync(string version, CancellationToken cancellationToken) =>
        (await GetAsync(version, cancellationToken)).TryGet(out var key, out var failure)
            ? Result.Of<ISigner>(new Signer(this, key))
            : failure;

    private async Task<Result<RemoteKeyVersion>> GetAsync(string? wanted, CancellationToken cancellationToken)
    {
        var answer = await _client.GetAsync(wanted, cancellationToken);
        if (Refusal(answer, "reading the signing key") is { } failure)
        {
            return failure;
        }

        using var document = answer.Parse();
        return document?.RootElement.At("key") is { } key
            && key.At("kty").AsText() is "RSA" or "RSA-HSM"
            && document.RootElement.At("attributes", "enabled").ValueKind != JsonValueKind.False
            && key.At("kid").AsText()?.Split('/') is [.., var version]
            && KeyVaultKeyAddress.IsVersion(version)
            && Decode(key.At("n").AsText()) is { Length: >= 256 } modulus
            && Decode(key.At("e").AsText()) is { Length: > 0 } exponent
                ? new RemoteKeyVersion(version, new RsaPublicKey(modulus, exponent))
                : Unusable("The key in Key Vault is no enabled RSA key of 2048 bits or more.");
    }

    private async Task<Result<byte[]>> SignAsync(string version, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync(version, "sign", SignRequest(digest.Span), cancellationToken);
        if (Refusal(answer, "signing") is { } failure)
        {
            return failure;
        }

        using var document = answer.Parse();
        return document is not null && Decode(document.RootElement.At("value").AsText()) is { } signature
            ? signature
            : Unusable("Key Vault answered signing in a form that its API does not have.");
    }

    /// <summary>Null where the answer is a success.</summary>
    private static Failure? Refusal(KeyVaultAnswer answer, string what) =>
        answer.Unanswered is { } why ? Unusable(why)
        : answer.IsSuccess ? null
        : Unusable($"Key Vault answered {what} with status {answer.Status}.") with { ProviderCode = answer.ErrorCode() };

    private static Failure Unusable(string detail) => new(FailureKind.Unavailable, "issuer.key_unavailable", $"The signing key cannot be used. {detail}")
    {
        Hint = "The service's identity needs Get and Sign on the key: role \"Key Vault Crypto User\", or an access policy; see the vault's network rules too.",
    };

    private static byte[] SignRequest(ReadOnlySpan<byte> digest)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("alg"u8, "RS256"u8);
            writer.WriteString("value"u8, Base64Url.EncodeToString(digest));
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static byte[]? Decode(string? text) => text is not null && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    /// <summary>One version of the key.</summary>
    private sealed class Signer(KeyVaultSigningKey key, RemoteKeyVersion version) : ISigner
    {
        public RsaPublicKey PublicKey => version.PublicKey;

        public Task<Result<byte[]>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) =>
            key.SignAsync(version.Version, digest, cancellationToken);
    }
}
