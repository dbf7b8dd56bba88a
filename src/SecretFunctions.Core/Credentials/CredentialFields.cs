using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Credentials;

/// <summary>Holds what was sent against the fields a provider declares. Everything that is wrong is named at once, by field and never by value.</summary>
internal static class CredentialFields
{
    private const int MaxTextLength = 8 * 1024;
    private const int MaxObjectLength = 32 * 1024;

    /// <summary>Non-secret settings, defaults filled in.</summary>
    public static Dictionary<string, string> ReadSettings(
        IReadOnlyList<ProviderField> fields, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        CheckUnknown(fields, given, "", errors);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (Read(field, given, "", errors) is { } text)
            {
                settings[field.Name] = text;
            }
        }

        return settings;
    }

    /// <summary>The fields of the first scheme that fits what was given; the errors of the closest where none does.</summary>
    public static Dictionary<string, string> ReadAlternatives(
        IReadOnlyList<AuthScheme> schemes, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        List<FailureEntry>? fewest = null;
        foreach (var scheme in schemes)
        {
            var wrong = new List<FailureEntry>();
            CheckUnknown(scheme.Fields, given, "auth.", wrong);
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var field in scheme.Fields)
            {
                if (Read(field, given, "auth.", wrong) is { } text)
                {
                    values[field.Name] = text;
                }
            }

            if (wrong.Count == 0)
            {
                return values;
            }

            fewest = fewest is null || wrong.Count < fewest.Count ? wrong : fewest;
        }

        errors.AddRange(fewest!);
        return [];
    }

    /// <summary>The static fields as one JSON object, to be sealed. The caller clears it.</summary>
    public static byte[] Serialize(IReadOnlyDictionary<string, string> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static Dictionary<string, SecretValue> Deserialize(ReadOnlySpan<byte> json)
    {
        var fields = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        var buffer = ArrayPool<byte>.Shared.Rent(json.Length);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                fields[name] = new SecretValue(buffer.AsSpan(0, reader.CopyString(buffer)));
            }
        }

        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        return fields;
    }

    private static void CheckUnknown(
        IReadOnlyList<ProviderField> fields, IReadOnlyDictionary<string, JsonElement> given, string prefix, List<FailureEntry> errors)
    {
        foreach (var name in given.Keys.Where(name => fields.All(field => field.Name != name)))
        {
            var known = fields.Count == 0 ? "none" : string.Join(", ", fields.Select(static field => field.Name));
            errors.Add(new FailureEntry("credential.unknown_field", $"This provider has no such field here; it has {known}.") { Field = prefix + name });
        }
    }

    private static string? Read(ProviderField field, IReadOnlyDictionary<string, JsonElement> given, string prefix, List<FailureEntry> errors)
    {
        var path = prefix + field.Name;
        if (!given.TryGetValue(field.Name, out var element) || element.ValueKind == JsonValueKind.Null)
        {
            if (field.Default is null && field.Required)
            {
                errors.Add(new FailureEntry("credential.field_missing", $"{field.Description} It is required.") { Field = path });
            }

            return field.Default;
        }

        var (text, expected) = field.Type switch
        {
            FieldType.Integer => (element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var number) ? number.ToString(CultureInfo.InvariantCulture) : null, "a whole number"),
            FieldType.Object => (element.ValueKind == JsonValueKind.Object ? element.GetRawText() : null, "a JSON object"),
            _ => (element.ValueKind == JsonValueKind.String ? element.GetString() : null, "a string"),
        };
        var problem = text switch
        {
            null => $"It must be {expected}.",
            "" => "It is empty.",
            _ when Encoding.UTF8.GetByteCount(text) > (field.Type == FieldType.Object ? MaxObjectLength : MaxTextLength) => "It is too long.",
            _ when field.Type != FieldType.Object && text.Any(char.IsControl) => "It has control characters.",
            _ => field.Check(text),
        };
        if (problem is not null)
        {
            errors.Add(new FailureEntry("credential.field_invalid", problem) { Field = path });
            return null;
        }

        return text;
    }
}
