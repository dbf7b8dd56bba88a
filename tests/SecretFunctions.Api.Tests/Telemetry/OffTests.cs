using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Telemetry;
using SecretFunctions.Hosting;
using SecretFunctions.Testing.CloudDoubles.Otlp;

namespace SecretFunctions.Api.Tests.Telemetry;

/// <summary>Nothing is told to anybody unless the operator says to whom.</summary>
public abstract class OffTests(Head head)
{
    [Theory]
    [InlineData(ApiHost.Unset)]
    [InlineData("")]
    public async Task Without_an_endpoint_nothing_collects(string endpoint)
    {
        await using var host = await ApiHost.StartAsync(head, configure: null, ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint));

        ShouldCollectNothing(host);
    }

    [Fact]
    public async Task Switched_off_nothing_is_sent_where_there_is_an_endpoint()
    {
        await using var collector = new OtlpCollectorDouble();
        await collector.StartAsync();
        await using (var host = await ApiHost.StartAsync(
            head, configure: null, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.AbsoluteUri), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_SDK_DISABLED", "true")))
        {
            ShouldCollectNothing(host);
            (await host.Operator.PostAsync("/v1/resolve", "{}")).ShouldBe(200);
        }

        collector.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_problem_names_the_callers_trace_all_the_same()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        await using var host = await ApiHost.StartAsync(head);

        var problem = (await host.Anonymous.GetReplyAsync("/v1/projects", ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"))).ShouldBeProblem(401, "auth.missing");

        ((string)problem.Json["traceId"]!).ShouldBe(trace);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "hunter2", "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL without a user name, such as http://localhost:4317.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317", "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL without a user name, such as http://localhost:4317.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@localhost", "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL without a user name, such as http://localhost:4317.")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL must be 'grpc' or 'http/protobuf'.")]
    public void What_is_wrong_stops_the_start_with_one_sentence(string name, string value, string sentence)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(name, (string?)value)]).Build();

        Should.Throw<SetupException>(() => new ServiceCollection().AddSecretFunctions(configuration)).Message.ShouldBe(sentence);
    }

    private static void ShouldCollectNothing(ApiHost host)
    {
        host.Services.GetService<DeploymentGauges>().ShouldBeNull();
        host.Services.GetServices<IHostedService>().Concat<object>(host.Services.GetServices<ILoggerProvider>())
            .ShouldAllBe(static service => !service.GetType().FullName!.Contains("Telemetry", StringComparison.Ordinal));
    }

    public sealed class Direct() : OffTests(Head.Direct);

    public sealed class BehindARouter() : OffTests(Head.BehindARouter);
}
