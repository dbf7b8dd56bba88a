using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace SecretFunctions.Storage.Tables;

/// <summary>Remembers whether an attempt before the last one may have been applied although no answer says so.</summary>
/// <remarks>
/// The pipeline repeats a request whose answer was lost. Where the first attempt had been applied, the repeat of a
/// conditional write fails against our own write, and that conflict is no conflict.
/// </remarks>
internal sealed class AttemptHistory : HttpPipelinePolicy
{
    /// <summary>True where an attempt got no answer, or one that leaves the outcome open.</summary>
    public static bool IsUncertain(HttpMessage message) =>
        message.TryGetProperty(typeof(AttemptHistory), out var value) && value is true;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var before = IsUncertain(message);

        // Set first and taken back when the answer is clear, so that every exception leaves it set.
        message.SetProperty(typeof(AttemptHistory), true);
        await ProcessNextAsync(message, pipeline);
        if (IsClear(message.Response))
        {
            message.SetProperty(typeof(AttemptHistory), before);
        }
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The table client is asynchronous.");

    // Below 500 the service has decided. A throttled request was refused before it was looked at.
    private static bool IsClear(Response response) =>
        TableError.From(response) is not { } error || error.Status < 500 || error.Code == "ServerBusy";
}
