using Azure.Core;

namespace SecretFunctions.Storage.Tables;

/// <summary>
/// Repeats a batch that failed inside for a passing reason: its outer status is 202 even then, which looks like success.
/// </summary>
internal sealed class TableResponseClassifier : ResponseClassifier
{
    public override bool IsRetriableResponse(HttpMessage message) =>
        base.IsRetriableResponse(message)
        || (message.Response.Status == 202 && TableError.From(message.Response) is { Status: >= 500 or 429 or 408 });
}
