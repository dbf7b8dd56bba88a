using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Http;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>Every endpoint says who it is for, and the few that are for anyone are named here.</summary>
public abstract partial class EndpointAccessTests(Head head) : ApiTest(head)
{
    private static readonly string[] ForAnyone =
    [
        "GET /.well-known/jwks.json", "GET /.well-known/openid-configuration", "GET /health/live", "GET /health/ready", "GET /openapi/v1.json",
        "HEAD /.well-known/jwks.json", "HEAD /.well-known/openid-configuration",
    ];
    private static readonly string[] ForAutomations = ["GET /v1/whoami", "POST /v1/render", "POST /v1/resolve"];

    [Fact]
    public async Task Every_endpoint_states_exactly_one_rule()
    {
        foreach (var endpoint in await Routes.AllAsync(Host))
        {
            endpoint.Metadata.GetOrderedMetadata<AccessRule>().Count.ShouldBe(1, endpoint.DisplayName);
        }
    }

    [Fact]
    public async Task Only_the_named_ones_are_for_anyone()
    {
        var open = (await Routes.AllAsync(Host)).Where(endpoint => endpoint.Metadata.GetMetadata<AccessRule>()!.Admission == Admission.Anyone);
        open.SelectMany(Routes.Names).Order().ShouldBe(ForAnyone);
    }

    [Fact]
    public async Task Nobody_unrecognized_comes_past_any_other()
    {
        foreach (var route in (await Routes.AllAsync(Host)).SelectMany(Routes.Names).Except(ForAnyone))
        {
            (await SendAsync(Host.Anonymous, route)).ShouldBeProblem(401, "auth.missing");
        }
    }

    [Fact]
    public async Task An_automation_reaches_what_it_needs_for_itself_and_nothing_else()
    {
        await Operator.AutomationAsync("crew");
        var crew = await Host.AutomationAsync("crew");
        foreach (var route in (await Routes.AllAsync(Host)).SelectMany(Routes.Names).Except(ForAnyone))
        {
            var reply = await SendAsync(crew, route);
            if (route == "POST /v1/tokens")
            {
                reply.ShouldBeProblem(403, "token.audience_not_allowed"); // for this audience; it is let in
            }
            else if (ForAutomations.Contains(route))
            {
                reply.ShouldBe(200);
            }
            else
            {
                reply.Status.ShouldBe(403, route);
                reply.Code.ShouldBeOneOf("access.automation_only_itself", "access.operator_only");
            }
        }

        await Operator.AutomationAsync("other");
        (await crew.PostAsync("/v1/resolve", """{"automation":"other"}""")).ShouldBeProblem(403, "access.automation_only_itself");
        (await crew.PostAsync("/v1/render", """{"automation":"other","templates":{}}""")).ShouldBeProblem(403, "access.automation_only_itself");
    }

    private static Task<Reply> SendAsync(HttpClient client, string route)
    {
        var (method, path) = (route.Split(' ')[0], Parameter().Replace(route.Split(' ')[1], "x"));
        var content = method is "GET" or "DELETE" ? null
            : path.EndsWith("/import", StringComparison.Ordinal) ? Requests.Content("", "text/plain")
            : Requests.Json(path switch { "/v1/render" => """{"templates":{}}""", "/v1/tokens" => """{"audience":"a"}""", _ => "{}" });
        return client.SendAsync(new HttpMethod(method), path, content);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    public sealed class Direct() : EndpointAccessTests(Head.Direct);

    public sealed class BehindARouter() : EndpointAccessTests(Head.BehindARouter);
}

/// <summary>The endpoints as the router knows them.</summary>
internal static class Routes
{
    /// <summary>Endpoints are mapped by the first request that gets as far as their router, so one to the last of them comes before.</summary>
    public static async Task<IReadOnlyList<RouteEndpoint>> AllAsync(ApiHost host)
    {
        (await host.Anonymous.GetReplyAsync("/openapi/v1.json")).ShouldBe(200);
        var endpoints = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(static endpoint => endpoint.RoutePattern.RawText != ForeignRouter.Route).ToList();
        endpoints.Count.ShouldBeGreaterThan(30);
        return endpoints;
    }

    /// <summary>Method and path, for each method.</summary>
    public static IEnumerable<string> Names(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {endpoint.RoutePattern.RawText}");
}
