using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Contracts;

/// <summary>A secret string on the wire, held as UTF-8 and never printed. One owner, who disposes it.</summary>
[JsonConverter(typeof(Converter))]
[DebuggerDisplay("[redacted]")]
public sealed class SensitiveText : IDisposable
{
    private readonly byte[] _utf8;

    /// <summary>Takes over <paramref name="utf8"/>.</summary>
    public SensitiveText(byte[] utf8) => _utf8 = utf8;

    public ReadOnlySpan<byte> Reveal() => _utf8;

    public override string ToString() => "[redacted]";

    public void Dispose() => CryptographicOperations.ZeroMemory(_utf8);

    internal sealed class Converter : JsonConverter<SensitiveText>
    {
        public override SensitiveText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException("A string is expected.");
            }

            var length = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
            var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
            try
            {
                // Unescaping never makes a string longer. Lone surrogates throw: they are no text.
                var written = reader.CopyString(buffer);
                return new SensitiveText(buffer[..written]);
            }
            catch (InvalidOperationException exception)
            {
                throw new JsonException("The string is not valid Unicode.", exception);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(buffer.AsSpan(0, length));
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        public override void Write(Utf8JsonWriter writer, SensitiveText value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value._utf8);
    }
}
