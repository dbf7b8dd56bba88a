using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Api.Http;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>
/// Hands requests over as the Functions worker does: matched by a router of its own, which wants its endpoint and route values back, and in another
/// execution context than the request's, so that neither an activity nor the accessor's context comes along.
/// </summary>
internal sealed class ForeignRouter(ApiPipeline pipeline, ConcurrentQueue<string> faults)
{
    public const string Route = "{**path}";

    public async Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var values = context.Request.RouteValues;
        var path = values["path"];
        Task function;
        using (ExecutionContext.SuppressFlow())
        {
            function = Task.Run(() => RunAsync(context));
        }

        await function;
        if (endpoint is null || context.GetEndpoint() != endpoint || context.Request.RouteValues != values || values.Count != 1 || values["path"] != path)
        {
            faults.Enqueue($"{context.Request.Path} came back with another endpoint or other route values.");
        }
    }

    /// <summary>Whatever leaves the function: the client sees an empty 200, and nobody the reason.</summary>
    private async Task RunAsync(HttpContext context)
    {
        try
        {
            await pipeline.InvokeAsync(context);
        }
        catch (Exception exception)
        {
            faults.Enqueue($"{context.Request.Path} threw {exception}");
        }
    }
}
