using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SecretFunctions.Contracts;

namespace SecretFunctions.Cli.Output;

/// <summary>Prints resources to standard output, for people or for programs.</summary>
internal sealed class Printer(bool json)
{
    /// <summary>The wire's types, indented and without escapes that only a web page needs.</summary>
    public static readonly ContractsJson Types = new(new JsonSerializerOptions(ContractsJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private static readonly JsonWriterOptions WriterOptions = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public bool Json => json;

    public void One<T>(T resource, JsonTypeInfo<T> type, params Column<T>[] columns)
    {
        if (json)
        {
            WriteJson(writer => JsonSerializer.Serialize(writer, resource, type));
        }
        else
        {
            Table.WriteProperties(Console.Out, [.. columns.Select(column => (column.Name, column.Value(resource)))]);
        }
    }

    /// <param name="limit">The most that are printed; null for all.</param>
    public async Task ManyAsync<T>(IAsyncEnumerable<T> resources, int? limit, JsonTypeInfo<T> type, params Column<T>[] columns)
    {
        var items = await resources.Take(limit ?? int.MaxValue).ToListAsync();
        if (json)
        {
            WriteJson(writer =>
            {
                writer.WriteStartArray();
                items.ForEach(item => JsonSerializer.Serialize(writer, item, type));
                writer.WriteEndArray();
            });
        }
        else
        {
            Table.Write(Console.Out, [.. columns.Select(static column => column.Name)], [.. items.Select(item => columns.Select(column => column.Value(item)).ToArray())]);
        }
    }

    /// <summary>A word to people about what was done; programs have the exit code.</summary>
    public void Done(string sentence)
    {
        if (!json)
        {
            Console.WriteLine(sentence);
        }
    }

    private static void WriteJson(Action<Utf8JsonWriter> write)
    {
        using var output = Console.OpenStandardOutput();
        using (var writer = new Utf8JsonWriter(output, WriterOptions))
        {
            write(writer);
        }

        output.Write("\n"u8);
    }
}
