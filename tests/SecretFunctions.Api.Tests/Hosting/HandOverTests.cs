using System.IO.Pipelines;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Testing;
using KestrelServerLimits = Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerLimits;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>
/// What a head relies on when it hands a request over, on real connections: whatever the client or the code does, nothing gets out but an answer.
/// That endpoint and route values come back is checked at every request of every test behind a router.
/// </summary>
public abstract class HandOverTests(Head head) : IAsyncLifetime
{
    private const int MiB = 1024 * 1024;

    private readonly FakeProvider _fake = FakeCloud.Provider();
    private readonly Accident _accident = new();

    private ApiHost Host { get; set; } = null!;

    public async Task InitializeAsync() => Host = await ListenAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task A_body_that_comes_in_pieces_is_read_whole()
    {
        var pipe = new Pipe();
        using var content = new StreamContent(pipe.Reader.AsStream());
        content.Headers.ContentType = new("application/json");
        var answer = Host.Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", content);
        foreach (var piece in new[] { "{\"va", "lue\":\"a", " long", " secret\"}" })
        {
            await pipe.Writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(piece));
        }

        answer.IsCompleted.ShouldBeFalse("It was answered before it had come.");
        await pipe.Writer.CompleteAsync();

        (await answer).ShouldBe(201);
        (await Host.Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBe(200).Json["value"]!.ToString().ShouldBe("a long secret");
    }

    [Fact]
    public async Task A_large_answer_arrives_whole()
    {
        await ManyVariablesAsync();

        (await Host.Operator.PostAsync("/v1/resolve", "{}")).ShouldBe(200).Json["variables"]!.AsObject()
            .ShouldAllBe(static variable => ((string)variable.Value!).Length == 60_000);
    }

    [Fact]
    public async Task A_body_over_1_MiB_is_refused_before_it_has_come()
    {
        using (var told = await Wire.ConnectAsync(Host))
        {
            await told.SendHeadAsync("PUT /v1/variables/dev/KEY", "Content-Length: 31000000");
            await ShouldBeTooLargeAsync(told);
        }

        using var untold = await Wire.ConnectAsync(Host);
        await untold.SendHeadAsync("PUT /v1/variables/dev/KEY", "Transfer-Encoding: chunked");
        await untold.SendAsync($"{MiB + 1:x}\r\n{new string(' ', MiB + 1)}\r\n");
        await ShouldBeTooLargeAsync(untold);

        static async Task ShouldBeTooLargeAsync(Wire wire)
        {
            (await wire.ReadAsync("\"code\":\"body.too_large\"")).ShouldStartWith("HTTP/1.1 413 ");
        }
    }

    [Fact]
    public async Task A_limit_of_the_hosts_own_is_answered_with_its_status()
    {
        await using var host = await ListenAsync(static limits => limits.MaxRequestBodySize = 10);

        (await host.Operator.PutAsync("/v1/variables/dev/KEY", """{"value":"more than ten bytes"}""")).ShouldBeProblem(413, "request.invalid");
    }

    [Theory]
    [InlineData(408)]
    [InlineData(431)]
    public async Task A_request_the_server_finds_bad_is_answered_with_its_status(int status)
    {
        _accident.Happen = _ => throw new BadHttpRequestException("hunter2", status);

        (await HaveAccidentAsync()).ShouldBeProblem(status, "request.invalid").Body.ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_bug_is_a_500_that_says_nothing_and_a_line_in_the_log_that_says_where()
    {
        _accident.Happen = static _ => throw new InvalidOperationException("hunter2");

        (await HaveAccidentAsync()).ShouldBeProblem(500, "internal").Body.ShouldNotContain("hunter2");

        Bugs.ShouldHaveSingleItem().Text.ShouldContain("InvalidOperationException");
        Host.Logs.Lines.ShouldNotContain(static line => line.Text.Contains("hunter2"));
    }

    [Fact]
    public async Task A_cancellation_that_is_not_the_clients_is_a_bug()
    {
        _accident.Happen = static _ => throw new OperationCanceledException("hunter2");

        (await HaveAccidentAsync()).ShouldBeProblem(500, "internal");
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_not_taken_for_a_whole_one()
    {
        _accident.Happen = static context =>
        {
            context.Response.Body.WriteAsync("{\"dropped\":1"u8.ToArray()).AsTask().GetAwaiter().GetResult();
            throw new InvalidOperationException("hunter2");
        };

        await Should.ThrowAsync<HttpRequestException>(HaveAccidentAsync);

        Bugs.Count().ShouldBe(1);
        (await Host.Operator.GetReplyAsync("/v1/whoami")).ShouldBe(200);
    }

    [Fact]
    public async Task A_client_that_stops_amid_its_body_changes_nothing_and_is_no_bug()
    {
        foreach (var leave in new Action<Wire>[] { static wire => wire.End(), static wire => wire.Vanish() })
        {
            using var wire = await Wire.ConnectAsync(Host);
            await wire.SendHeadAsync("PUT /v1/variables/dev/KEY", "Content-Length: 100");
            await wire.SendAsync("{\"value\":\"half a sec");
            await Host.BeginOneAsync();
            leave(wire);
            await Host.FinishOneAsync();
        }

        Bugs.ShouldBeEmpty();
        (await Host.Operator.GetReplyAsync("/v1/variables/dev/KEY")).ShouldBe(404);
    }

    [Fact]
    public async Task A_client_that_leaves_amid_its_answer_is_no_bug()
    {
        await ManyVariablesAsync();
        using var wire = await Wire.ConnectAsync(Host);
        await wire.SendHeadAsync("POST /v1/resolve", "Content-Length: 2");
        await wire.SendAsync("{}");
        (await wire.ReadAsync("xxxx")).ShouldStartWith("HTTP/1.1 200 ");
        wire.Vanish();
        await Host.FinishOneAsync();

        Bugs.ShouldBeEmpty();
        (await Host.Operator.GetReplyAsync("/v1/whoami")).ShouldBe(200);
    }

    [Fact]
    public async Task A_client_that_leaves_takes_the_call_to_its_store_along()
    {
        (await Host.Operator.PutAsync("/v1/provider-credentials/store", """{"provider":"fake","auth":{"type":"ambient"}}""")).ShouldBe(201);
        await Host.FinishOneAsync();
        var asked = new TaskCompletionSource();
        var givenUp = new TaskCompletionSource();
        _fake.BeforePoll = async token =>
        {
            asked.SetResult();
            await Should.ThrowAsync<OperationCanceledException>(() => new TaskCompletionSource().Task.WaitAsync(token));
            givenUp.SetResult();
            token.ThrowIfCancellationRequested();
        };

        using var leaving = new CancellationTokenSource();
        var listing = Host.Operator.GetAsync(new Uri("/v1/provider-credentials/store/secrets", UriKind.Relative), leaving.Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => listing);
        await givenUp.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await Host.FinishOneAsync();
        Bugs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_problem_names_the_callers_trace()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        (await TraceAsync($"00-{trace}-00f067aa0ba902b7-01")).ShouldBe(trace);

        // Not one that could be read: each request begins its own.
        string[] own = [await TraceAsync("00-zz-1-1"), await TraceAsync(""), await TraceAsync($"00-{new string('0', 32)}-00f067aa0ba902b7-01")];
        own.ShouldBeUnique();
        own.ShouldAllBe(static id => id.Length == 32 && id.Any(static digit => digit != '0'));

        async Task<string> TraceAsync(string parent) =>
            (string)(await Host.Operator.GetReplyAsync("/v1/projects/none", ("traceparent", parent))).ShouldBe(404).Json["traceId"]!;
    }

    [Fact]
    public async Task Nothing_that_counts_comes_from_forwarded_headers()
    {
        var document = (await Host.Anonymous.GetReplyAsync(
            "/.well-known/openid-configuration", ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-For", "10.0.0.1"))).ShouldBe(200);

        ((string)document.Json["issuer"]!).ShouldBe(ApiHost.Issuer);
        document.Body.ShouldNotContain("evil");
    }

    private IEnumerable<CapturedLogs.LogLine> Bugs => Host.Logs.Lines.Where(static line => line.Level >= LogLevel.Error);

    private Task<Reply> HaveAccidentAsync() => Host.Operator.PostAsync("/v1/events/accident", "{}");

    private async Task<ApiHost> ListenAsync(Action<KestrelServerLimits>? limit = null)
    {
        var host = await ApiHost.ListenAsync(
            head,
            services =>
            {
                services.AddHttpContextAccessor();
                services.AddFakeCloud(_fake);
                services.AddSingleton<IRotationSource>(_accident);
            },
            limit);
        _accident.Accessor = host.Services.GetRequiredService<IHttpContextAccessor>();
        return host;
    }

    /// <summary>More than fits into the buffers on the way.</summary>
    private async Task ManyVariablesAsync()
    {
        for (var i = 0; i < 40; i++)
        {
            await Host.Operator.PutAsync($"/v1/variables/dev/KEY{i}", new JsonObject { ["value"] = new string('x', 60_000) }.ToJsonString());
            await Host.FinishOneAsync();
        }
    }

    public sealed class Direct() : HandOverTests(Head.Direct);

    public sealed class BehindARouter() : HandOverTests(Head.BehindARouter);
}
