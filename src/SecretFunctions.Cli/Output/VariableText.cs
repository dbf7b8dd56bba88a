using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Output;

/// <summary>Resolved variables as text that another program reads back unchanged.</summary>
internal static class VariableText
{
    public const string Json = "json";
    public const string Dotenv = "dotenv";
    public const string Shell = "shell";

    private static readonly SearchValues<byte> NeedsNoQuotes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+,"u8);

    private static readonly SearchValues<byte> NeedsEscapes = SearchValues.Create("'\r\n\t"u8);

    public static ReadOnlyMemory<byte> Format(IReadOnlyDictionary<string, SensitiveText> variables, string format)
    {
        var buffer = new ArrayBufferWriter<byte>();
        if (format == Json)
        {
            WriteJson(buffer, variables);
            return buffer.WrittenMemory;
        }

        foreach (var (key, value) in variables.OrderBy(static variable => variable.Key, StringComparer.Ordinal))
        {
            buffer.Write(format == Shell ? "export "u8 : []);
            buffer.Write(System.Text.Encoding.ASCII.GetBytes(key));
            buffer.Write("="u8);
            WriteValue(buffer, value.Reveal(), format == Shell);
            buffer.Write("\n"u8);
        }

        return buffer.WrittenMemory;
    }

    private static void WriteJson(ArrayBufferWriter<byte> buffer, IReadOnlyDictionary<string, SensitiveText> variables)
    {
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in variables.OrderBy(static variable => variable.Key, StringComparer.Ordinal))
            {
                writer.WriteString(key, value.Reveal());
            }

            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
    }

    private static void WriteValue(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> value, bool shell)
    {
        if (!value.ContainsAnyExcept(NeedsNoQuotes))
        {
            buffer.Write(value);
        }
        else if (shell)
        {
            // In single quotes a shell leaves everything as it is; the quote itself has to leave them.
            WriteReplacing(buffer, "'"u8, value, static letter => letter == '\'' ? @"'\''"u8 : []);
        }
        else if (!value.ContainsAny(NeedsEscapes))
        {
            // No reader of dotenv files expands anything in single quotes, whatever it does in double ones.
            WriteReplacing(buffer, "'"u8, value, static _ => []);
        }
        else
        {
            WriteReplacing(buffer, "\""u8, value, static letter => letter switch
            {
                (byte)'\n' => @"\n"u8,
                (byte)'\r' => @"\r"u8,
                (byte)'\t' => @"\t"u8,
                (byte)'\\' => @"\\"u8,
                (byte)'"' => "\\\""u8,
                _ => [],
            });
        }
    }

    /// <param name="replacement">Of one byte; empty keeps it.</param>
    private static void WriteReplacing(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> quote, ReadOnlySpan<byte> value, Replacement replacement)
    {
        buffer.Write(quote);
        for (var i = 0; i < value.Length; i++)
        {
            var replaced = replacement(value[i]);
            buffer.Write(replaced.IsEmpty ? value.Slice(i, 1) : replaced);
        }

        buffer.Write(quote);
    }

    private delegate ReadOnlySpan<byte> Replacement(byte letter);
}
