using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles.Otlp;

namespace SecretFunctions.EndToEnd.Tests;

/// <summary>What a collector is told by the process itself.</summary>
public sealed class TelemetryTests
{
    private const string Value = "cAnArY-v4lu3-Zx81";

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_resolve_is_told_in_traces_metrics_and_logs_when_the_process_ends_at_the_latest(string protocol)
    {
        using var data = new TemporaryFolder();
        await using var collector = new OtlpCollectorDouble(grpc: protocol == "grpc");
        await collector.StartAsync();
        await using var server = await ServerProcess.StartAsync(
            data.Path,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"{collector.Address}"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=acme"));

        await ResolveAsync(server);
        await server.StopAsync();

        var span = collector.Spans.Where(static span => span.Kind == OtlpSpan.Server && span["http.route"] == "/v1/resolve").ShouldHaveSingleItem();
        span["http.response.status_code"].ShouldBe("200");
        collector.Points.Select(static point => point.Scope).Distinct().ShouldBe(
            ["SecretFunctions", "Microsoft.AspNetCore.Hosting", "System.Runtime"], ignoreOrder: true);
        collector.Logs.ShouldContain(static log => log.Category == "Microsoft.Hosting.Lifetime" && log.Body.StartsWith("Now listening on: ", StringComparison.Ordinal));
        collector.Resources.ShouldAllBe(static resource =>
            resource["service.name"] == "secretfunctions" && resource["deployment.environment.name"] == "acme" && resource["service.version"].Length > 0);
        collector.Raw.ShouldAllBe(static body => !Encoding.UTF8.GetString(body).Contains(Value));
        server.Output.ShouldNotContain(Value);
    }

    private static async Task ResolveAsync(ServerProcess server)
    {
        using var client = new HttpClient { BaseAddress = server.Url };
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {server.Key}");
        foreach (var (path, body) in new (string, JsonObject)[]
        {
            ("v1/variables/dev/KEY", new() { ["value"] = Value }),
            ("v1/automations/crew", new() { ["project"] = "default" }),
            ("v1/automations/crew/assignments", new() { ["items"] = new JsonArray(new JsonObject { ["key"] = "KEY" }) }),
        })
        {
            (await Answer.OfAsync(client, HttpMethod.Put, path, body)).ShouldSucceed();
        }

        (await Answer.OfAsync(client, HttpMethod.Post, "v1/resolve", new JsonObject { ["automation"] = "crew" })).ShouldBe(200).Body.ShouldContain(Value);
    }
}
