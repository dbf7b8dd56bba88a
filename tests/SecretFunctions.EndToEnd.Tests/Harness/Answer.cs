using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>What the server answered, read to its end.</summary>
internal sealed record Answer(int Status, string Body)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    /// <summary>Of a problem.</summary>
    public string Code => (string)Json["code"]!;

    public static async Task<Answer> OfAsync(HttpClient client, HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        }

        using var response = await client.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public Answer ShouldBe(int status)
    {
        Status.ShouldBe(status, Body);
        return this;
    }

    public Answer ShouldBe(int status, string code)
    {
        ShouldBe(status).Code.ShouldBe(code, Body);
        return this;
    }

    public Answer ShouldSucceed()
    {
        Status.ShouldBeInRange(200, 299, Body);
        return this;
    }
}
