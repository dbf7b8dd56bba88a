using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Providers.Http;

/// <summary>One answer of a store, complete. Disposing it clears the bytes, which may hold secrets.</summary>
internal sealed class StoreAnswer(HttpResponseMessage response, TimeSpan? retryAfter) : IDisposable
{
    public int Status => (int)response.StatusCode;

    public bool IsSuccess => response.IsSuccessStatusCode;

    /// <summary>How long the store asks us to stay away.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Conjur: the values in the body are base64. Only the answer tells whether the store understood that we asked for it.</summary>
    public bool HasBase64Values => response.Content.Headers.ContentEncoding.Contains("base64", StringComparer.OrdinalIgnoreCase);

    /// <summary>Not to be used after this is disposed.</summary>
    public ReadOnlyMemory<byte> Body => ((BoundedContent)response.Content).Bytes;

    /// <summary>Null where the body is no JSON (a proxy's page, an empty 401). The document does not outlive this.</summary>
    public JsonDocument? TryParse()
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            return null; // Its message quotes the body.
        }
    }

    /// <summary>A part of the JSON body as it stands, without a string made of it; null where it is not there.</summary>
    /// <param name="pointer">RFC 6901.</param>
    public SecretValue? TryExtract(string pointer) =>
        JsonFieldSelector.TryParse(pointer, out var selector) && selector.Extract(Body.Span).TryGet(out var value, out _) ? value : null;

    public void Dispose() => response.Dispose();
}
