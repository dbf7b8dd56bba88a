using System.Text.Json;

namespace SecretFunctions.Core.Access;

/// <summary>JSON from whom we do not trust yet: read strictly, because what two readers take differently is how one of them is deceived.</summary>
public static class UntrustedJson
{
    private const int MaxDepth = 16;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>
    /// An object, whose every name occurs once and whose every text is valid Unicode, at most 16 levels deep; else null. What it returns is a
    /// copy.
    /// </summary>
    public static JsonElement? TryParseObject(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            CheckTexts(utf8.Span);
            using var document = JsonDocument.Parse(utf8, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null; // Its message quotes the text.
        }
        catch (InvalidOperationException)
        {
            return null; // An escaped half of a surrogate pair (\ud800), or bytes that are no UTF-8: grammatical, but no text.
        }
    }

    /// <summary>The parser does not look inside texts; whoever asks for one later would be the first to stumble over it.</summary>
    private static void CheckTexts(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                _ = reader.GetString();
            }
        }
    }
}
