using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Google;

/// <summary>Notifications of Secret Manager, pushed by Pub/Sub (wrapped, which is its default).</summary>
public sealed class PubSubSource : IRotationSource
{
    /// <summary>A rotation that is wished for has not happened yet, and that a topic was set up is no change.</summary>
    private static readonly string[] NoChange = ["SECRET_ROTATE", "TOPIC_CONFIGURED"];

    public string Name => "gcp-pubsub";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/json"];

    public Result<RotationMessage> Parse(ReadOnlyMemory<byte> json) => RotationBody.Read(json, static body =>
    {
        var message = body.At("message");
        if (message.ValueKind != JsonValueKind.Object || body.Text("subscription") is not { } subscription)
        {
            return RotationBody.Malformed("A Pub/Sub delivery has 'message' and 'subscription'. Leave payload unwrapping off.");
        }

        var attributes = message.At("attributes");
        var hint = SecretManagerHint.Of(attributes.Text("secretId")) ?? SecretManagerHint.Of(NameIn(message.At("data")));
        var isChange = hint is not null && attributes.Text("eventType") is { } type && !NoChange.Contains(type, StringComparer.Ordinal);
        return new RotationMessage(isChange ? [hint!] : []) { Subscription = subscription };
    });

    /// <summary>The resource's name in the JSON that the message carries as base64; null where there is none.</summary>
    private static string? NameIn(JsonElement data)
    {
        if (data.ValueKind != JsonValueKind.String || !data.TryGetBytesFromBase64(out var bytes))
        {
            return null;
        }

        try
        {
            using var resource = JsonDocument.Parse(bytes);
            return resource.RootElement.At("name").AsText();
        }
        catch (JsonException)
        {
            return null; // A message of another kind.
        }
    }
}
