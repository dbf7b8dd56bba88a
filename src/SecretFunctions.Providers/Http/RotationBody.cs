using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Providers.Http;

/// <summary>What the deliveries of all clouds have in common: they are JSON, and not always of the form their documentation says.</summary>
internal static class RotationBody
{
    /// <summary>A delivery of Event Grid holds at most 5,000 events; no other comes near.</summary>
    public const int MaxEvents = 5000;

    /// <summary>The parser's message quotes the body, so it is not told.</summary>
    public static Result<RotationMessage> Read(ReadOnlyMemory<byte> json, Func<JsonElement, Result<RotationMessage>> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (JsonException)
        {
            return Malformed("The body is not valid JSON in UTF-8.");
        }
    }

    public static Failure Malformed(string detail) => Failure.Invalid("event.malformed", detail);

    public static Failure TooMany { get; } = Failure.Invalid("event.too_many", $"A delivery holds at most {MaxEvents} events.");

    /// <summary>A member's text whatever spaces stand around its name or value, which Key Vault's own samples have; null where there is none.</summary>
    public static string? Text(this JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var member in element.EnumerateObject())
        {
            if (member.Name.AsSpan().Trim().SequenceEqual(name) && member.Value.AsText()?.Trim() is { Length: > 0 } text)
            {
                return text;
            }
        }

        return null;
    }
}
