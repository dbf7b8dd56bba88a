using System.Runtime.InteropServices;
using System.Xml;
using System.Xml.Linq;

namespace SecretFunctions.Providers.Aws;

/// <summary>XML as the query protocol uses it: one namespace, no attributes. Document type definitions are refused.</summary>
internal static class AwsXml
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <exception cref="XmlException">It is no XML, or more than that.</exception>
    public static XElement Load(ReadOnlyMemory<byte> body)
    {
        // Over the bytes where they are: a copy of a session would not be zeroed.
        using var stream = MemoryMarshal.TryGetArray(body, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(body.ToArray(), writable: false);
        using var reader = XmlReader.Create(stream, Settings);
        return XElement.Load(reader);
    }

    /// <summary>The text of the first element of that name anywhere inside, or null.</summary>
    public static string? Text(XElement? within, string name) =>
        within?.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
}
