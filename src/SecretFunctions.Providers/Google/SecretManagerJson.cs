using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace SecretFunctions.Providers.Google;

/// <summary>A value as Secret Manager sends it. The bytes are zeroed when this is disposed.</summary>
internal sealed class AccessedSecret : IDisposable
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("payload")]
    public AccessedPayload? Payload { get; set; }

    public void Dispose() => CryptographicOperations.ZeroMemory(Payload?.Data);
}

internal sealed class AccessedPayload
{
    /// <summary>Base64 on the wire, decoded by the reader without a string in between. Absent where the value is empty (proto3).</summary>
    [JsonPropertyName("data")]
    public byte[]? Data { get; set; }

    /// <summary>A 64-bit integer, which proto3 writes as a string.</summary>
    [JsonPropertyName("dataCrc32c")]
    public string? Checksum { get; set; }

    /// <summary>True too where there is no checksum: the service adds one to every version made since 2021.</summary>
    public bool IsIntact =>
        Checksum is null
        || (long.TryParse(Checksum, NumberStyles.None, CultureInfo.InvariantCulture, out var sum) && sum == Crc32C.Of(Data));
}

internal sealed class SecretVersion
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    [JsonPropertyName("state")]
    public string? State { get; set; }
}

internal sealed class SecretPage
{
    [JsonPropertyName("secrets")]
    public IReadOnlyList<NamedSecret>? Secrets { get; set; }

    [JsonPropertyName("nextPageToken")]
    public string? NextPageToken { get; set; }
}

internal sealed class NamedSecret
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }
}

internal sealed class ErrorAnswer
{
    [JsonPropertyName("error")]
    public ErrorStatus? Error { get; set; }
}

internal sealed class ErrorStatus
{
    [JsonPropertyName("status")]
    public string? Status { get; set; }

    [JsonPropertyName("message")]
    public string? Message { get; set; }

    /// <summary>Of several kinds; the one with a reason is google.rpc.ErrorInfo.</summary>
    [JsonPropertyName("details")]
    public IReadOnlyList<ErrorDetail>? Details { get; set; }

    public string? Reason => Details?.FirstOrDefault(detail => detail?.Reason is not null)?.Reason;
}

internal sealed class ErrorDetail
{
    [JsonPropertyName("reason")]
    public string? Reason { get; set; }
}

[JsonSerializable(typeof(AccessedSecret))]
[JsonSerializable(typeof(SecretVersion))]
[JsonSerializable(typeof(SecretPage))]
[JsonSerializable(typeof(ErrorAnswer))]
internal sealed partial class SecretManagerJson : JsonSerializerContext;
