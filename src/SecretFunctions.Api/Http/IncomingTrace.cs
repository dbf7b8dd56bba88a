using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Api.Http;

/// <summary>
/// Goes on with the caller's trace (W3C Trace Context) where the host did not. Kestrel does; behind another router a request may come in an
/// execution context of its own, without the activity its server began.
/// </summary>
internal static class IncomingTrace
{
    private const string Operation = "SecretFunctions.Request";

    private static readonly ActivitySource Source = new("SecretFunctions");

    /// <summary>Null where there is an activity already. Disposing ends it.</summary>
    public static Activity? Continue(HttpRequest request)
    {
        if (Activity.Current is not null)
        {
            return null;
        }

        // What cannot be read is as good as absent: the trace begins here.
        var parent = request.Headers.TraceParent is { Count: 1 } header
            && ActivityContext.TryParse(header[0], request.Headers.TraceState, isRemote: true, out var context) ? context : default;
        return Source.StartActivity(Operation, ActivityKind.Server, parent) ?? StartUnseen(parent);
    }

    /// <summary>Nobody listens, and problems name their trace all the same.</summary>
    private static Activity StartUnseen(ActivityContext parent)
    {
        var activity = new Activity(Operation) { TraceStateString = parent.TraceState };
        if (parent != default)
        {
            activity.SetParentId(parent.TraceId, parent.SpanId, parent.TraceFlags);
        }

        return activity.SetIdFormat(ActivityIdFormat.W3C).Start();
    }
}
