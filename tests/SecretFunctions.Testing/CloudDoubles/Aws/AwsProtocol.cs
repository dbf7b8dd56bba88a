using System.Security;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>What differs between AWS's two protocols: the names of errors, their statuses, and how they are written.</summary>
internal sealed record AwsProtocol(string Service, string ContentType, Func<string, string, string> RenderError)
{
    public static AwsProtocol Json { get; } = new(
        "secretsmanager",
        "application/x-amz-json-1.1",
        static (code, message) => new JsonObject { ["__type"] = code, ["Message"] = message }.ToJsonString());

    public static AwsProtocol Query { get; } = new(
        "sts",
        "text/xml",
        static (code, message) =>
            $"""
            <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <Error><Type>Sender</Type><Code>{code}</Code><Message>{SecurityElement.Escape(message)}</Message></Error>
              <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>
            </ErrorResponse>
            """);

    private bool IsJson => this == Json;

    public AwsDoubleException MissingToken() => IsJson
        ? new("MissingAuthenticationTokenException", "Missing Authentication Token")
        : new("MissingAuthenticationToken", "Request is missing Authentication Token", 403);

    public AwsDoubleException IncompleteSignature(string message) => IsJson
        ? new("IncompleteSignatureException", message)
        : new("IncompleteSignature", message, 403);

    public AwsDoubleException WrongSignature(string message) => IsJson
        ? new("InvalidSignatureException", message)
        : new("SignatureDoesNotMatch", message, 403);

    public AwsDoubleException UnknownKey() => IsJson
        ? new("UnrecognizedClientException", "The security token included in the request is invalid.")
        : new("InvalidClientTokenId", "The security token included in the request is invalid.", 403);

    public AwsDoubleException ExpiredToken() => IsJson
        ? new("ExpiredTokenException", "The security token included in the request is expired")
        : new("ExpiredToken", "The security token included in the request is expired", 403);
}
