using SecretFunctions.Core.Maintenance;
using SecretFunctions.Hosting;

namespace SecretFunctions.Server;

/// <summary>The timer of this head: a round soon after the start, then one every interval, whether or not the one before went well.</summary>
/// <param name="services">What a round needs is made for the first one, not for the start.</param>
internal sealed class MaintenanceService(IServiceProvider services, MaintenanceOptions options, IHostApplicationLifetime lifetime, TimeProvider time)
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
        var work = services.GetRequiredService<BackgroundWork>();
        using var timer = new PeriodicTimer(options.Interval, time);
        do
        {
            await RunAsync(work, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static async Task RunAsync(BackgroundWork work, CancellationToken stoppingToken)
    {
        try
        {
            await work.MaintainAsync(stoppingToken);
        }
        catch (BackgroundWorkException)
        {
            // Logged already. Leaving this loop it would stop the whole server.
        }
    }
}
