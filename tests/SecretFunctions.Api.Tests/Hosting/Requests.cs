using System.Net.Http.Headers;
using System.Text;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>Requests as these tests write them: a path, a body, headers, and the whole answer.</summary>
public static class Requests
{
    public static Task<Reply> GetReplyAsync(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Get, path, null, headers);

    public static Task<Reply> PutAsync(this HttpClient client, string path, string json, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Put, path, Json(json), headers);

    public static Task<Reply> PostAsync(this HttpClient client, string path, string json, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Post, path, Json(json), headers);

    /// <summary>A POST without a body.</summary>
    public static Task<Reply> PostAsync(this HttpClient client, string path) => client.SendAsync(HttpMethod.Post, path, null);

    public static Task<Reply> PatchAsync(this HttpClient client, string path, string json, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Patch, path, Content(json, "application/merge-patch+json"), headers);

    public static Task<Reply> DeleteReplyAsync(this HttpClient client, string path, params (string Name, string Value)[] headers) =>
        client.SendAsync(HttpMethod.Delete, path, null, headers);

    public static Task<Reply> ImportAsync(this HttpClient client, string path, string document) =>
        client.SendAsync(HttpMethod.Post, path, Content(document, "text/plain"));

    public static HttpContent Json(string json) => Content(json, "application/json");

    public static HttpContent Content(string text, string mediaType) => Content(Encoding.UTF8.GetBytes(text), mediaType);

    public static HttpContent Content(byte[] bytes, string contentType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    public static async Task<Reply> SendAsync(
        this HttpClient client, HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request);
        return new Reply((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync());
    }
}
