using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SecretFunctions.Core.Telemetry;

namespace SecretFunctions.Api.Http;

/// <summary>
/// The outermost step: one trace for each request, the caller's where its <c>traceparent</c> names one (W3C Trace Context), the same under every
/// host. Where nobody looks, a host that made a trace of its own is left with it, and nothing is made here.
/// </summary>
/// <remarks>
/// Of a request, its route and its status are told and nothing else: an address or a query may hold what belongs in neither. <c>tracestate</c> and
/// <c>baggage</c> are not read: they could hold anything, and we pass neither on to anybody.
/// </remarks>
internal sealed class RequestTrace(RequestDelegate next)
{
    private const string UnknownMethod = "_OTHER";

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"];

    public Task InvokeAsync(HttpContext context) => !Signals.Source.HasListeners() && Activity.Current is not null ? next(context) : TraceAsync(context);

    /// <summary>Says on the request's span what its problem is called.</summary>
    public static void Tell(string code)
    {
        if (Activity.Current is { IsAllDataRequested: true, Kind: ActivityKind.Server, Source.Name: SignalNames.Source } span)
        {
            span.SetTag(SignalNames.Attributes.Outcome, code);
        }
    }

    private async Task TraceAsync(HttpContext context)
    {
        // A host's own is exported by nobody: a span below it would hang in the air.
        Activity.Current = null;
        var parent = Parent(context.Request);
        using var span = Signals.Source.StartActivity(SpanName(context.Request), ActivityKind.Server, parent) ?? Unobserved(parent);
        await next(context);
        if (span.IsAllDataRequested)
        {
            Describe(span, context);
        }
    }

    private static ActivityContext Parent(HttpRequest request) =>
        request.Headers.TraceParent is [{ } header] && ActivityContext.TryParse(header, traceState: null, isRemote: true, out var parent) ? parent : default;

    /// <summary>For the trace's id alone, in logs and problems.</summary>
    private static Activity Unobserved(ActivityContext parent)
    {
        var span = new Activity(SignalNames.Source);
        if (parent != default)
        {
            span.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        }

        span.IsAllDataRequested = false;
        return span.Start();
    }

    private static void Describe(Activity span, HttpContext context)
    {
        if ((context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } route)
        {
            span.DisplayName = $"{SpanName(context.Request)} {route}";
            span.SetTag("http.route", route);
        }

        span.SetTag("http.request.method", Method(context.Request));
        span.SetTag("url.scheme", context.Request.Scheme == "https" ? "https" : "http");
        if (context.RequestAborted.IsCancellationRequested)
        {
            span.SetTag(SignalNames.Attributes.ErrorType, SignalNames.Outcomes.Cancelled);
            return;
        }

        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag(SignalNames.Attributes.ErrorType, status.ToString(CultureInfo.InvariantCulture)).SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>A client may send any word as its method.</summary>
    private static string Method(HttpRequest request) => Array.Find(Methods, known => known == request.Method) ?? UnknownMethod;

    private static string SpanName(HttpRequest request) => Method(request) is not UnknownMethod and var method ? method : "HTTP";
}
