using Microsoft.AspNetCore.Http;
using SecretFunctions.Core;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Api.Http;

/// <summary>What handlers ask of a request, beside its body.</summary>
internal static class RequestExtensions
{
    /// <summary>Who calls. Endpoints that let anyone in have nobody to ask for.</summary>
    public static Session Session(this HttpContext context) =>
        context.Features.Get<Session>() ?? throw new InvalidOperationException("This endpoint is open to anyone, so there is no session.");

    /// <summary>Makes it the request's session, and has its caller say where the request came from; unless the caller sends too many.</summary>
    public static Failure? Let(this HttpContext context, Session session, RequestLimits limits)
    {
        if (limits.Check(session.Caller, costly: context.GetEndpoint()?.Metadata.GetMetadata<Costly>() is not null) is { } tooMany)
        {
            return tooMany;
        }

        // An IPv4 address is one however the socket was opened.
        var address = context.Connection.RemoteIpAddress;
        var origin = new RequestOrigin((address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString(), context.TraceIdentifier);
        context.Features.Set(session with { Caller = session.Caller with { Origin = origin } });
        return null;
    }

    public static Caller Caller(this HttpContext context) => context.Session().Caller;

    public static string OrganizationId(this HttpContext context) => context.Session().Caller.OrganizationId;

    /// <summary>If-Match and If-None-Match (RFC 9110 §13.1).</summary>
    public static Result<Precondition> Precondition(this HttpContext context)
    {
        var headers = context.Request.Headers;
        if (headers.IfNoneMatch.Count > 0 && (headers.IfNoneMatch.Count > 1 || headers.IfNoneMatch[0] != "*"))
        {
            return Failure.Invalid("precondition.unsupported", "On a change, If-None-Match can only be '*'.");
        }

        var tags = headers.IfMatch.Count == 0
            ? null
            : headers.IfMatch.SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return new Precondition(tags, headers.IfNoneMatch.Count > 0);
    }

    /// <summary>If-None-Match on a read: whether the caller has this already. Compared weakly (RFC 9110 §13.1.2): a proxy may have weakened it.</summary>
    public static bool HasCurrent(this HttpRequest request, string etag) => request.Headers.IfNoneMatch
        .SelectMany(static value => (value ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Any(tag => tag == "*" || tag == etag || tag == $"W/{etag}");

    /// <summary>A query parameter that is there at most once; empty counts as left out.</summary>
    public static string? Query(this HttpContext context, string name) =>
        context.Request.Query.TryGetValue(name, out var values) && values.Count > 0 && values[0] is { Length: > 0 } value ? value : null;

    public static Result<bool> QueryFlag(this HttpContext context, string name) => context.Query(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => Failure.Invalid("query.invalid", $"'{name}' is true or false."),
    };

    /// <summary>Null where the name is one.</summary>
    public static Failure? CheckSlug(string name, string what) => Slug.TryParse(name, out _)
        ? null
        : Failure.Invalid("name.invalid", $"A {what}'s name has 1 to 63 lower-case letters, digits, '.', '_' and '-', and begins with a letter or digit.");

    /// <summary>From the route and <c>?scope=</c>.</summary>
    public static Result<VariableAddress> VariableAddress(this HttpContext context, string environment, string key)
    {
        if (CheckSlug(environment, "environment") is { } failure)
        {
            return failure;
        }

        if (!VariableKey.TryParse(key, out var name))
        {
            return Failure.Invalid("variable.key_invalid", "A key has letters, digits and underscores, at most 128, and does not start with a digit.");
        }

        return VariableScope.TryParse(context.Query("scope"), context.Caller(), out var scope, out failure)
            ? new VariableAddress(environment, scope, name)
            : failure;
    }
}
