using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace SecretFunctions.Contracts;

/// <summary>The HTTP API, typed. Safe for concurrent use. Every failure is a <see cref="SecretFunctionsException"/>.</summary>
/// <remarks>
/// Does not retry: a resolve is the caller's kickoff, and a write is theirs to repeat. Does not follow redirects, which would carry
/// keys and values elsewhere.
/// </remarks>
public sealed partial class SecretFunctionsClient : IDisposable
{
    private const int PageSize = 200;
    private const string ProblemType = "application/problem+json";

    // Lenient where the service is strict: a newer one may say more. Nulls are left out, because in a merge patch a null removes.
    private static readonly ContractsJson Json = new(new JsonSerializerOptions(ContractsJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue _authorization;
    private readonly string? _organization;

    /// <param name="address">Of the service: <c>https://secrets.example.org</c>, with a path where a proxy adds one.</param>
    /// <param name="apiKey">Sent with every request.</param>
    /// <param name="organization">For a key of several organizations; null for its own.</param>
    /// <param name="handler">How to reach the service, disposed with the client; null for a plain one.</param>
    public SecretFunctionsClient(Uri address, string apiKey, string? organization = null, HttpMessageHandler? handler = null)
    {
        _http = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/"),
        };
        _authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        _organization = organization;
    }

    public Task<WhoamiResponse> WhoamiAsync(CancellationToken cancellationToken) => WhoamiAsync(null, cancellationToken);

    /// <param name="explain"><c>FEATURE:LEVEL[:ENVIRONMENT[:SCOPE]]</c>: whether the caller may do this there, and which rule says so.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<WhoamiResponse> WhoamiAsync(string? explain, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, Query("v1/whoami", ("explain", explain)), Json.WhoamiResponse, cancellationToken);

    public void Dispose() => _http.Dispose();

    private static string Escape(string segment) => Uri.EscapeDataString(segment);

    /// <summary>A path with the parameters that have a value.</summary>
    private static string Query(string path, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                path = $"{path}{separator}{name}={Escape(value)}";
                separator = '&';
            }
        }

        return path;
    }

    private static ByteArrayContent Body<T>(T body, JsonTypeInfo<T> type) => JsonContent(JsonSerializer.SerializeToUtf8Bytes(body, type));

    private static ByteArrayContent JsonContent(byte[] json)
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>All pages, each asked for when the one before it has been used up.</summary>
    private async IAsyncEnumerable<T> ListAsync<T>(string path, JsonTypeInfo<Page<T>> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await SendAsync(HttpMethod.Get, Query(path, ("limit", $"{PageSize}"), ("cursor", cursor)), type, cancellationToken);
            foreach (var item in page.Items)
            {
                yield return item;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    private Task<T> SendAsync<T>(HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(method, path), type, cancellationToken);

    private Task<T> SendAsync<TBody, T>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(method, path) { Content = Body(body, bodyType) }, type, cancellationToken);

    private async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        (await SendTaggedAsync(request, type, cancellationToken)).Resource;

    private async Task<Tagged<T>> SendTaggedAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await SendAsync(request, cancellationToken);
            return new Tagged<T>(await ReadAsync(response, type, cancellationToken), response.Headers.ETag?.ToString());
        }
    }

    private Task DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, path, cancellationToken);

    /// <summary>Without a body, and answered without one.</summary>
    private Task PutAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put, path, cancellationToken);

    private async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await SendAsync(request, cancellationToken);
    }

    /// <summary>An answer that is a success; its body is read by the caller.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = _authorization;
        if (_organization is not null)
        {
            request.Headers.Add("X-Organization", _organization);
        }

        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new SecretFunctionsException(0, SecretFunctionsException.Unreachable, $"{_http.BaseAddress} cannot be reached: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SecretFunctionsException(0, SecretFunctionsException.Unreachable, $"{_http.BaseAddress} did not answer in time.", exception);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ProblemAsync(response, cancellationToken);
        }
    }

    private async Task<SecretFunctionsException> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        response.Content.Headers.ContentType?.MediaType == ProblemType
            ? new SecretFunctionsException(await ReadAsync(response, Json.Problem, cancellationToken))
            : NotAnAnswer(response.StatusCode);

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw NotAnAnswer(response.StatusCode);
        }
        catch (JsonException)
        {
            // Not passed on: it may quote what it could not read.
            throw NotAnAnswer(response.StatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new SecretFunctionsException(0, SecretFunctionsException.Unreachable, $"The answer of {_http.BaseAddress} was cut off.", exception);
        }
    }

    private SecretFunctionsException NotAnAnswer(HttpStatusCode status) => new(
        (int)status,
        SecretFunctionsException.NotAnAnswer,
        $"What {_http.BaseAddress} answered (status {(int)status}) is not an answer of SecretFunctions: check the address, and proxies before it.");
}
