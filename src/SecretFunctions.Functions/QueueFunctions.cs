using Microsoft.Azure.Functions.Worker;
using SecretFunctions.Hosting;

namespace SecretFunctions.Functions;

/// <summary>Rotation events that Event Grid puts into a queue of the deployment's own storage account: there is no address to post to, and no key to keep.</summary>
public sealed class QueueFunctions(BackgroundWork work)
{
    [Function("rotation-events")]
    public Task RunAsync([QueueTrigger("%RotationQueue%")] string message, CancellationToken cancellationToken) =>
        work.ReceiveEventGridAsync(message, cancellationToken);
}
