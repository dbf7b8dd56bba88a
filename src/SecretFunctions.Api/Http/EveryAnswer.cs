using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SecretFunctions.Api.Http;

/// <summary>What every answer carries, whatever it says: the request's id, and headers that keep a browser from making more of it than it is.</summary>
/// <remarks>
/// The API answers with data alone: nothing in it loads, frames or runs anything. Nothing is kept on the way unless an endpoint says so: names and
/// permissions are nobody else's to see either.
/// </remarks>
internal static class EveryAnswer
{
    public const string RequestIdHeader = "X-Request-Id";

    /// <summary>Long enough for every format in use, short enough for each line of a log.</summary>
    public const int MaxRequestIdLength = 128;

    private static readonly SearchValues<char> RequestIdCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    // Made once: a string would be wrapped anew for each answer.
    private static readonly StringValues NoSniff = "nosniff";
    private static readonly StringValues ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
    private static readonly StringValues NoReferrer = "no-referrer";
    private static readonly StringValues Deny = "DENY";
    private static readonly StringValues NoStore = "no-store";

    /// <summary>A year. Of this host alone: what else is under its domain is not ours to decide.</summary>
    private static readonly StringValues StrictTransport = "max-age=31536000";

    /// <summary>Adopts the id the caller gave, where it can stand in a log as it is; else the request's span has one already.</summary>
    public static void Identify(HttpContext context)
    {
        if (context.Request.Headers[RequestIdHeader] is [{ Length: > 0 and <= MaxRequestIdLength } given] && !given.AsSpan().ContainsAnyExcept(RequestIdCharacters))
        {
            context.TraceIdentifier = given;
        }
        else if (Activity.Current is { } span)
        {
            context.TraceIdentifier = span.SpanId.ToHexString();
        }
    }

    /// <summary>At first, and again where the answer begun is thrown away.</summary>
    public static void PutHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[RequestIdHeader] = context.TraceIdentifier;
        headers.XContentTypeOptions = NoSniff;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = NoReferrer;
        headers.XFrameOptions = Deny;
        headers.CacheControl = NoStore;

        // Over plain http a browser has to pass over it, and so it is not sent (RFC 6797 §7.2).
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = StrictTransport;
        }
    }
}
