using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;

namespace SecretFunctions.Providers.Aws;

/// <summary>What AWS says when it refuses, from either of its protocols.</summary>
/// <param name="Code">Bare, without namespace or address; null where there is none, so that it was not AWS who answered.</param>
/// <param name="Message">To classify by only. It is AWS's text and goes no further.</param>
internal readonly partial record struct AwsError(string? Code, string Message)
{
    public static AwsError Parse(HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        var (code, message) = body.Span.TrimStart(" \t\r\n"u8) switch
        {
            [(byte)'{', ..] => ParseJson(body.Span),
            [(byte)'<', ..] => ParseXml(body),
            _ => (null, null),
        };
        if (response.Headers.TryGetValues("x-amzn-ErrorType", out var types))
        {
            code ??= types.First();
        }

        return new AwsError(Bare(code), message ?? "");
    }

    /// <summary>An identifier as it is; null for anything longer or stranger, which may be anyone's text.</summary>
    public static string? Harmless(string? text) => text is not null && Identifier().IsMatch(text) ? text : null;

    /// <summary><c>com.amazonaws.secretsmanager#ThrottlingException:http://…</c> is a <c>ThrottlingException</c>.</summary>
    public static string? Bare(string? code)
    {
        code = code?.Split(':', 2)[0];
        return Harmless(code?[(code.LastIndexOf('#') + 1)..]);
    }

    private static (string? Code, string? Message) ParseJson(ReadOnlySpan<byte> body)
    {
        string? code = null, message = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCode = reader.ValueTextEquals("__type"u8);
                var isMessage = reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("Message"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.String && isCode)
                {
                    code = reader.GetString();
                }
                else if (reader.TokenType == JsonTokenType.String && isMessage)
                {
                    message = reader.GetString();
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            return (null, null);
        }

        return (code, message);
    }

    private static (string? Code, string? Message) ParseXml(ReadOnlyMemory<byte> body)
    {
        try
        {
            var error = AwsXml.Load(body).Descendants().FirstOrDefault(static element => element.Name.LocalName == "Error");
            return (AwsXml.Text(error, "Code"), AwsXml.Text(error, "Message"));
        }
        catch (XmlException)
        {
            return (null, null);
        }
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
