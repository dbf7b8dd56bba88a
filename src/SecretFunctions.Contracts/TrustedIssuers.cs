using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

public sealed record TrustedIssuerRequest
{
    /// <summary>The token's <c>iss</c>, to the letter.</summary>
    public required string Issuer { get; init; }

    /// <summary>What the token's <c>aud</c> is, or holds.</summary>
    public required string Audience { get; init; }

    /// <summary>Claim to value or values: all conditions must hold, each by any of its values. At least one is needed.</summary>
    public IReadOnlyDictionary<string, ClaimValues>? Conditions { get; init; }

    /// <summary>Whom the token stands for: a member or an automation.</summary>
    public required PrincipalReference Principal { get; init; }

    /// <summary>Where the issuer's keys are, if not where its discovery document says.</summary>
    public string? JwksUri { get; init; }
}

public sealed record TrustedIssuerResource(
    string Name,
    string Issuer,
    string Audience,
    IReadOnlyDictionary<string, ClaimValues> Conditions,
    PrincipalReference Principal,
    string? JwksUri,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string UpdatedBy)
{
    /// <summary>The member whose personal variables its tokens open.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PersonalOf { get; init; }
}

/// <summary>What a claim may be. On the wire one text, or a list of them.</summary>
[JsonConverter(typeof(Converter))]
public sealed record ClaimValues(IReadOnlyList<string> Values)
{
    internal sealed class Converter : JsonConverter<ClaimValues>
    {
        public override bool HandleNull => true;

        public override ClaimValues Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                return new ClaimValues([Text(ref reader)]);
            }

            var values = new List<string>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                values.Add(Text(ref reader));
            }

            return new ClaimValues(values);
        }

        public override void Write(Utf8JsonWriter writer, ClaimValues value, JsonSerializerOptions options)
        {
            if (value.Values is [var single])
            {
                writer.WriteStringValue(single);
                return;
            }

            writer.WriteStartArray();
            foreach (var text in value.Values)
            {
                writer.WriteStringValue(text);
            }

            writer.WriteEndArray();
        }

        private static string Text(ref Utf8JsonReader reader)
        {
            try
            {
                return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new JsonException("A text or a list of texts is expected.");
            }
            catch (InvalidOperationException exception)
            {
                throw new JsonException("The text is not valid Unicode.", exception);
            }
        }
    }
}
