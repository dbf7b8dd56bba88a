using System.Text.Json;
using System.Text.Json.Nodes;

namespace SecretFunctions.Api.Tests.Operations;

/// <summary>As much of JSON Schema as the document uses, read strictly: a property that is not declared is an error.</summary>
internal sealed class JsonSchema(JsonNode document)
{
    public void Check(JsonNode schema, JsonNode? value, string where)
    {
        while (schema["$ref"] is { } reference)
        {
            schema = document["components"]!["schemas"]![reference.ToString().Split('/')[^1]]!;
        }

        if (schema["oneOf"]?.AsArray() is { Count: > 0 } forms && value is JsonObject known)
        {
            Check(forms.Where(form => Fits(form!, known)).ShouldHaveSingleItem(where)!, value, where);
            return;
        }

        if (schema["type"] is { } type)
        {
            var allowed = type is JsonArray several ? several.Select(static name => name!.ToString()).ToArray() : [type.ToString()];
            TypeOf(value).ShouldBeOneOf(allowed, where);
        }

        switch (value)
        {
            case JsonObject found:
                CheckObject(schema, found, where);
                break;
            case JsonArray items when schema["items"] is { } item:
                foreach (var element in items)
                {
                    Check(item, element, $"{where}[]");
                }

                break;
            case JsonValue when (string?)schema["format"] == "date-time":
                DateTimeOffset.Parse(value.ToString(), System.Globalization.CultureInfo.InvariantCulture).Offset.ShouldBe(TimeSpan.Zero, where);
                break;
        }
    }

    /// <summary>Whether it has what this form requires.</summary>
    private bool Fits(JsonNode schema, JsonObject value)
    {
        while (schema["$ref"] is { } reference)
        {
            schema = document["components"]!["schemas"]![reference.ToString().Split('/')[^1]]!;
        }

        return schema["type"]?.ToString() != "null" && (schema["required"]?.AsArray() ?? []).All(name => value.ContainsKey(name!.ToString()));
    }

    private void CheckObject(JsonNode schema, JsonObject value, string where)
    {
        foreach (var required in schema["required"]?.AsArray() ?? [])
        {
            value.ContainsKey(required!.ToString()).ShouldBeTrue($"{where} lacks {required}");
        }

        foreach (var (name, member) in value)
        {
            if (schema["properties"]?[name] is { } property)
            {
                Check(property, member, $"{where}.{name}");
            }
            else if (schema["properties"] is not null && schema["additionalProperties"] is null)
            {
                Assert.Fail($"{where} has the undeclared property {name}");
            }
        }
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "integer",
        JsonValueKind.String => "string",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
