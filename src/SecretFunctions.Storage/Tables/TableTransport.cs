using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Storage.Tables;

/// <summary>Sends requests through Azure.Core's pipeline, and turns what keeps them from arriving into the port's exception.</summary>
internal sealed class TableTransport
{
    private readonly HttpPipeline _pipeline;

    /// <param name="account">Signs with its key, where it has one.</param>
    /// <param name="credential">Else the identity that gets a token.</param>
    /// <param name="options">Retries and transport.</param>
    /// <param name="time">Dates the signatures.</param>
    public TableTransport(TablesAccount account, TokenCredential? credential, TableClientOptions options, TimeProvider time)
    {
        HttpPipelinePolicy authentication = account switch
        {
            { Name: { } name, Key: { } key } => new SharedKeyLitePolicy(name, key, time),
            _ when credential is not null => new BearerTokenAuthenticationPolicy(credential, "https://storage.azure.com/.default"),
            _ => throw new ArgumentException("An account without a key needs a credential.", nameof(credential)),
        };

        // In this order: the history must have read the answer before the failure policy turns it into an exception.
        _pipeline = HttpPipelineBuilder.Build(
            options, [], [new PassingBatchFailurePolicy(), new AttemptHistory(), authentication], new ResponseClassifier());
    }

    public HttpMessage CreateMessage(RequestMethod method, string url)
    {
        var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(url));
        message.Request.Headers.SetValue("x-ms-version", "2020-12-06");
        message.Request.Headers.SetValue("DataServiceVersion", "3.0");

        // Minimal metadata brings the ETag of each row of a query; without any metadata there would be none.
        message.Request.Headers.SetValue("Accept", "application/json;odata=minimalmetadata");
        return message;
    }

    /// <returns>Null for a success.</returns>
    /// <exception cref="StoreUnavailableException">No answer, or one that says to come back later.</exception>
    public async Task<TableError?> SendAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _pipeline.SendAsync(message, cancellationToken);
        }
        catch (Exception e) when (IsUnreachable(e, cancellationToken))
        {
            throw new StoreUnavailableException("Table Storage could not be reached.", e);
        }

        return TableError.From(message.Response);
    }

    /// <summary>The body of a success.</summary>
    /// <exception cref="StoreUnavailableException">It is not JSON: something other than Table Storage answered.</exception>
    public static JsonDocument ReadJson(Response response)
    {
        try
        {
            return JsonDocument.Parse(response.Content);
        }
        catch (JsonException e)
        {
            throw new StoreUnavailableException("Table Storage answered with something that is not JSON.", e);
        }
    }

    /// <summary>What to throw for an error that no caller of the port expects.</summary>
    public static StoreUnavailableException Unexpected(TableError error) =>
        new($"Table Storage refused a request: {error.Status} {error.Code}".TrimEnd() + ".");

    // An AggregateException holds the failure of each attempt. A cancellation that is not the caller's is a timeout.
    private static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) => exception switch
    {
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        RequestFailedException or AggregateException or AuthenticationFailedException or HttpRequestException or IOException => true,
        _ => false,
    };
}
