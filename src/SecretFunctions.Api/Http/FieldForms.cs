using System.Text.Json;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Api.Http;

/// <summary>A provider's or cloud's own fields on the wire.</summary>
internal static class FieldForms
{
    /// <summary>Fields are kept as text; a number goes out as the number it came as.</summary>
    public static Dictionary<string, JsonElement> ToJson(IReadOnlyList<ProviderField>? fields, IReadOnlyDictionary<string, string> values)
    {
        var numbers = fields?.Where(static field => field.Type == FieldType.Integer).Select(static field => field.Name).ToArray() ?? [];
        return values.ToDictionary(
            static value => value.Key,
            value => numbers.Contains(value.Key) ? JsonElement.Parse(value.Value) : Text(value.Value));
    }

    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text, JsonBody.TypeOf<string>());
}
