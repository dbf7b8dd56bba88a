using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Hosting;

namespace SecretFunctions.Functions;

/// <summary>The timers of this head. When they run, settings say: six-field expressions, in UTC.</summary>
public sealed class TimerFunctions(BackgroundWork work)
{
    [Function("maintenance")]
    public Task RunMaintenanceAsync([TimerTrigger("%MaintenanceSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        work.MaintainAsync(cancellationToken);

    [Function("key-rotation")]
    public Task RunKeyRotationAsync([TimerTrigger("%KeyRotationSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        work.RotateSigningKeysAsync(cancellationToken);
}
