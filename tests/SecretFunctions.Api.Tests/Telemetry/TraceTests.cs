using System.Security.Cryptography;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles.Otlp;

namespace SecretFunctions.Api.Tests.Telemetry;

public abstract class TraceTests(Head head) : TelemetryTest(head)
{
    private const string CallersSpan = "00f067aa0ba902b7";

    /// <summary>Of this test alone: spans of others in this process are told of as well.</summary>
    private string CallersTrace { get; } = RandomNumberGenerator.GetHexString(32, lowercase: true);

    [Fact]
    public async Task A_kickoff_is_one_trace_from_the_request_to_the_store()
    {
        (await ResolveAsync("", ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"), ("tracestate", "vendor=opaque"), ("baggage", "secret=opaque"))).ShouldBe(200);
        await CloseAsync();

        var trace = Collector.Spans.Where(span => span.TraceId == CallersTrace).ToList();
        trace.Select(static span => span.Name).ShouldBe(
            ["POST /v1/resolve", "resolve", "provider call", "token exchange", "token mint"], ignoreOrder: true);
        var (request, resolve, call, exchange, mint) =
            (Named(trace, "POST /v1/resolve"), Named(trace, "resolve"), Named(trace, "provider call"), Named(trace, "token exchange"), Named(trace, "token mint"));
        (request.ParentId, request.Kind, request.TraceState).ShouldBe((CallersSpan, OtlpSpan.Server, ""));
        (resolve.ParentId, resolve.Kind).ShouldBe((request.SpanId, OtlpSpan.Internal));
        (call.ParentId, call.Kind).ShouldBe((resolve.SpanId, OtlpSpan.Client));
        (exchange.ParentId, exchange.Kind).ShouldBe((call.SpanId, OtlpSpan.Client));
        (mint.ParentId, mint.Kind).ShouldBe((exchange.SpanId, OtlpSpan.Internal));
        trace.ShouldAllBe(static span => span.Status == OtlpSpan.Unset);

        (request["http.request.method"], request["http.route"], request["http.response.status_code"]).ShouldBe(("POST", "/v1/resolve", "200"));
        (resolve["secretfunctions.outcome"], resolve["secretfunctions.automation"], resolve["secretfunctions.environment"]).ShouldBe(("success", "crew", "dev"));
        (call["secretfunctions.provider"], call["secretfunctions.operation"], call["secretfunctions.credential"], call["secretfunctions.outcome"])
            .ShouldBe(("hashicorp-vault", "read", "main", "success"));
        exchange["secretfunctions.cloud"].ShouldBe("vault");
        trace.SelectMany(static span => span.Attributes.Keys).ShouldNotContain(static name => name.StartsWith("url.", StringComparison.Ordinal) && name != "url.scheme");
    }

    [Fact]
    public async Task Stores_are_told_nothing_of_a_trace()
    {
        (await ResolveAsync("", ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"), ("tracestate", "vendor=opaque"), ("baggage", "secret=opaque"))).ShouldBe(200);

        Vault.Requests.ShouldNotBeEmpty();
        Vault.TraceHeaders.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01")]
    public async Task Without_a_traceparent_that_is_one_a_trace_begins_here(string? header)
    {
        (string, string)[] headers = header is null ? [] : [("traceparent", header)];
        var problem = (await ResolveAsync(""","environment":"none" """, headers)).ShouldBeProblem(400, "environment.not_found");
        await CloseAsync();

        var traceId = (string)problem.Json["traceId"]!;
        var trace = Collector.Spans.Where(span => span.TraceId == traceId).ToList();
        Named(trace, "POST /v1/resolve").ParentId.ShouldBeEmpty();
        (Named(trace, "POST /v1/resolve")["secretfunctions.outcome"], Named(trace, "resolve")["secretfunctions.outcome"]).ShouldBe(("environment.not_found", "environment.not_found"));
        Named(trace, "resolve")["secretfunctions.environment"].ShouldBeNull();
        traceId.ShouldNotBe("4bf92f3577b34da6a3ce929d0e0e4736");
    }

    [Fact]
    public async Task A_problem_and_the_log_name_the_trace()
    {
        var problem = (await Host.Anonymous.GetReplyAsync("/v1/projects", ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"))).ShouldBeProblem(401, "auth.missing");
        await CloseAsync();

        ((string)problem.Json["traceId"]!).ShouldBe(CallersTrace);
        Collector.Logs.ShouldContain(log => log.TraceId == CallersTrace);
    }

    [Fact]
    public async Task A_caller_who_does_not_sample_is_not_traced()
    {
        (await ResolveAsync("", ("traceparent", $"00-{CallersTrace}-{CallersSpan}-00"))).ShouldBe(200);
        await CloseAsync();

        Collector.Spans.ShouldNotContain(span => span.TraceId == CallersTrace);
    }

    [Fact]
    public async Task A_store_that_fails_is_a_span_for_each_try()
    {
        Vault.Faults.Down = true;
        (await ResolveAsync("", ("traceparent", $"00-{CallersTrace}-{CallersSpan}-01"))).ShouldBeProblem(424, "resolve.failed");
        await CloseAsync();

        var trace = Collector.Spans.Where(span => span.TraceId == CallersTrace).ToList();
        var calls = trace.Where(static span => span.Name == "provider call").ToList();
        calls.Count.ShouldBe(3);
        calls.ShouldAllBe(static span => span.Status == OtlpSpan.Error && span["secretfunctions.outcome"] == "provider.unreachable" && span["error.type"] == "provider.unreachable");
        (Named(trace, "resolve")["secretfunctions.outcome"], Named(trace, "resolve").Status).ShouldBe(("resolve.failed", OtlpSpan.Error));
        (Named(trace, "POST /v1/resolve")["http.response.status_code"], Named(trace, "POST /v1/resolve").Status).ShouldBe(("424", OtlpSpan.Unset));
    }

    private static OtlpSpan Named(IEnumerable<OtlpSpan> trace, string name) => trace.Where(span => span.Name == name).ShouldHaveSingleItem();

    public sealed class Direct() : TraceTests(Head.Direct);

    public sealed class BehindARouter() : TraceTests(Head.BehindARouter);
}
