using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace SecretFunctions.Storage.Tables;

/// <summary>
/// Makes the pipeline repeat a batch that failed inside for a passing reason. Its outer status is 202 even then, which
/// the retry policy takes for success before anybody has read the body.
/// </summary>
internal sealed class PassingBatchFailurePolicy : HttpPipelineSynchronousPolicy
{
    public override void OnReceivedResponse(HttpMessage message)
    {
        if (message.Response.Status == 202 && TableError.From(message.Response) is { Status: >= 500 or 429 or 408 } error)
        {
            // Status 0 is how Azure.Core says "no answer", which it repeats.
            throw new RequestFailedException(0, $"The batch failed with {error.Status} {error.Code}.");
        }
    }
}
