using Microsoft.Extensions.Logging;

namespace SecretFunctions.Core.Maintenance;

/// <summary>Keeps what goes wrong with one organization or credential from the others. Safe for concurrent use.</summary>
public sealed partial class Bulkhead(ILogger<Bulkhead> logger)
{
    internal async Task RunAsync(string organization, string step, Func<Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // The edge of one of many pieces of work. The exception's text may hold anything, so its type and place are all that is told.
            Log.Failed(logger, step, organization, exception.GetType().FullName ?? "", exception.StackTrace ?? "");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1501, Level = LogLevel.Error, Message = "Maintenance of organization {Organization} failed at {Step}; the next round tries again: {Exception}\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string step, string organization, string exception, string stackTrace);
    }
}
