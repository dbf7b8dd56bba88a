using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace SecretFunctions.Core.Vault;

/// <summary>
/// Where a sealed value belongs. It is authenticated, not stored: a row that was moved to another organization, variable or version does
/// not open there.
/// </summary>
/// <param name="OrganizationId">Never reused, unlike an organization's name.</param>
/// <param name="Subject">What the value is of, in full: <c>variable/prod/organization/OPENAI_API_KEY</c>.</param>
/// <param name="Version">From 1.</param>
public readonly record struct SealContext(string OrganizationId, string Subject, int Version)
{
    // Strict: half a surrogate pair would be replaced, and two contexts encode alike.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Additional authenticated data: a label, then each field with its length in front, so that no two different contexts
    /// encode alike.
    /// </summary>
    internal byte[] Encode(string label)
    {
        var version = Version.ToString(CultureInfo.InvariantCulture);
        ReadOnlySpan<string> fields = [label, OrganizationId, Subject, version];
        var length = 0;
        foreach (var field in fields)
        {
            length += sizeof(ushort) + Utf8.GetByteCount(field);
        }

        var encoded = new byte[length];
        var position = 0;
        foreach (var field in fields)
        {
            var written = Utf8.GetBytes(field, encoded.AsSpan(position + sizeof(ushort)));
            BinaryPrimitives.WriteUInt16BigEndian(encoded.AsSpan(position), checked((ushort)written));
            position += sizeof(ushort) + written;
        }

        return encoded;
    }
}
