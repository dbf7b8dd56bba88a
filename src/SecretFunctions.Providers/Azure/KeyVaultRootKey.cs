using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure.Core;
using SecretFunctions.Core.Vault;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>
/// A root key that never leaves its Key Vault: RSA-OAEP-256, wrapped and unwrapped there, as the identity this service runs as. The identity
/// needs Wrap Key and Unwrap Key (role "Key Vault Crypto Service Encryption User").
/// </summary>
/// <remarks>
/// <code>
/// offset  bytes  field of what is wrapped
///      0      1  format version, 2 (a file's key has 1)
///      1      1  n, from 1 to 64
///      2      n  the version of the key that wrapped, in ASCII
///    2+n         RSA-OAEP-256, as long as that version's modulus
/// </code>
/// So a version that is rotated away goes on unwrapping what it wrapped, for as long as it is enabled. The version is no secret and needs no
/// proof: with another one put in its place nothing unwraps.
/// </remarks>
public sealed class KeyVaultRootKey : IRootKey
{
    private const byte Format = 2;
    private const int HeaderBytes = 2;
    private const int MaxIdLength = 128;

    private readonly KeyVaultKeyClient _client;
    private readonly string? _version;

    /// <param name="key">With a version, that one wraps; without, whichever is current at the time.</param>
    /// <param name="restoredFrom">The address of the key that this one is a restored copy of: stored keys are known by that one. Else null.</param>
    /// <param name="http">Its rules hold for the vault; an override of Entra ID's address is heeded.</param>
    public KeyVaultRootKey(KeyVaultKeyAddress key, KeyVaultKeyAddress? restoredFrom, ProviderHttp http)
        : this(key, restoredFrom, http, AzureIdentities.ServiceIdentity)
    {
    }

    /// <summary>For tests: a service's identity needs a machine in Azure.</summary>
    internal KeyVaultRootKey(KeyVaultKeyAddress key, KeyVaultKeyAddress? restoredFrom, ProviderHttp http, Func<Uri, TokenCredential> identity)
    {
        _client = new KeyVaultKeyClient(key.Key, http, identity);
        _version = key.Version;
        Id = IdOf((restoredFrom ?? key).Key);
    }

    public string Id { get; }

    public string Kind => "key-vault";

    public async Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken)
    {
        var request = Request(plaintext.Span);
        try
        {
            var answer = await _client.PostAsync(_version, "wrapkey", request, cancellationToken);
            ThrowIfRefused(answer, "wrap", _version);
            using var document = answer.Parse();
            return document?.RootElement.At("kid").AsText()?.Split('/') is [.., var version]
                && KeyVaultKeyAddress.IsVersion(version)
                && Decode(document.RootElement.At("value")) is { } ciphertext
                    ? [Format, (byte)version.Length, .. Encoding.ASCII.GetBytes(version), .. ciphertext]
                    : throw Foreign();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(request);
        }
    }

    public async Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
    {
        var version = ReadVersion(wrapped.Span);
        var answer = await _client.PostAsync(version, "unwrapkey", Request(wrapped.Span[(HeaderBytes + version.Length)..]), cancellationToken);
        ThrowIfRefused(answer, "unwrap", version);
        try
        {
            using var document = answer.Parse();
            return document is not null && Decode(document.RootElement.At("value")) is { } plaintext ? plaintext : throw Foreign();
        }
        finally
        {
            answer.Clear();
        }
    }

    /// <summary>Names are compared without case in a vault. The vault's name belongs to it: every deployment's key may be called the same.</summary>
    private static string IdOf(Uri key)
    {
        var name = $"key-vault:{key.Authority}{key.AbsolutePath["/keys".Length..]}".ToLowerInvariant();
        return name.Length <= MaxIdLength ? name : $"key-vault:{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(name)))}";
    }

    public string VersionOf(ReadOnlySpan<byte> wrapped) => ReadVersion(wrapped);

    private static string ReadVersion(ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length > HeaderBytes && wrapped[0] == Format && wrapped.Length > HeaderBytes + wrapped[1])
        {
            var version = Encoding.ASCII.GetString(wrapped.Slice(HeaderBytes, wrapped[1]));
            if (KeyVaultKeyAddress.IsVersion(version))
            {
                return version;
            }
        }

        throw new RootKeyException("A wrapped key is not in a format that a root key in Key Vault reads: another root key wrapped it, or the data was changed.");
    }

    private static byte[] Request(ReadOnlySpan<byte> value)
    {
        // One piece of JSON without anything to escape, so that no buffer but this one holds the key.
        var start = """{"alg":"RSA-OAEP-256","value":"""u8;
        var request = GC.AllocateUninitializedArray<byte>(start.Length + Base64Url.GetEncodedLength(value.Length) + 3, pinned: true);
        start.CopyTo(request);
        request[start.Length] = (byte)'"';
        Base64Url.EncodeToUtf8(value, request.AsSpan(start.Length + 1));
        "\"}"u8.CopyTo(request.AsSpan(^2..));
        return request;
    }

    /// <summary>Without a string on the way, which nobody could overwrite.</summary>
    private static byte[]? Decode(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        var text = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        if (!Base64Url.IsValid(text, out var length) || length == 0)
        {
            return null;
        }

        var decoded = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        Base64Url.DecodeFromUtf8(text, decoded);
        return decoded;
    }

    /// <summary>The vault is not named: who asks whether the service is ready sees these sentences too.</summary>
    private void ThrowIfRefused(KeyVaultAnswer answer, string what, string? version)
    {
        if (answer.Unanswered is { } why)
        {
            throw Unusable(why.Replace(new Uri(_client.Address).IdnHost, "the vault", StringComparison.Ordinal));
        }

        if (answer.IsSuccess)
        {
            return;
        }

        var code = answer.ErrorCode();
        throw (answer.Status, code) switch
        {
            (401, _) => Unusable("the vault does not accept this service's identity, because it trusts another directory."),
            (403, "ForbiddenByFirewall" or "ForbiddenByConnection") => Unusable("the vault's network rules keep this service out."),
            (403, "KeyDisabled") => Unusable($"{Named(version)} is disabled; enable it again."),
            (403, "KeyExpired" or "KeyNotYetValid") => Unusable($"{Named(version)} has expired or is not valid yet."),
            (403, "KeyOperationForbidden") => Unusable($"the key's permitted operations lack {what}Key."),
            (403, _) => Unusable($"this service's identity may not {what} with it; give it the role \"Key Vault Crypto Service Encryption User\" on the key."),
            (404, _) when what == "wrap" => Unusable($"{Named(version)} is not in the vault."),
            (404, _) => Unusable($"it has no version {version}, which stored keys need: this is another key or vault than they were wrapped with, or the version was deleted."),
            (400, _) when what == "unwrap" => Unusable("it does not open a key that is stored, because the data was changed."),
            (429, _) => Unusable("the vault is throttling requests."),
            _ => Unusable($"the vault answered with status {answer.Status}{(code is null ? "" : $" ({code})")}."),
        };
    }

    private static string Named(string? version) => version is null ? "its current version" : $"its version {version}";

    private static RootKeyException Foreign() => Unusable("the vault answered in a form that its API does not have.");

    private static RootKeyException Unusable(string why) => new($"The root key in Key Vault cannot be used: {why}");
}
