using System.Text.Json;

namespace SecretFunctions.Providers.Http;

/// <summary>Ways into a JSON answer that has not the form it should: absent and of another type are the same.</summary>
internal static class StoreJson
{
    /// <summary>The value at the end of the path of property names; an undefined element where there is none.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return default;
            }
        }

        return element;
    }

    public static string? AsText(this JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString() : null;

    public static long? AsInteger(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var number) ? number : null;

    public static IEnumerable<JsonElement> AsItems(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];
}
