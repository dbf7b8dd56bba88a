using System.Text;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api.Events;
using SecretFunctions.Core.Maintenance;

namespace SecretFunctions.Hosting;

/// <summary>Something that no request waits for did not succeed, and the log says why. The message is safe to show wherever a host writes it.</summary>
public sealed class BackgroundWorkException(string message) : Exception(message);

/// <summary>
/// What heads do without a request: by a timer, or when a queue has a message. Hosts log an exception whole that leaves such work, and its text may hold
/// anything, so another takes its place here. Safe for concurrent use.
/// </summary>
public sealed partial class BackgroundWork(
    MaintenanceRound round, SigningKeyMaintenance signingKeys, EventDeliveries deliveries, ILogger<BackgroundWork> logger)
{
    /// <summary>One round of maintenance, unless none is due yet or another instance is at it.</summary>
    /// <exception cref="BackgroundWorkException">It failed, and the next round tries again.</exception>
    public Task MaintainAsync(CancellationToken cancellationToken) => RunAsync("a round of maintenance", round.RunAsync, cancellationToken);

    /// <summary>Makes the next signing key where one is due: as each round of maintenance does, but not held up by one.</summary>
    /// <exception cref="BackgroundWorkException">It failed, and the next call tries again.</exception>
    public Task RotateSigningKeysAsync(CancellationToken cancellationToken) => RunAsync("rotation of signing keys", signingKeys.RunAsync, cancellationToken);

    /// <summary>Takes a message of a queue that Event Grid alone writes to: one event, in its own schema or as a CloudEvent.</summary>
    /// <exception cref="BackgroundWorkException">The message is none, or could not be followed now. The queue decides how often it is tried.</exception>
    public Task ReceiveEventGridAsync(string message, CancellationToken cancellationToken) => RunAsync("a rotation event", token => ReceiveAsync(message, token), cancellationToken);

    private async Task ReceiveAsync(string message, CancellationToken cancellationToken)
    {
        var received = await deliveries.ReceiveAsync(EventSources.EventGrid, Encoding.UTF8.GetBytes(message), cancellationToken);
        if (!received.TryGet(out _, out var failure))
        {
            Log.Refused(logger, failure.Code, failure.Detail);
            throw new BackgroundWorkException($"{failure.Code}: {failure.Detail}");
        }
    }

    private async Task RunAsync(string work, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is not BackgroundWorkException)
        {
            // The edge of a timer or a queue. The exception's text may hold anything, so its type and place are all that is told.
            Log.Failed(logger, work, exception.GetType().FullName ?? "", exception.StackTrace ?? "");
            throw new BackgroundWorkException($"It went wrong inside ({exception.GetType().Name}): {work}. The log of SecretFunctions says where.");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 1551, Level = LogLevel.Error, Message = "What runs in the background failed, and is tried again: {Work}: {Exception}\n{StackTrace}")]
        public static partial void Failed(ILogger logger, string work, string exception, string stackTrace);

        [LoggerMessage(EventId = 1552, Level = LogLevel.Warning, Message = "A queued rotation event was refused: {Code}: {Detail}")]
        public static partial void Refused(ILogger logger, string code, string detail);
    }
}
