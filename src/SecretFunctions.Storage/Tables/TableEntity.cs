using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Tables;

/// <summary>
/// An entity as the service stores it: data in binary properties <c>D00</c> to <c>D14</c> of up to 64 KiB, its length in
/// <c>L</c>, and the marker of the transaction that wrote it in <c>T</c>.
/// </summary>
internal sealed record TableEntity(Entity Entity, string Marker)
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Relaxed, as this JSON never meets HTML, and <c>+</c> in base64 would otherwise take six bytes.</summary>
    public static JsonWriterOptions JsonOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static string[] Names { get; } = [.. Enumerable
        .Range(0, (EntityLimits.MaxDataBytes + ChunkBytes - 1) / ChunkBytes)
        .Select(i => "D" + i.ToString("00", CultureInfo.InvariantCulture))];

    private static string[] TypeNames { get; } = [.. Names.Select(name => name + "@odata.type")];

    public static void Write(Utf8JsonWriter json, EntityKey key, ReadOnlySpan<byte> data, string marker)
    {
        json.WriteStartObject();
        json.WriteString("PartitionKey", key.Partition);
        json.WriteString("RowKey", key.Row);
        json.WriteString("T", marker);
        json.WriteNumber("L", data.Length);
        for (var i = 0; !data.IsEmpty; i++)
        {
            var chunk = data[..Math.Min(ChunkBytes, data.Length)];
            json.WriteString(TypeNames[i], "Edm.Binary");
            json.WriteBase64String(Names[i], chunk);
            data = data[chunk.Length..];
        }

        json.WriteEndObject();
    }

    /// <exception cref="StoreUnavailableException">Not an entity that <see cref="Write"/> made.</exception>
    public static TableEntity Read(JsonElement json)
    {
        try
        {
            var key = new EntityKey(Text(json, "PartitionKey"), Text(json, "RowKey"));
            var data = new byte[json.GetProperty("L").GetInt32()];
            var length = 0;
            for (var i = 0; length < data.Length; i++)
            {
                var chunk = json.GetProperty(Names[i]).GetBytesFromBase64();
                chunk.CopyTo(data, length);
                length += chunk.Length;
            }

            return new TableEntity(new Entity(key, data, Text(json, "odata.etag")), Text(json, "T"));
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException
            or IndexOutOfRangeException or OverflowException)
        {
            throw new StoreUnavailableException("The table holds an entity that this service did not write.", e);
        }
    }

    private static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null.");
}
