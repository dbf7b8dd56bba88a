using System.Net;
using System.Text;
using Azure.Core.Pipeline;
using SecretFunctions.Storage.Tables;

namespace SecretFunctions.Storage.Tests.Tables;

/// <summary>Plays Table Storage from a list of answers, and keeps what it was asked.</summary>
internal sealed class ScriptedService : HttpMessageHandler
{
    private readonly Queue<Func<HttpResponseMessage>> _answers = new();

    public List<Request> Requests { get; } = [];

    /// <summary>The client's own settings, with shorter waits.</summary>
    public TableClientOptions Options() => new()
    {
        Transport = new HttpClientTransport(new HttpClient(this, disposeHandler: false)),
        Retry = { Delay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(1) },
    };

    public ScriptedService Answer(int status, string body = "", params (string Name, string Value)[] headers) =>
        Answer(status, () => body, headers);

    /// <param name="status">The status.</param>
    /// <param name="body">Made when it is sent, so that it can depend on the requests before.</param>
    /// <param name="headers">More headers.</param>
    public ScriptedService Answer(int status, Func<string> body, params (string Name, string Value)[] headers)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body(), Encoding.UTF8) };
            foreach (var (name, value) in headers)
            {
                response.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue();
            }

            return response;
        });
        return this;
    }

    /// <summary>A batch that was applied, with an ETag for each operation.</summary>
    public ScriptedService AnswerBatch(params string[] etags) =>
        Answer(202, Batch(string.Concat(etags.Select(etag => $"{PartHead}HTTP/1.1 204 No Content\r\nETag: {etag}\r\n\r\n\r\n"))));

    /// <summary>A batch that failed inside.</summary>
    public ScriptedService AnswerBatchError(int status, string code, int index) =>
        Answer(202, Batch(
            $"{PartHead}HTTP/1.1 {status} Nope\r\nContent-ID: {index + 1}\r\nContent-Type: application/json\r\n\r\n{Error(code, $"{index}:It did not work.\\nRequestId:1")}\r\n"));

    public ScriptedService AnswerError(int status, string code) =>
        Answer(status, Error(code, "It did not work."), ("x-ms-error-code", code));

    /// <summary>The connection breaks: whether the request was carried out stays unknown.</summary>
    public ScriptedService LoseAnswer()
    {
        _answers.Enqueue(() => throw new HttpRequestException("The connection was reset."));
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        Requests.Add(new Request(
            request.Method.Method,
            request.RequestUri!,
            request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
                .ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase),
            body));
        _answers.TryDequeue(out var answer).ShouldBeTrue($"an unexpected request: {request.Method} {request.RequestUri}");
        return answer!();
    }

    private const string PartHead = "--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n";

    private static string Batch(string parts) =>
        $"--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n{parts}--changesetresponse_1--\r\n--batchresponse_1--\r\n";

    private static string Error(string code, string message) =>
        $"{{\"odata.error\":{{\"code\":\"{code}\",\"message\":{{\"lang\":\"en-US\",\"value\":\"{message}\"}}}}}}";

    internal sealed record Request(string Method, Uri Uri, Dictionary<string, string> Headers, string Body)
    {
        /// <summary>The marker in the first entity of a batch.</summary>
        public string Marker() => Body.Split("\"T\":\"")[1].Split('"')[0];
    }
}
