using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>An answer, read to its end.</summary>
public sealed record Reply(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Body)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = JsonTypeInfoResolver.Combine() };

    public JsonNode Json => JsonNode.Parse(Body) ?? throw new InvalidOperationException("The body is JSON null.");

    public string ETag => Headers.ETag?.Tag ?? throw new InvalidOperationException($"There is no ETag: {this}");

    public string? MediaType => ContentHeaders.ContentType?.MediaType;

    /// <summary>Of a problem.</summary>
    public string Code => (string)Json["code"]!;

    /// <summary>Of a problem with several: code and field, key or line of each.</summary>
    public IEnumerable<string> Errors =>
        Json["errors"]!.AsArray().Select(static error => $"{error!["code"]} {error["field"] ?? error["key"] ?? error["line"]}".TrimEnd());

    /// <summary>Of a problem with several: what each says.</summary>
    public IReadOnlyList<string> Details => [.. Json["errors"]!.AsArray().Select(static error => (string)error!["detail"]!)];

    /// <summary>The names, keys or ids of a list's items.</summary>
    public IEnumerable<string> Items => Json["items"]!.AsArray().Select(static item => (string)(item!["name"] ?? item["id"] ?? item["version"])!.ToString());

    public string? NextCursor => (string?)Json["nextCursor"];

    public Reply ShouldBe(int status)
    {
        Status.ShouldBe(status, Body);
        return this;
    }

    /// <summary>Exactly this document: names, values and their order.</summary>
    public Reply ShouldBe(int status, string json)
    {
        ShouldBe(status);
        MediaType.ShouldBe("application/json");
        ShouldBeJson(Json, json);
        return this;
    }

    public Reply ShouldBeNothing()
    {
        ShouldBe(204);
        Body.ShouldBeEmpty();
        return this;
    }

    /// <summary>A whole problem (RFC 9457) with this code.</summary>
    public Reply ShouldBeProblem(int status, string code)
    {
        Status.ShouldBe(status, Body);
        MediaType.ShouldBe("application/problem+json", Body);
        Code.ShouldBe(code, Body);
        ((int)Json["status"]!).ShouldBe(status);
        ((string)Json["type"]!).ShouldBe($"urn:secretfunctions:problem:{code}");
        ((string?)Json["title"]).ShouldNotBeNullOrWhiteSpace();
        ((string?)Json["detail"]).ShouldNotBeNullOrWhiteSpace();
        ((string?)Json["traceId"]).ShouldNotBeNullOrWhiteSpace();
        Headers.CacheControl.ShouldNotBeNull().NoStore.ShouldBeTrue();
        return this;
    }

    /// <summary>The same names, values and order; how characters are escaped does not matter.</summary>
    public static void ShouldBeJson(JsonNode? actual, string json) => actual!.ToJsonString(Plain).ShouldBe(JsonNode.Parse(json)!.ToJsonString(Plain));

    public override string ToString() => $"{Status} {MediaType} {Body}";
}
