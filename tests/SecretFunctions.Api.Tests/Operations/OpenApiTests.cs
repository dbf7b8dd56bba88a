using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Access;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Operations;

/// <summary>The document says what the API does, and the API does what the document says.</summary>
public abstract partial class OpenApiTests(Head head) : ApiTest(head)
{
    private int _made;

    [Fact]
    public async Task The_document_has_every_route_and_no_other()
    {
        var mapped = (await Routes.AllAsync(Host)).SelectMany(Routes.Names).Where(static name => name != "GET /openapi/v1.json" && !name.StartsWith("HEAD ", StringComparison.Ordinal));
        Operations(await DocumentAsync()).Select(operation => operation.Name).Order().ShouldBe(mapped.Order());
    }

    [Fact]
    public async Task Every_operation_documents_its_path_its_caller_and_its_problems()
    {
        foreach (var (name, operation) in Operations(await DocumentAsync()))
        {
            var parameters = (operation["parameters"]?.AsArray() ?? []).Select(parameter => $"{parameter!["in"]} {parameter["name"]}").ToArray();
            parameters.ShouldBeUnique();
            foreach (Match match in Placeholder().Matches(name))
            {
                parameters.ShouldContain($"path {match.Groups[1].Value}", name);
            }

            var isOpen = name.StartsWith("GET /health/", StringComparison.Ordinal) || name.StartsWith("GET /.well-known/", StringComparison.Ordinal);
            (operation["security"] is null).ShouldBe(isOpen, name);
            parameters.Contains("header X-Organization").ShouldBe(!isOpen, name);
            (name.StartsWith("PUT ", StringComparison.Ordinal) || name.StartsWith("PATCH ", StringComparison.Ordinal)).ShouldBe(operation["requestBody"] is not null && !name.StartsWith("POST ", StringComparison.Ordinal), name);
            (operation["responses"]!["default"] is not null || isOpen).ShouldBeTrue(name);
        }
    }

    /// <summary>One call of each operation after the other, so that each finds what it needs; the answer must be one the document describes.</summary>
    [Fact]
    public async Task Every_operation_answers_as_documented()
    {
        var document = await DocumentAsync();
        var schemas = new JsonSchema(document);
        var left = Operations(document).ToDictionary(operation => operation.Name, operation => operation.Operation);
        var values = new Dictionary<string, string>();
        foreach (var call in Tour.Calls)
        {
            var operation = left.GetValueOrDefault(call.Route) ?? Operations(document).Single(other => other.Name == call.Route).Operation;
            left.Remove(call.Route);
            var reply = await call.SendAsync(Operator, values);
            call.Learn(reply, values);

            var response = operation["responses"]![$"{reply.Status}"] ?? (reply.Status >= 400 ? operation["responses"]!["default"] : null);
            response.ShouldNotBeNull($"{call.Route} answered {reply}");
            reply.Status.ShouldBe(call.Status, $"{call.Route} answered {reply}");
            if (response["content"]?.AsObject() is { Count: > 0 } content)
            {
                content.Single().Key.ShouldBe(reply.MediaType);
                schemas.Check(content.Single().Value!["schema"]!, reply.Json, call.Route);
            }
            else
            {
                reply.Body.ShouldBeEmpty(call.Route);
            }
        }

        left.Keys.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_made_once_and_repeats_nothing_of_a_request()
    {
        var first = await Host.Anonymous.GetReplyAsync("/openapi/v1.json", ("Host", "evil.example"));
        var second = await Host.Anonymous.GetReplyAsync("/openapi/v1.json");

        first.ShouldBe(200).Body.ShouldNotContain("evil.example");
        (second.Body, _made).ShouldBe((first.Body, 1));
    }

    private static IEnumerable<(string Name, JsonNode Operation)> Operations(JsonNode document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(verb => ($"{verb.Key.ToUpperInvariant()} {path.Key}", verb.Value!)));

    private async Task<JsonNode> DocumentAsync() => (await Host.Anonymous.GetReplyAsync("/openapi/v1.json")).ShouldBe(200).Json;

    [GeneratedRegex(@"\{([^}]*)\}")]
    private static partial Regex Placeholder();

    protected override void Configure(IServiceCollection services)
    {
        services.AddFakeCloud(FakeCloud.Provider());
        services.Configure<OpenApiOptions>("v1", options => options.AddDocumentTransformer((_, _, _) =>
        {
            _made++;
            return Task.CompletedTask;
        }));
    }

    public sealed class Direct() : OpenApiTests(Head.Direct);

    public sealed class BehindARouter() : OpenApiTests(Head.BehindARouter);
}
