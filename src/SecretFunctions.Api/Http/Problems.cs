using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Contracts;
using SecretFunctions.Core;

namespace SecretFunctions.Api.Http;

/// <summary>The one mapping from a failure to HTTP (RFC 9457).</summary>
internal static class Problems
{
    public const string ContentType = "application/problem+json";

    public static int StatusOf(FailureKind kind) => kind switch
    {
        FailureKind.Invalid => StatusCodes.Status400BadRequest,
        FailureKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        FailureKind.Denied => StatusCodes.Status403Forbidden,
        FailureKind.NotFound => StatusCodes.Status404NotFound,
        FailureKind.Conflict => StatusCodes.Status409Conflict,
        FailureKind.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
        FailureKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FailureKind.UnsupportedMediaType => StatusCodes.Status415UnsupportedMediaType,
        FailureKind.Unresolved => StatusCodes.Status424FailedDependency,
        FailureKind.Throttled => StatusCodes.Status429TooManyRequests,
        FailureKind.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => throw new UnreachableException(),
    };

    public static async Task WriteAsync(HttpContext context, Failure failure)
    {
        if (failure.Kind == FailureKind.Denied)
        {
            await RefusedRequests.RecordAsync(context, failure);
        }

        var status = StatusOf(failure.Kind);
        if (failure.Kind == FailureKind.Unauthenticated)
        {
            context.Response.Headers.WWWAuthenticate = failure.Code == "auth.missing" ? "Bearer" : "Bearer error=\"invalid_token\"";
        }

        if (failure.RetryAfter is { } retryAfter)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        await WriteAsync(context, status, failure);
    }

    /// <summary>For what is not a failure of ours: an unknown route, a method a route does not have, a bug.</summary>
    public static Task WriteAsync(HttpContext context, int status, Failure failure)
    {
        RequestTrace.Tell(failure.Code);
        context.Response.StatusCode = status;
        var problem = new Problem($"urn:secretfunctions:problem:{failure.Code}", Title(status), status, failure.Detail, failure.Code, TraceId(context))
        {
            Hint = failure.Hint,
            Errors = failure.Errors.Count == 0 ? null : [.. failure.Errors.Select(ToEntry)],
        };
        return context.Response.WriteAsJsonAsync(problem, ContractsJson.Default.Problem, ContentType, context.RequestAborted);
    }

    public static ProblemEntry ToEntry(FailureEntry entry) => new(entry.Code, entry.Detail)
    {
        Field = entry.Field,
        Key = entry.Key,
        Line = entry.Line,
        Hint = entry.Hint,
        ProviderCode = entry.ProviderCode,
    };

    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    private static string Title(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request is not valid",
        StatusCodes.Status401Unauthorized => "Not authenticated",
        StatusCodes.Status403Forbidden => "Not allowed",
        StatusCodes.Status404NotFound => "Not found",
        StatusCodes.Status405MethodNotAllowed => "Method not allowed",
        StatusCodes.Status409Conflict => "Conflict",
        StatusCodes.Status412PreconditionFailed => "Precondition failed",
        StatusCodes.Status413PayloadTooLarge => "Too large",
        StatusCodes.Status415UnsupportedMediaType => "Unsupported media type",
        StatusCodes.Status424FailedDependency => "Not resolved",
        StatusCodes.Status429TooManyRequests => "Too many requests",
        StatusCodes.Status503ServiceUnavailable => "Temporarily unavailable",
        _ => "Internal error",
    };
}
