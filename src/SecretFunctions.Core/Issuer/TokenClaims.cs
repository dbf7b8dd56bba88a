using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SecretFunctions.Core.Issuer;

/// <summary>What a token says, and how: RFC 7515 §5.1 up to the signature.</summary>
internal static class TokenClaims
{
    /// <summary>AWS's limits on session tags (STS TagSession).</summary>
    private const int MaxTags = 50;
    private const int MaxTagKeyLength = 128;
    private const int MaxTagValueLength = 256;

    private const int TokenIdBytes = 16;

    /// <summary>Every claim there can be.</summary>
    public static readonly IReadOnlyList<string> Names =
    [
        "iss", "aud", "sub", "iat", "nbf", "exp", "jti", "organization", "project", "environment", "automation",
        "kickoff_id", "kickoff_kind", "triggered_by", SessionTags,
    ];

    private const string SessionTags = "https://aws.amazon.com/tags";

    // Tokens are in base64url and in no HTML: what can stand as it is does.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void WriteSigningInput(
        ArrayBufferWriter<byte> output, string keyId, string issuer, TokenRequest request, DateTimeOffset issuedAt, DateTimeOffset expiresAt)
    {
        WritePart(output, writer =>
        {
            writer.WriteString("alg"u8, "RS256"u8);
            writer.WriteString("kid"u8, keyId);
            writer.WriteString("typ"u8, "JWT"u8);
        });
        output.Write("."u8);
        WritePart(output, writer =>
        {
            writer.WriteString("iss"u8, issuer);
            writer.WriteString("aud"u8, request.Audience);
            writer.WriteString("sub"u8, request.Subject.ToString());
            writer.WriteNumber("iat"u8, issuedAt.ToUnixTimeSeconds());
            writer.WriteNumber("nbf"u8, issuedAt.ToUnixTimeSeconds());
            writer.WriteNumber("exp"u8, expiresAt.ToUnixTimeSeconds());
            writer.WriteString("jti"u8, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenIdBytes)));
            var about = About(request);
            foreach (var (name, value) in about)
            {
                writer.WriteString(name, value);
            }

            if (request.SessionTags)
            {
                WriteSessionTags(writer, about);
            }
        });
    }

    /// <summary>What is there of whom and what it is about, by claim.</summary>
    private static (string Name, string Value)[] About(TokenRequest request)
    {
        (string Name, string? Value)[] all =
        [
            ("organization", request.Subject.Organization),
            ("project", request.Subject.Project),
            ("environment", request.Subject.Environment),
            ("automation", request.Subject.Automation),
            ("kickoff_id", request.Kickoff?.Id),
            ("kickoff_kind", request.Kickoff?.Kind),
            ("triggered_by", request.Kickoff?.TriggeredBy),
        ];
        return [.. all.Where(static claim => claim.Value is not null).Select(static claim => (claim.Name, claim.Value!))];
    }

    /// <summary>
    /// The nested form. A value that AWS would not take is left out: STS would refuse the whole token, and an altered value could meet a
    /// condition that was written for another.
    /// </summary>
    private static void WriteSessionTags(Utf8JsonWriter writer, IEnumerable<(string Name, string Value)> tags)
    {
        writer.WriteStartObject(SessionTags);
        writer.WriteStartObject("principal_tags"u8);
        foreach (var (name, value) in tags.Where(static tag => IsTag(tag.Name, MaxTagKeyLength) && IsTag(tag.Value, MaxTagValueLength)).Take(MaxTags))
        {
            writer.WriteStartArray(name);
            writer.WriteStringValue(value);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static bool IsTag(string text, int maxLength) =>
        text.Length > 0 && text.Length <= maxLength && text.All(static character => IsTagCharacter(character));

    /// <summary>Letters, digits, spaces and <c>_ . : / = + - @</c>, as STS has them.</summary>
    private static bool IsTagCharacter(char character) =>
        "_.:/=+-@".Contains(character, StringComparison.Ordinal)
        || char.IsLetter(character)
        || char.IsNumber(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.SpaceSeparator;

    private static void WritePart(ArrayBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        var encoded = output.GetSpan(Base64Url.GetEncodedLength(buffer.WrittenCount));
        output.Advance(Base64Url.EncodeToUtf8(buffer.WrittenSpan, encoded));
    }
}
