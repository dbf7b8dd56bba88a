using SecretFunctions.Core.Maintenance;

namespace SecretFunctions.Server;

/// <summary>The timer of this head: a round soon after the start, then one every interval, whether or not the one before went well.</summary>
internal sealed partial class MaintenanceService(
    MaintenanceRound round, MaintenanceOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<MaintenanceService> logger)
    : BackgroundService
{
    /// <summary>Whoever waited for the start to be over is served first.</summary>
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunEveryIntervalAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end of the service, also where the server could not even listen: nothing the host should call a failure.
        }
    }

    private async Task RunEveryIntervalAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await Task.Delay(FirstAfter, time, stoppingToken);
        using var timer = new PeriodicTimer(options.Interval, time);
        do
        {
            await RunAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await round.RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            // The edge of the timer: an exception that left it would stop the whole server. Its text may hold anything, so it is not told.
            Log.Failed(logger, exception.GetType().FullName ?? "", exception.StackTrace ?? "");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1551, Level = LogLevel.Error, Message = "A round of maintenance failed; the next one tries again: {Exception}\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string exception, string stackTrace);
    }
}
