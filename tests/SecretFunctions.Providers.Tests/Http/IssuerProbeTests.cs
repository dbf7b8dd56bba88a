using System.Diagnostics.CodeAnalysis;
using System.Net;
using SecretFunctions.Core;
using SecretFunctions.Core.WorkloadIdentity.Doctor;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tokens;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Providers.Tests.Http;

/// <summary>What an issuer looks like from outside.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public sealed class IssuerProbeTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private readonly JwksDouble _issuer = new();

    private static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync() => await _issuer.StartAsync();

    public async Task DisposeAsync()
    {
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_is_answered_is_an_answer_with_its_date()
    {
        _issuer.Dates = _clock;

        var found = Answer(await GetAsync("/.well-known/openid-configuration"));
        var missing = Answer(await GetAsync("/none"));

        (found.Status, found.Date, missing.Status).ShouldBe((200, _clock.GetUtcNow(), 404));
        System.Text.Encoding.UTF8.GetString(found.Body.Span).ShouldContain("\"jwks_uri\"");
    }

    [Fact]
    public async Task A_copy_in_a_cache_is_as_old_as_the_cache_says()
    {
        _issuer.Dates = _clock;
        _issuer.Faults.Next(static context =>
        {
            context.Response.Headers.Age = "240";
            return Task.CompletedTask;
        });

        Answer(await GetAsync("/keys")).Date.ShouldBe(_clock.GetUtcNow().AddSeconds(240));
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _issuer.Faults.Next(static context =>
        {
            context.Response.Redirect("/keys");
            return Task.CompletedTask;
        });

        Answer(await GetAsync("/elsewhere")).Status.ShouldBe(302);
        _issuer.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_there_and_nothing_that_ends_are_failures()
    {
        _issuer.Faults.Down = true;
        (await GetAsync("/keys")).Failure.ShouldNotBeNull().Code.ShouldBe(IIssuerProbe.Unreachable);

        _issuer.Faults.Down = false;
        _issuer.Faults.OversizeNext();
        (await GetAsync("/keys")).Failure.ShouldNotBeNull().Code.ShouldBe(IIssuerProbe.Unreachable);
    }

    [Fact]
    public async Task It_goes_where_the_operator_lets_it_and_nowhere_else()
    {
        using var http = new ProviderHttp(new ProviderHttpOptions());

        var failure = (await new IssuerProbe(http, _clock).GetAsync(_issuer.Address, None)).Failure.ShouldNotBeNull();

        failure.Code.ShouldBe(IIssuerProbe.Blocked);
        failure.Hint.ShouldNotBeNull().ShouldContain("AllowedHosts");
        _issuer.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://secrets.example.com", "93.184.215.14", IssuerReach.Public)]
    [InlineData("https://secrets.example.com", "93.184.215.14 10.0.0.5", IssuerReach.Private)]
    [InlineData("https://secrets.example.com", "169.254.169.254", IssuerReach.Private)]
    [InlineData("https://secrets.example.com", "127.0.0.1", IssuerReach.Loopback)]
    [InlineData("https://secrets.example.com", "", IssuerReach.Nowhere)]
    [InlineData("https://192.168.1.4:8443", "93.184.215.14", IssuerReach.Private)]
    [InlineData("http://[::1]:5000", "93.184.215.14", IssuerReach.Loopback)]
    public async Task How_far_it_reaches_is_the_worst_of_where_its_name_leads(string issuer, string addresses, IssuerReach reach)
    {
        IPAddress[] resolved = [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
        using var http = new ProviderHttp(new ProviderHttpOptions(), new ProviderHttpLimits(), _clock, (_, _) => Task.FromResult(resolved));

        (await new IssuerProbe(http, _clock).GetReachAsync(new Uri(issuer), None)).ShouldBe(reach);
    }

    [Fact]
    public async Task A_name_that_is_nobodys_leads_nowhere()
    {
        using var http = new ProviderHttp(
            new ProviderHttpOptions(), new ProviderHttpLimits(), _clock, static (_, _) => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound));

        (await new IssuerProbe(http, _clock).GetReachAsync(new Uri("https://nobody.example"), None)).ShouldBe(IssuerReach.Nowhere);
    }

    private async Task<Result<PublishedDocument>> GetAsync(string path)
    {
        using var http = LoopbackHttp.Create();
        return await new IssuerProbe(http, _clock).GetAsync(new Uri(_issuer.Address, path), None);
    }

    private static PublishedDocument Answer(Result<PublishedDocument> result) => result.TryGet(out var answer, out var failure) ? answer : throw new InvalidOperationException(failure.ToString());
}
