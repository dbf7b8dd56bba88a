using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>What goes wrong at a double, and for how many requests. Safe for concurrent use.</summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<(string PathStart, Func<HttpContext, Task> Fault)> _next = [];

    /// <summary>Every answer waits this long, as a distant cloud would.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>While true every connection is cut before an answer.</summary>
    public bool Down { get; set; }

    /// <summary>The next request is answered by <paramref name="fault"/> instead of the double; faults queue up.</summary>
    public void Next(Func<HttpContext, Task> fault) => NextAt("/", fault);

    /// <summary>As <see cref="Next"/>, but for the next request whose path starts so: for clients that ask several things at once.</summary>
    public void NextAt(string pathStart, Func<HttpContext, Task> fault)
    {
        lock (_gate)
        {
            _next.Add((pathStart, fault));
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

    /// <summary>The next request gets this answer, whatever it asked.</summary>
    public void AnswerNext(int status, string body, string contentType = "application/json", TimeSpan? retryAfter = null) =>
        Next(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            if (retryAfter is { } wait)
            {
                context.Response.Headers.RetryAfter = ((int)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            await context.Response.WriteAsync(body);
        });

    /// <summary>The next request gets no answer, ever. The task ends when that request has arrived.</summary>
    public Task HangNext()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Next(async context =>
        {
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = context.RequestAborted.Register(gone.SetResult);
            arrived.SetResult();
            await gone.Task;
        });
        return arrived.Task;
    }

    /// <summary>The next answer is JSON without an end (64 MiB, so that a client without a limit fails its test and not the machine).</summary>
    public void OversizeNext() => Next(static async context =>
    {
        context.Response.ContentType = "application/json";
        var chunk = new byte[64 * 1024];
        Array.Fill(chunk, (byte)'x');
        try
        {
            await context.Response.WriteAsync("{\"endless\":\"", context.RequestAborted);
            for (var sent = 0; sent < 1024; sent++)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
            }

            await context.Response.WriteAsync("\"}", context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client hung up at its limit, which is what the test is about.
        }
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

        Func<HttpContext, Task>? fault = null;
        lock (_gate)
        {
            var index = _next.FindIndex(next => context.Request.Path.Value!.StartsWith(next.PathStart, StringComparison.Ordinal));
            if (index >= 0)
            {
                fault = _next[index].Fault;
                _next.RemoveAt(index);
            }
        }

        if (fault is null)
        {
            return false;
        }

        await fault(context);
        return true;
    }
}
