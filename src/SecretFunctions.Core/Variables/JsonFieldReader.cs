using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Unicode;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Variables;

/// <summary>Walks a JSON document to one value without turning any of it into strings.</summary>
internal static class JsonFieldReader
{
    /// <summary>Deeper documents are refused: no secret is, and depth is how a document attacks its reader.</summary>
    private const int MaxDepth = 64;

    private static readonly Failure NotJson = ProviderFailure.Create(
        ProviderFailure.NotJson,
        $"The reference selects a field, but the secret is not a JSON document in UTF-8 of at most {MaxDepth} levels.",
        "Store the secret as a JSON object, or leave out '#' and what follows it in the reference.");

    private static readonly Failure NotFound = ProviderFailure.Create(
        ProviderFailure.KeyNotFound,
        "The secret has no field that the reference's selector names.",
        "Compare what follows '#' in the reference with the secret's fields: case matters. A name with a '#' needs a selector after it.");

    private static readonly Failure Ambiguous = ProviderFailure.Create(
        ProviderFailure.KeyNotFound,
        "A field that the reference's selector names occurs more than once in the secret.",
        "Store the secret again with each field once.");

    /// <param name="utf8">The document.</param>
    /// <param name="steps">The way from the outermost value: names of fields, positions in arrays.</param>
    /// <param name="intoArrays">False: a step is always the name of a field.</param>
    public static Result<SecretValue> Read(ReadOnlySpan<byte> utf8, ReadOnlySpan<string> steps, bool intoArrays)
    {
        var json = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (!Utf8.IsValid(json))
        {
            return NotJson; // The reader does not look inside strings.
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
            var root = reader;
            root.Read();
            while (reader.Read())
            {
                // To the end first: a field of a broken document is not to be trusted.
            }

            foreach (var step in steps)
            {
                var failure = root.TokenType switch
                {
                    JsonTokenType.StartObject => MoveToField(ref root, step),
                    JsonTokenType.StartArray when intoArrays => MoveToItem(ref root, step),
                    _ => NotFound,
                };
                if (failure is not null)
                {
                    return failure;
                }
            }

            return ValueAt(ref root, json);
        }
        catch (JsonException)
        {
            return NotJson; // Its message quotes the document.
        }
        catch (InvalidOperationException)
        {
            return NotJson; // An escaped half of a surrogate pair (\ud800), in a name or the value: grammatical, but no text.
        }
    }

    /// <summary>Reads the whole object, so that a second field of that name is seen.</summary>
    private static Failure? MoveToField(ref Utf8JsonReader reader, string name)
    {
        var found = false;
        var field = reader;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var matches = reader.ValueTextEquals(name);
            reader.Read();
            if (matches && found)
            {
                return Ambiguous;
            }

            if (matches)
            {
                found = true;
                field = reader;
            }

            reader.Skip();
        }

        reader = field;
        return found ? null : NotFound;
    }

    private static Failure? MoveToItem(ref Utf8JsonReader reader, string step)
    {
        // RFC 6901 §4: digits without a leading zero. "-", the item after the last, never exists.
        if (step is not ("0" or [>= '1' and <= '9', ..])
            || !int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var remaining))
        {
            return NotFound;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (remaining-- == 0)
            {
                return null;
            }

            reader.Skip();
        }

        return NotFound;
    }

    private static SecretValue ValueAt(ref Utf8JsonReader reader, ReadOnlySpan<byte> json)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.ValueIsEscaped ? Unescaped(ref reader) : new SecretValue(reader.ValueSpan);
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new SecretValue(json[start..(int)reader.BytesConsumed]);
    }

    private static SecretValue Unescaped(ref Utf8JsonReader reader)
    {
        // Pinned and cleared: a second copy of the plaintext. No escape is shorter than what it stands for.
        var buffer = GC.AllocateUninitializedArray<byte>(reader.ValueSpan.Length, pinned: true);
        try
        {
            return new SecretValue(buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
