using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>What goes wrong at a double, and for how many requests. Safe for concurrent use.</summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly Queue<Func<HttpContext, Task>> _next = [];

    /// <summary>Every answer waits this long, as a distant cloud would.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>While true every connection is cut before an answer.</summary>
    public bool Down { get; set; }

    /// <summary>The next request is answered by <paramref name="fault"/> instead of the double; faults queue up.</summary>
    public void Next(Func<HttpContext, Task> fault)
    {
        lock (_gate)
        {
            _next.Enqueue(fault);
        }
    }

    /// <summary>The next request gets headers that promise a body, half of it, and a cut connection.</summary>
    public void TruncateNext() => Next(static async context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("{\"half\":");
        await context.Response.Body.FlushAsync();
        context.Abort();
    });

    /// <returns>True where the fault was the answer.</returns>
    internal async Task<bool> ApplyAsync(HttpContext context)
    {
        if (Latency > TimeSpan.Zero)
        {
            // The one wait in the doubles: it is what they simulate, and no test waits for it itself.
            await Task.Delay(Latency, TimeProvider.System, context.RequestAborted);
        }

        if (Down)
        {
            context.Abort();
            return true;
        }

        Func<HttpContext, Task>? fault;
        lock (_gate)
        {
            _next.TryDequeue(out fault);
        }

        if (fault is null)
        {
            return false;
        }

        await fault(context);
        return true;
    }
}
