using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Aws;

/// <summary>
/// Checks Signature Version 4 from AWS's description of it ("Create a signed AWS API request"), without the SDK that made the
/// signature, so that a fault of the one is not repeated by the other.
/// </summary>
internal sealed partial class SigV4Verifier(AwsDoubleIdentities identities, string region, TimeProvider time)
{
    private const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>The key a request is signed with.</summary>
    /// <exception cref="AwsDoubleException">It is not signed as it should be.</exception>
    public AwsDoubleKey Verify(HttpRequest request, byte[] body, AwsProtocol protocol)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.Length == 0)
        {
            throw protocol.MissingToken();
        }

        var match = AuthorizationPattern().Match(authorization);
        if (!match.Success)
        {
            throw protocol.IncompleteSignature("Authorization header is not in the expected form.");
        }

        var signedAt = CheckDate(request, protocol);
        var scope = new Scope(match.Groups["date"].Value, match.Groups["region"].Value, match.Groups["service"].Value);
        if (scope != new Scope(signedAt[..8], region, protocol.Service))
        {
            throw protocol.WrongSignature($"Credential should be scoped to a valid region and service, not {scope.Region}/{scope.Service}.");
        }

        var signedHeaders = match.Groups["headers"].Value.Split(';');
        CheckSignedHeaders(request, signedHeaders, protocol);
        var key = CheckKey(request, match.Groups["key"].Value, protocol);

        var bodyHash = Hex(SHA256.HashData(body));
        if (request.Headers.TryGetValue("x-amz-content-sha256", out var announced) && announced != bodyHash)
        {
            throw protocol.WrongSignature("The payload hash does not match the payload.");
        }

        var canonical = Canonical(request, signedHeaders, bodyHash);
        var expected = Signature(key.SecretAccessKey, scope, signedAt, canonical);
        var given = Encoding.ASCII.GetBytes(match.Groups["signature"].Value);
        return CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(expected))
            ? key
            : throw protocol.WrongSignature("The request signature we calculated does not match the signature you provided.");
    }

    private string CheckDate(HttpRequest request, AwsProtocol protocol)
    {
        var text = request.Headers["x-amz-date"].ToString();
        if (!DateTimeOffset.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var signedAt))
        {
            throw protocol.IncompleteSignature("X-Amz-Date is missing or malformed.");
        }

        var age = time.GetUtcNow() - signedAt;
        return age > Tolerance ? throw protocol.WrongSignature($"Signature expired: {text} is now earlier than the server's time allows.")
            : age < -Tolerance ? throw protocol.WrongSignature($"Signature not yet current: {text} is still later than the server's time.")
            : text;
    }

    /// <summary>Host and every x-amz header must be signed, or somebody between could change them.</summary>
    private static void CheckSignedHeaders(HttpRequest request, string[] signed, AwsProtocol protocol)
    {
        var required = request.Headers.Keys
            .Select(static name => name.ToLowerInvariant())
            .Where(static name => name == "host" || name.StartsWith("x-amz-", StringComparison.Ordinal));
        if (required.Except(signed).FirstOrDefault() is { } missing)
        {
            throw protocol.WrongSignature($"'{missing}' must be a 'SignedHeader' in the AWS Authorization.");
        }

        if (!signed.SequenceEqual(signed.Order(StringComparer.Ordinal)) || signed.Any(name => !request.Headers.ContainsKey(name)))
        {
            throw protocol.IncompleteSignature("SignedHeaders must be sorted and present.");
        }
    }

    private AwsDoubleKey CheckKey(HttpRequest request, string accessKeyId, AwsProtocol protocol)
    {
        var key = identities.FindKey(accessKeyId);
        var token = request.Headers["x-amz-security-token"].ToString();
        if (key is null || token != (key.SessionToken ?? ""))
        {
            throw protocol.UnknownKey();
        }

        return key.ExpiresAt <= time.GetUtcNow() ? throw protocol.ExpiredToken() : key;
    }

    private static string Canonical(HttpRequest request, string[] signedHeaders, string bodyHash)
    {
        var query = (request.QueryString.Value ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal);
        var headers = signedHeaders.Select(name => $"{name}:{Spaces().Replace(string.Join(',', request.Headers[name].ToArray()).Trim(), " ")}\n");
        return string.Join('\n',
            request.Method, request.Path.Value, string.Join('&', query), string.Concat(headers), string.Join(';', signedHeaders), bodyHash);
    }

    private static string Signature(string secret, Scope scope, string signedAt, string canonical)
    {
        var toSign = string.Join('\n',
            "AWS4-HMAC-SHA256",
            signedAt,
            $"{scope.Date}/{scope.Region}/{scope.Service}/aws4_request",
            Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))));
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in (string[])[scope.Date, scope.Region, scope.Service, "aws4_request", toSign])
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return Hex(key);
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex(
        "^AWS4-HMAC-SHA256 +Credential=(?<key>[A-Z0-9]+)/(?<date>[0-9]{8})/(?<region>[a-z0-9-]+)/(?<service>[a-z0-9-]+)/aws4_request, *"
        + "SignedHeaders=(?<headers>[a-z0-9;-]+), *Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex AuthorizationPattern();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();

    private readonly record struct Scope(string Date, string Region, string Service);
}
