using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>
/// One key of a vault, as the identity this service runs as: requests on Azure.Core's pipeline, which repeats them and carries the token.
/// Safe for concurrent use.
/// </summary>
internal sealed class KeyVaultKeyClient
{
    private const string ApiVersion = "api-version=7.4";
    private const string Override = "entra";

    private readonly HttpPipeline _pipeline;

    /// <param name="key">Without a version.</param>
    /// <param name="http">Its rules hold for the vault; an override of Entra ID's address is heeded.</param>
    /// <param name="identity">From the address of Entra ID.</param>
    public KeyVaultKeyClient(Uri key, ProviderHttp http, Func<Uri, TokenCredential> identity)
    {
        Address = key.AbsoluteUri;
        var cloud = AzureCloud.Of(key.IdnHost) ?? AzureCloud.Public;
        var options = new KeyOptions { Transport = new HttpClientTransport(http.CreateHandler()) };
        _pipeline = HttpPipelineBuilder.Build(
            options, new BearerTokenAuthenticationPolicy(identity(http.EndpointOverride(Override) ?? cloud.Authority), cloud.Scope));
    }

    /// <summary>Without a version.</summary>
    public string Address { get; }

    public Task<KeyVaultAnswer> GetAsync(string? version, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Get, version, null, null, cancellationToken);

    /// <param name="version">Null for the current one.</param>
    /// <param name="operation">The last part of the path.</param>
    /// <param name="body">JSON.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<KeyVaultAnswer> PostAsync(string? version, string operation, byte[] body, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Post, version, operation, body, cancellationToken);

    private async Task<KeyVaultAnswer> SendAsync(
        RequestMethod method, string? version, string? operation, byte[]? body, CancellationToken cancellationToken)
    {
        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri($"{string.Join('/', new[] { Address, version, operation }.OfType<string>())}?{ApiVersion}"));
        message.Request.Headers.SetValue("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.SetValue("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }

        try
        {
            await _pipeline.SendAsync(message, cancellationToken);
        }
        catch (Exception exception) when (TransportFailure.From(exception) is not null)
        {
            return KeyVaultAnswer.None(TransportFailure.From(exception)!.Detail);
        }
        catch (AuthenticationFailedException)
        {
            return KeyVaultAnswer.None("Azure gave this service's own identity no token.");
        }

        // Buffered, so that it outlives the message.
        return new KeyVaultAnswer(message.Response.Status, message.Response.Content.ToMemory());
    }

    /// <summary>A kickoff waits behind a signature or a key: quick repeats.</summary>
    private sealed class KeyOptions : ClientOptions
    {
        public KeyOptions()
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

/// <summary>What a vault said of a key, or why it said nothing.</summary>
internal sealed class KeyVaultAnswer(int status, ReadOnlyMemory<byte> body)
{
    public int Status => status;

    public bool IsSuccess => status is >= 200 and < 300;

    public ReadOnlyMemory<byte> Body => body;

    /// <summary>Why there is no answer; null where there is one.</summary>
    public string? Unanswered { get; private init; }

    public static KeyVaultAnswer None(string why) => new(0, default) { Unanswered = why };

    /// <summary>Null where it is no JSON.</summary>
    public JsonDocument? Parse()
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null; // Its message quotes the body.
        }
    }

    /// <summary>Nothing of what a vault says of a refusal but this goes further.</summary>
    public string? ErrorCode()
    {
        using var document = Parse();
        var error = document?.RootElement.At("error") ?? default;
        return error.At("innererror", "code").AsText() ?? error.At("code").AsText();
    }

    /// <summary>Overwrites what was received: where it holds a key, its buffer must not go back to be used for something else.</summary>
    public void Clear()
    {
        if (MemoryMarshal.TryGetArray(body, out var buffer))
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
