using System.Buffers.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using SecretFunctions.Core;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>
/// A Key Vault key that signs without leaving its vault, as the identity this service runs as: two requests on Azure.Core's pipeline, which
/// repeats them and carries the token. The identity needs Get and Sign on keys (role "Key Vault Crypto User").
/// </summary>
public sealed partial class KeyVaultSigningKey : IRemoteSigningKey
{
    private const string ApiVersion = "api-version=7.4";
    private const string Override = "entra";

    private readonly Uri _address;
    private readonly HttpPipeline _pipeline;

    /// <param name="address">Of the key, without a version.</param>
    /// <param name="http">Its rules hold for the vault; an override of Entra ID's address is heeded.</param>
    public KeyVaultSigningKey(Uri address, ProviderHttp http)
        : this(address, http, AzureIdentities.ServiceIdentity)
    {
    }

    /// <summary>For tests: a service's identity needs a machine in Azure.</summary>
    internal KeyVaultSigningKey(Uri address, ProviderHttp http, Func<Uri, TokenCredential> identity)
    {
        _address = address;
        var cloud = AzureCloud.Of(address.IdnHost) ?? AzureCloud.Public;
        var options = new SigningOptions { Transport = new HttpClientTransport(http.CreateHandler()) };
        _pipeline = HttpPipelineBuilder.Build(
            options, new BearerTokenAuthenticationPolicy(identity(http.EndpointOverride(Override) ?? cloud.Authority), cloud.Scope));
    }

    public string Address => _address.AbsoluteUri;

    /// <summary>Whether a setting can be the address of a key: in a vault of a known cloud, or at a host that the operator named.</summary>
    public static bool IsAddress(string text, ProviderHttpOptions options)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || address.Scheme != Uri.UriSchemeHttps || address.UserInfo.Length > 0 || address.AbsoluteUri != text || !KeyPath().IsMatch(address.PathAndQuery + address.Fragment))
        {
            return false;
        }

        return (AzureCloud.Of(address.IdnHost) is not null && address.IsDefaultPort) || AddressGuard.For(options).IsNamed(address);
    }

    public async Task<Result<RemoteKeyVersion>> GetNewestAsync(CancellationToken cancellationToken) =>
        (await GetAsync(Address, cancellationToken)).TryGet(out var key, out var failure) ? key : failure;

    public async Task<Result<ISigner>> OpenAsync(string version, CancellationToken cancellationToken) =>
        (await GetAsync($"{Address}/{version}", cancellationToken)).TryGet(out var key, out var failure)
            ? Result.Of<ISigner>(new Signer(this, key))
            : failure;

    private async Task<Result<RemoteKeyVersion>> GetAsync(string url, CancellationToken cancellationToken)
    {
        using var message = CreateMessage(RequestMethod.Get, url);
        if (await SendAsync(message, "reading the signing key", cancellationToken) is { } failure)
        {
            return failure;
        }

        using var document = Parse(message.Response);
        return document?.RootElement.At("key") is { } key
            && key.At("kty").AsText() is "RSA" or "RSA-HSM"
            && document.RootElement.At("attributes", "enabled").ValueKind != JsonValueKind.False
            && key.At("kid").AsText()?.Split('/') is [.., var version]
            && VersionName().IsMatch(version)
            && Decode(key.At("n").AsText()) is { Length: >= 256 } modulus
            && Decode(key.At("e").AsText()) is { Length: > 0 } exponent
                ? new RemoteKeyVersion(version, new RsaPublicKey(modulus, exponent))
                : Unusable("The key in Key Vault is no enabled RSA key of 2048 bits or more.");
    }

    private async Task<Result<byte[]>> SignAsync(string version, ReadOnlyMemory<byte> digest, CancellationToken cancellationToken)
    {
        using var message = CreateMessage(RequestMethod.Post, $"{Address}/{version}/sign");
        message.Request.Headers.SetValue("Content-Type", "application/json");
        message.Request.Content = RequestContent.Create(SignRequest(digest.Span));
        if (await SendAsync(message, "signing", cancellationToken) is { } failure)
        {
            return failure;
        }

        using var document = Parse(message.Response);
        return document is not null && Decode(document.RootElement.At("value").AsText()) is { } signature
            ? signature
            : Unusable("Key Vault answered signing in a form that its API does not have.");
    }

    private HttpMessage CreateMessage(RequestMethod method, string url)
    {
        var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri($"{url}?{ApiVersion}"));
        message.Request.Headers.SetValue("Accept", "application/json");
        return message;
    }

    /// <summary>Null where the answer is a success. Nothing of what the vault says but its error's code goes further.</summary>
    private async Task<Failure?> SendAsync(HttpMessage message, string what, CancellationToken cancellationToken)
    {
        try
        {
            await _pipeline.SendAsync(message, cancellationToken);
        }
        catch (Exception exception) when (TransportFailure.From(exception) is not null)
        {
            return Unusable(TransportFailure.From(exception)!.Detail);
        }
        catch (AuthenticationFailedException)
        {
            return Unusable("Azure gave this service's own identity no token.");
        }

        var response = message.Response;
        if (response.Status is >= 200 and < 300)
        {
            return null;
        }

        using var document = Parse(response);
        var error = document?.RootElement.At("error") ?? default;
        return Unusable($"Key Vault answered {what} with status {response.Status}.") with
        {
            ProviderCode = error.At("innererror", "code").AsText() ?? error.At("code").AsText(),
        };
    }

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

    private static JsonDocument? Parse(Response response)
    {
        try
        {
            return JsonDocument.Parse(response.Content);
        }
        catch (JsonException)
        {
            return null; // Its message quotes the body.
        }
    }

    private static byte[]? Decode(string? text) => text is not null && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;

    [GeneratedRegex(@"^/keys/[0-9a-zA-Z-]{1,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPath();

    [GeneratedRegex(@"^[0-9a-zA-Z]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionName();

    /// <summary>One version of the key.</summary>
    private sealed class Signer(KeyVaultSigningKey key, RemoteKeyVersion version) : ISigner
    {
        public RsaPublicKey PublicKey => version.PublicKey;

        public Task<Result<byte[]>> SignAsync(ReadOnlyMemory<byte> digest, CancellationToken cancellationToken) =>
            key.SignAsync(version.Version, digest, cancellationToken);
    }

    /// <summary>A kickoff waits behind a signature: quick repeats.</summary>
    private sealed class SigningOptions : ClientOptions
    {
        public SigningOptions()
        {
            Retry.Mode = RetryMode.Exponential;
            Retry.MaxRetries = 3;
            Retry.Delay = TimeSpan.FromMilliseconds(200);
            Retry.MaxDelay = TimeSpan.FromSeconds(5);
            Retry.NetworkTimeout = TimeSpan.FromSeconds(10);
            Diagnostics.IsLoggingContentEnabled = false;
            Diagnostics.IsTelemetryEnabled = false;
        }
    }
}
