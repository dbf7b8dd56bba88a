using System.Text.Json;
using System.Xml;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Aws;

/// <summary>Reads an answer. Any exception a parser throws means that it is none.</summary>
internal delegate T AwsAnswerReader<out T>(ReadOnlyMemory<byte> body);

/// <summary>Signs and sends requests to one AWS service, and makes failures of what comes back. Does not retry.</summary>
internal sealed partial class AwsClient(HttpClient http, AwsEndpoint endpoint, TimeProvider time, ILogger logger)
{
    /// <param name="call">What is asked.</param>
    /// <param name="keys">To sign with; null where the request carries another proof.</param>
    /// <param name="read">Reads a success.</param>
    /// <param name="cancellationToken">The caller gave up.</param>
    public async Task<Result<T>> SendAsync<T>(AwsCall call, AwsKeys? keys, AwsAnswerReader<T> read, CancellationToken cancellationToken)
    {
        try
        {
            using var request = Create(call, keys);

            // Headers only: the handler has buffered the answer already, and the client would copy it once more.
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var answer = ((BoundedContent)response.Content).Bytes;
            var requestId = RequestIdOf(response);
            if (!response.IsSuccessStatusCode)
            {
                var error = AwsError.Parse(response, answer);
                Log.Refused(logger, endpoint.Service, call.Operation, (int)response.StatusCode, error.Code, requestId);
                return AwsFailures.Of(error, call, endpoint, (int)response.StatusCode, RetryAfter.From(response, time));
            }

            Log.Answered(logger, endpoint.Service, call.Operation, requestId);
            return Read(call, answer, read);
        }
        catch (Exception exception) when (TransportFailure.From(exception) is { } failure)
        {
            Log.Unreached(logger, endpoint.Service, call.Operation, failure.Code);
            return failure;
        }
    }

    private Result<T> Read<T>(AwsCall call, ReadOnlyMemory<byte> answer, AwsAnswerReader<T> read)
    {
        try
        {
            return read(answer);
        }
        catch (Exception exception) when (exception is JsonException or XmlException or InvalidOperationException or FormatException)
        {
            // Not logged: parsers quote what they did not understand. InvalidOperationException is the JSON reader's word
            // for a value of another type, or for half a surrogate pair.
            return AwsFailures.NotAws(call, endpoint);
        }
    }

    /// <summary>A refusal that came inside a successful answer.</summary>
    public Failure FailureOf(AwsError error, AwsCall call) => AwsFailures.Of(error, call, endpoint, status: 400, retryAfter: null);

    private HttpRequestMessage Create(AwsCall call, AwsKeys? keys)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint.Address, "/"))
        {
            Content = new ReadOnlyMemoryContent(call.Body),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", call.ContentType);
        if (call.Target is not null)
        {
            request.Headers.TryAddWithoutValidation("x-amz-target", call.Target);
        }

        if (keys is not null)
        {
            SigV4.Sign(request, call.Body.Span, keys, endpoint, time.GetUtcNow());
        }

        return request;
    }

    private static string? RequestIdOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues("x-amzn-RequestId", out var values) ? AwsError.Harmless(values.First()) : null;

    private static partial class Log
    {
        [LoggerMessage(EventId = 3101, Level = LogLevel.Debug, Message = "AWS {Service} answered {Operation} (request {RequestId})")]
        public static partial void Answered(ILogger logger, string service, string operation, string? requestId);

        [LoggerMessage(EventId = 3102, Level = LogLevel.Information,
            Message = "AWS {Service} refused {Operation} with {Status} {Code} (request {RequestId})")]
        public static partial void Refused(ILogger logger, string service, string operation, int status, string? code, string? requestId);

        [LoggerMessage(EventId = 3103, Level = LogLevel.Information, Message = "AWS {Service} gave no answer to {Operation}: {Code}")]
        public static partial void Unreached(ILogger logger, string service, string operation, string code);
    }
}
