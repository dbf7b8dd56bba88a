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

    private static readonly Place Settings = new("credential", "provider", "");
    private static readonly Place Auth = new("credential", "provider", "auth.");
    private static readonly Place Target = new("workload_identity", "cloud", "");

    /// <summary>Non-secret settings, defaults filled in.</summary>
    public static Dictionary<string, string> ReadSettings(
        IReadOnlyList<ProviderField> fields, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors) =>
        ReadAll(Settings, fields, given, errors);

    /// <summary>Whom a configuration becomes in its cloud, defaults filled in.</summary>
    public static Dictionary<string, string> ReadTarget(
        IReadOnlyList<ProviderField> fields, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors) =>
        ReadAll(Target, fields, given, errors);

    private static Dictionary<string, string> ReadAll(
        Place place, IReadOnlyList<ProviderField> fields, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        CheckUnknown(place, fields, given, errors);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            if (Read(place, field, given, errors) is { } text)
            {
                values[field.Name] = text;
            }
        }

        return values;
    }

    /// <summary>The fields of the first scheme that fits what was given; the errors of the closest where none does.</summary>
    public static Dictionary<string, string> ReadAlternatives(
        IReadOnlyList<AuthScheme> schemes, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        List<FailureEntry>? fewest = null;
        foreach (var scheme in schemes)
        {
            var wrong = new List<FailureEntry>();
            var values = ReadAll(Auth, scheme.Fields, given, wrong);
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
        Place place, IReadOnlyList<ProviderField> fields, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        foreach (var name in given.Keys.Where(name => fields.All(field => field.Name != name)))
        {
            var known = fields.Count == 0 ? "none" : string.Join(", ", fields.Select(static field => field.Name));
            errors.Add(new FailureEntry($"{place.Codes}.unknown_field", $"This {place.Owner} has no such field here; it has {known}.") { Field = place.Path + name });
        }
    }

    private static string? Read(Place place, ProviderField field, IReadOnlyDictionary<string, JsonElement> given, List<FailureEntry> errors)
    {
        var path = place.Path + field.Name;
        if (!given.TryGetValue(field.Name, out var element) || element.ValueKind == JsonValueKind.Null)
        {
            if (field.Default is null && field.Required)
            {
                errors.Add(new FailureEntry($"{place.Codes}.field_missing", $"{field.Description} It is required.") { Field = path });
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
            errors.Add(new FailureEntry($"{place.Codes}.field_invalid", problem) { Field = path });
            return null;
        }

        return text;
    }

    /// <summary>How errors speak of the fields.</summary>
    /// <param name="Codes">What their codes begin with.</param>
    /// <param name="Owner">Whose fields they are.</param>
    /// <param name="Path">What the fields' names follow in the body.</param>
    private readonly record struct Place(string Codes, string Owner, string Path);
}
