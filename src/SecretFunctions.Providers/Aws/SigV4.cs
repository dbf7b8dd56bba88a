using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.Runtime.Internal.Auth;

namespace SecretFunctions.Providers.Aws;

/// <summary>
/// Signs the one shape of request we send: POST to /, no query, a body. The canonical request is made here, the signature
/// by the SDK (docs/adr/0003-thin-cloud-clients.md).
/// </summary>
internal static class SigV4
{
    /// <summary>Adds date, payload hash, session token and Authorization. The content's type and the other x-amz headers must be set.</summary>
    public static void Sign(HttpRequestMessage request, ReadOnlySpan<byte> body, AwsKeys keys, AwsEndpoint endpoint, DateTimeOffset now)
    {
        var address = request.RequestUri!;
        var bodyHash = Convert.ToHexStringLower(SHA256.HashData(body));
        request.Headers.Host = address.IsDefaultPort ? address.IdnHost : $"{address.IdnHost}:{address.Port}";
        request.Headers.TryAddWithoutValidation("x-amz-date", now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", bodyHash);
        if (keys.SessionToken is not null)
        {
            request.Headers.TryAddWithoutValidation("x-amz-security-token", keys.SessionToken);
        }

        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["content-type"] = request.Content!.Headers.ContentType!.ToString(),
            ["host"] = request.Headers.Host,
        };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            {
                headers[name.ToLowerInvariant()] = values.ToString().Trim();
            }
        }

        var signedHeaders = string.Join(';', headers.Keys);
        var canonical = new StringBuilder("POST\n/\n\n");
        foreach (var (name, value) in headers)
        {
            canonical.Append(name).Append(':').Append(value).Append('\n');
        }

        canonical.Append('\n').Append(signedHeaders).Append('\n').Append(bodyHash);
        var signature = AWS4Signer.ComputeSignature(
            keys.AccessKeyId, keys.SecretAccessKey, endpoint.Region, now.UtcDateTime, endpoint.Service, signedHeaders, canonical.ToString());
        request.Headers.TryAddWithoutValidation("Authorization", signature.ForAuthorizationHeader);
    }
}
