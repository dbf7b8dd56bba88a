using System.Text.Json;
using Azure;

namespace SecretFunctions.Storage.Tables;

/// <summary>What the service says went wrong, whether in a plain answer or inside a batch.</summary>
/// <param name="Status">The HTTP status; the inner one for a batch.</param>
/// <param name="Code">Such as <c>EntityAlreadyExists</c>; empty where the service gave none.</param>
/// <param name="Index">In a batch, the operation that failed.</param>
internal sealed record TableError(int Status, string Code, int Index)
{
    /// <summary>Null for a success.</summary>
    public static TableError? From(Response response) => response.Status switch
    {
        202 => BatchResponse.Parse(response.Content).Error,
        < 400 => null,
        var status => new TableError(status, Header(response) ?? Parse(response.Content).Code, 0),
    };

    /// <summary>Reads <c>{"odata.error":{"code":…,"message":{"value":"0:…"}}}</c>.</summary>
    /// <returns>Empty code and index 0 where the body is something else: proxies answer in HTML, authentication in XML.</returns>
    public static (string Code, int Index) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("odata.error", out var error)
                || error.ValueKind != JsonValueKind.Object)
            {
                return ("", 0);
            }

            var code = error.TryGetProperty("code", out var c) && c.ValueKind == JsonValueKind.String ? c.GetString()! : "";
            var message = error.TryGetProperty("message", out var m) && m.ValueKind == JsonValueKind.Object
                && m.TryGetProperty("value", out var v) && v.ValueKind == JsonValueKind.String
                ? v.GetString()!
                : "";

            // "1:The specified entity already exists." names the second operation of a batch.
            var colon = message.IndexOf(':', StringComparison.Ordinal);
            return (code, colon > 0 && int.TryParse(message.AsSpan(0, colon), out var index) && index >= 0 ? index : 0);
        }
        catch (JsonException)
        {
            return ("", 0);
        }
    }

    private static string? Header(Response response) =>
        response.Headers.TryGetValue("x-ms-error-code", out var code) ? code : null;
}
