using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Providers.Tests.Http;

public sealed class ProviderHttpTests
{
    [Fact]
    public async Task A_name_that_turns_from_public_to_loopback_is_refused_when_connecting()
    {
        await using var server = await HttpDouble.StartAsync(https: true);
        var answers = new Queue<string>(["198.41.0.4", "127.0.0.1"]);
        using var http = Guarded(new ProviderHttpOptions(), _ => [answers.Dequeue()]);
        var address = new Uri($"https://rebinding.example:{server.Address.Port}/");
        http.CheckAddress(address).ShouldBeNull();
        answers.Dequeue().ShouldBe("198.41.0.4"); // what a check beforehand would have seen

        var thrown = await FailAsync(http, address);

        thrown.Problem.ShouldBe(TransportProblem.Blocked);
        thrown.Message.ShouldContain("rebinding.example is not a public address");
        thrown.Message.ShouldNotContain("127.0.0.1");
        server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("198.41.0.4", "10.0.0.1")]
    [InlineData("127.0.0.1", "198.41.0.4")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fd12::1", "2600:1f18::1")]
    public async Task One_address_that_is_not_public_refuses_them_all(params string[] addresses)
    {
        using var http = Guarded(new ProviderHttpOptions(), _ => addresses);
        (await FailAsync(http, new Uri("https://mixed.example/"))).Problem.ShouldBe(TransportProblem.Blocked);
    }

    [Fact]
    public async Task The_address_that_was_checked_is_the_one_connected_to()
    {
        await using var server = await HttpDouble.StartAsync(https: false);
        var lookups = 0;
        using var http = Guarded(
            new ProviderHttpOptions { AllowedHosts = { "store.example" } },
            _ => Interlocked.Increment(ref lookups) == 1 ? ["127.0.0.1"] : throw new InvalidOperationException("Resolved twice."));

        (await GetAsync(http, new Uri($"http://store.example:{server.Address.Port}/"))).ShouldBe("hello");
        lookups.ShouldBe(1);
    }

    [Fact]
    public async Task Plain_http_to_an_allowed_host_is_refused_where_it_is_not_loopback()
    {
        using var http = Guarded(new ProviderHttpOptions { AllowedHosts = { "store.example" } }, _ => ["10.0.0.1"]);
        var thrown = await FailAsync(http, new Uri("http://store.example/"));
        thrown.Problem.ShouldBe(TransportProblem.Blocked);
        thrown.Message.ShouldContain("http");
    }

    [Fact]
    public async Task Plain_http_is_refused_before_anything_is_sent()
    {
        await using var server = await HttpDouble.StartAsync(https: false);
        using var http = new ProviderHttp(new ProviderHttpOptions());
        (await FailAsync(http, server.Address)).Problem.ShouldBe(TransportProblem.Blocked);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_redirect_is_an_answer_and_not_followed()
    {
        await using var server = await HttpDouble.StartAsync(https: false, context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var http = new ProviderHttp(Allowing(server));
        using var client = http.CreateClient();
        using var response = await client.GetAsync(server.Address);

        response.StatusCode.ShouldBe(HttpStatusCode.Found);
        server.Requests.ShouldBe(["GET /"]);
    }

    [Fact]
    public async Task Cookies_are_not_kept()
    {
        var seen = new List<string>();
        await using var server = await HttpDouble.StartAsync(https: false, context =>
        {
            seen.Add(context.Request.Headers.Cookie.ToString());
            context.Response.Headers.SetCookie = "session=1";
            return Task.CompletedTask;
        });
        using var http = new ProviderHttp(Allowing(server));
        await GetAsync(http, server.Address);
        await GetAsync(http, server.Address);
        seen.ShouldBe(["", ""]);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused()
    {
        await using var server = await HttpDouble.StartAsync(https: true);
        using var http = new ProviderHttp(Allowing(server));
        (await FailAsync(http, server.Address)).Problem.ShouldBe(TransportProblem.TlsFailed);
        server.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_certificate_of_a_trusted_root_is_accepted_for_its_own_names_only()
    {
        await using var server = await HttpDouble.StartAsync(https: true);
        var options = Allowing(server);
        options.TrustedRootsFile = TestCertificates.RootFile;
        options.AllowedHosts.Add("other.example");
        using var http = Guarded(options, _ => ["127.0.0.1"]);

        (await GetAsync(http, server.Address)).ShouldBe("hello");
        var otherName = new Uri($"https://other.example:{server.Address.Port}/");
        (await FailAsync(http, otherName)).Problem.ShouldBe(TransportProblem.TlsFailed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_over_the_limit_is_refused_whether_it_says_so_or_not(bool announced)
    {
        await using var server = await HttpDouble.StartAsync(https: false, async context =>
        {
            context.Response.ContentLength = announced ? 2001 : null;
            await context.Response.WriteAsync(new string('x', 2001));
        });
        using var http = Guarded(Allowing(server), limits: new ProviderHttpLimits { ResponseBytes = 2000 });
        (await FailAsync(http, server.Address)).Problem.ShouldBe(TransportProblem.AnswerTooLarge);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2000)]
    public async Task An_answer_within_the_limit_arrives_whole(int length)
    {
        await using var server = await HttpDouble.StartAsync(https: false, new string('x', length));
        using var http = Guarded(Allowing(server), limits: new ProviderHttpLimits { ResponseBytes = 2000 });
        (await GetAsync(http, server.Address)).ShouldBe(new string('x', length));
    }

    [Fact]
    public async Task A_large_answer_of_unknown_length_arrives_whole()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000));
        await using var server = await HttpDouble.StartAsync(https: false, text);
        using var http = new ProviderHttp(Allowing(server));
        (await GetAsync(http, server.Address)).ShouldBe(text);
    }

    [Fact]
    public async Task A_truncated_answer_is_no_answer()
    {
        await using var server = await HttpDouble.StartAsync(https: false);
        server.Faults.TruncateNext();
        using var http = new ProviderHttp(Allowing(server));
        (await FailAsync(http, server.Address)).Problem.ShouldBe(TransportProblem.AnswerBroken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_does_not_finish_times_out(bool afterHeaders)
    {
        await using var server = await HttpDouble.StartAsync(https: false, async context =>
        {
            if (afterHeaders)
            {
                await context.Response.WriteAsync("begun");
                await context.Response.Body.FlushAsync();
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        using var http = Guarded(Allowing(server), limits: new ProviderHttpLimits { Attempt = TimeSpan.FromMilliseconds(200) });
        (await FailAsync(http, server.Address)).Problem.ShouldBe(TransportProblem.TimedOut);
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_cancelled_and_not_timed_out()
    {
        await using var server = await HttpDouble.StartAsync(https: false);
        var arrived = server.Faults.HangNext();
        using var http = new ProviderHttp(Allowing(server));
        using var client = http.CreateClient();
        using var patience = new CancellationTokenSource();
        var pending = client.GetAsync(server.Address, patience.Token);
        await arrived;
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(pending);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound)]
    [InlineData(SocketError.TryAgain)]
    [InlineData(SocketError.NoData)]
    public async Task A_name_that_does_not_resolve_is_said_to(SocketError error)
    {
        using var http = Guarded(new ProviderHttpOptions(), _ => throw new SocketException((int)error));
        (await FailAsync(http, new Uri("https://nobody.example/"))).Problem.ShouldBe(TransportProblem.NameNotFound);
    }

    [Fact]
    public async Task A_port_nobody_listens_on_cannot_be_connected_to()
    {
        Uri gone;
        await using (var server = await HttpDouble.StartAsync(https: false))
        {
            gone = server.Address;
        }

        using var http = new ProviderHttp(new ProviderHttpOptions { AllowedHosts = { gone.Host } });
        (await FailAsync(http, gone)).Problem.ShouldBe(TransportProblem.ConnectionFailed);
    }

    [Fact]
    public async Task Clients_share_connections_and_survive_each_other()
    {
        var connections = new HashSet<string>();
        await using var server = await HttpDouble.StartAsync(https: false, context =>
        {
            connections.Add(context.Connection.Id);
            return Task.CompletedTask;
        });
        using var http = new ProviderHttp(Allowing(server));
        for (var i = 0; i < 3; i++)
        {
            await GetAsync(http, server.Address);
        }

        connections.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_is_zeroed_with_its_response()
    {
        await using var server = await HttpDouble.StartAsync(https: false, "a secret");
        using var http = new ProviderHttp(Allowing(server));
        using var client = http.CreateClient();
        var response = await client.GetAsync(server.Address, HttpCompletionOption.ResponseHeadersRead);
        var bytes = response.Content.ShouldBeOfType<BoundedContent>().Bytes;
        bytes.ToArray().ShouldBe("a secret"u8.ToArray());
        response.Dispose();
        bytes.ToArray().ShouldAllBe(value => value == 0);
    }

    [Theory]
    [InlineData(TransportProblem.Blocked, ProviderFailure.Unreachable, "may not")]
    [InlineData(TransportProblem.NameNotFound, ProviderFailure.Unreachable, "does not resolve")]
    [InlineData(TransportProblem.ConnectionFailed, ProviderFailure.Unreachable, "cannot be connected to")]
    [InlineData(TransportProblem.TlsFailed, ProviderFailure.Unreachable, "TLS certificate")]
    [InlineData(TransportProblem.TimedOut, ProviderFailure.Timeout, "did not answer in time")]
    [InlineData(TransportProblem.AnswerTooLarge, ProviderFailure.InvalidRequest, "larger")]
    [InlineData(TransportProblem.AnswerBroken, ProviderFailure.Unreachable, "broke off")]
    public void Every_problem_has_its_failure_also_within_another_exception(TransportProblem problem, string code, string detail)
    {
        var transport = new TransportException(problem, "store.example", "it may not", null);
        var failure = TransportFailure.From(new InvalidOperationException("An SDK's.", transport)).ShouldNotBeNull();
        failure.Code.ShouldBe(code);
        failure.Detail.ShouldContain(detail);
        failure.Hint.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void Other_exceptions_are_not_about_transport() => TransportFailure.From(new InvalidOperationException()).ShouldBeNull();

    private static ProviderHttpOptions Allowing(CloudDouble server) =>
        new() { AllowedHosts = { $"{server.Address.Host}:{server.Address.Port}" } };

    private static ProviderHttp Guarded(
        ProviderHttpOptions options, Func<string, string[]>? resolve = null, ProviderHttpLimits? limits = null) =>
        new(options, limits ?? new ProviderHttpLimits(), TimeProvider.System,
            (host, _) => Task.FromResult(Array.ConvertAll(resolve!(host), IPAddress.Parse)));

    private static async Task<string> GetAsync(ProviderHttp http, Uri address)
    {
        using var client = http.CreateClient();
        return await client.GetStringAsync(address);
    }

    private static async Task<TransportException> FailAsync(ProviderHttp http, Uri address) =>
        await Should.ThrowAsync<TransportException>(GetAsync(http, address));
}
