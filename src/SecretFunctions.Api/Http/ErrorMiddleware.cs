using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Api.Http;

/// <summary>
/// The outermost step but for the trace: whatever goes wrong below becomes a problem here and nowhere else. A host that let an exception through could
/// answer 200 with an empty body.
/// </summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        EveryAnswer.Identify(context);
        EveryAnswer.PutHeaders(context);
        try
        {
            await AnswerAsync(context);
        }
        catch (Exception exception) when (HasLeft(context, exception))
        {
            // Nobody is left to answer, be it with a problem.
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await DescribeStatusAsync(context);
        }
        catch (StoreUnavailableException exception)
        {
            Log.StoreUnavailable(logger, exception.Message, context.Request.Path, context.TraceIdentifier);
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, new Failure(FailureKind.Unavailable, "store.unavailable", "The store cannot be reached. Try again."));
        }
        catch (RootKeyException exception)
        {
            Log.RootKey(logger, exception.Message, context.TraceIdentifier);
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, new Failure(FailureKind.Unavailable, "root_key.unavailable", "The organization's keys cannot be opened. The operator's log says why."));
        }
        catch (BadHttpRequestException exception)
        {
            var failure = Failure.Invalid("request.invalid", "The request is not valid HTTP, or its body ended early.");
            await FailAsync(context, exception.StatusCode, failure);
        }
        catch (Exception exception) when (!HasLeft(context, exception))
        {
            // The process edge. The exception's text may hold anything, so its type and place are all that is told.
            Log.Bug(logger, exception.GetType().FullName ?? "", exception.StackTrace ?? "", context.Request.Method, context.GetEndpoint()?.DisplayName ?? "", context.TraceIdentifier);
            var failure = Failure.Invalid("internal", "Something went wrong here. The trace id leads to it in the log.");
            await FailAsync(context, StatusCodes.Status500InternalServerError, failure);
        }
    }

    /// <summary>The client went while its request was read or its answer written, or while either was waited for.</summary>
    private static bool HasLeft(HttpContext context, Exception exception) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (exception is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested);

    private static Task DescribeStatusAsync(HttpContext context)
    {
        if (context.Response.HasStarted || context.Response.ContentLength is not null || context.Response.ContentType is not null)
        {
            return Task.CompletedTask;
        }

        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problems.WriteAsync(
                context, StatusCodes.Status404NotFound, Failure.NotFound("route.not_found", "There is nothing at this address. GET /openapi/v1.json lists what there is.")),
            StatusCodes.Status405MethodNotAllowed => Problems.WriteAsync(
                context, StatusCodes.Status405MethodNotAllowed, Failure.Invalid("route.method_not_allowed", $"This address takes {context.Response.Headers.Allow}.")),
            _ => Task.CompletedTask,
        };
    }

    private static Task FailAsync(HttpContext context, int status, Failure failure)
    {
        if (context.Response.HasStarted)
        {
            // Too late for another answer: the client must not take half of one for a whole.
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.Clear();
        EveryAnswer.PutHeaders(context);
        return Problems.WriteAsync(context, status, failure);
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "The store cannot be reached: {Reason} ({Path}, request {RequestId})")]
        public static partial void StoreUnavailable(ILogger logger, string reason, string path, string requestId);

        [LoggerMessage(EventId = 1002, Level = LogLevel.Error, Message = "The organization's keys cannot be opened: {Reason} (request {RequestId})")]
        public static partial void RootKey(ILogger logger, string reason, string requestId);

        [LoggerMessage(EventId = 1003, Level = LogLevel.Error, Message = "Bug: {Exception} in {Method} {Endpoint} (request {RequestId})\n{StackTrace}")]
        public static partial void Bug(ILogger logger, string exception, string stackTrace, string method, string endpoint, string requestId);
    }
}
