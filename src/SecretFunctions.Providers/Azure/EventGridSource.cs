using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>Events of Key Vault from Event Grid, in its own schema (an array) or as CloudEvents (one, or a batch).</summary>
public sealed class EventGridSource : IRotationSource
{
    private const string Validation = "Microsoft.EventGrid.SubscriptionValidationEvent";

    /// <summary>After each of these a read answers otherwise. A secret that nears its expiry is still the same.</summary>
    private static readonly string[] Changes =
    [
        "Microsoft.KeyVault.SecretNewVersionCreated",
        "Microsoft.KeyVault.SecretExpired",
        "Microsoft.KeyVault.CertificateNewVersionCreated", // its secret of the same name changes with it
        "Microsoft.KeyVault.CertificateExpired",
    ];

    public string Name => "azure-event-grid";

    public IReadOnlyList<string> MediaTypes { get; } = ["application/json", "application/cloudevents+json", "application/cloudevents-batch+json"];

    public Result<RotationMessage> Parse(ReadOnlyMemory<byte> json) => RotationBody.Read(json, static body =>
    {
        JsonElement[] events = body.ValueKind == JsonValueKind.Array ? [.. body.EnumerateArray()] : [body];
        if (events.Length > RotationBody.MaxEvents)
        {
            return RotationBody.TooMany;
        }

        var hints = new List<RotationHint>();
        RotationHandshake? handshake = null;
        foreach (var one in events)
        {
            if (TypeOf(one) is not { } type || one.At("data").ValueKind != JsonValueKind.Object)
            {
                return RotationBody.Malformed("Each event has 'eventType' and 'data' (Event Grid's schema), or 'type' and 'data' (CloudEvents).");
            }

            if (type.Equals(Validation, StringComparison.OrdinalIgnoreCase))
            {
                handshake = one.At("data").Text("validationCode") is { } code ? new RotationHandshake(code, StoreOf(SourceOf(one))) : handshake;
            }
            else if (Changes.Contains(type, StringComparer.OrdinalIgnoreCase) && HintOf(one) is { } hint)
            {
                hints.Add(hint);
            }
        }

        return new RotationMessage(hints) { Handshake = handshake };
    });

    private static string? TypeOf(JsonElement one) => one.Text("eventType") ?? one.Text("type");

    private static string? SourceOf(JsonElement one) => one.Text("topic") ?? one.Text("source");

    /// <summary>By the versioned address where there is one; its last part, the version, is not looked at.</summary>
    private static KeyVaultHint? HintOf(JsonElement one)
    {
        var data = one.At("data");
        if (Uri.TryCreate(data.Text("Id") ?? data.Text("id"), UriKind.Absolute, out var id)
            && id.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["secrets" or "certificates", var name, ..])
        {
            return new KeyVaultHint(id.Authority, name);
        }

        var vault = data.Text("VaultName") ?? StoreOf(SourceOf(one))?.Vault;
        return vault is not null && (data.Text("ObjectName") ?? one.Text("subject")) is { } named ? new KeyVaultHint(vault, named) : null;
    }

    /// <summary>From <c>/subscriptions/…/providers/Microsoft.KeyVault/vaults/NAME</c>.</summary>
    private static KeyVaultHint? StoreOf(string? resource) =>
        resource?.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["subscriptions", _, _, _, "providers", var provider, var kind, var vault]
        && provider.Equals("Microsoft.KeyVault", StringComparison.OrdinalIgnoreCase)
        && kind.Equals("vaults", StringComparison.OrdinalIgnoreCase)
            ? new KeyVaultHint(vault, null)
            : null;
}
