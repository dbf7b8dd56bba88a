using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Core.Access;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tokens;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Providers.Tests.Http;

[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public sealed class JwksTokenVerifierTests : IAsyncLifetime
{
    private readonly JwksDouble _issuer = new();
    private readonly TestClock _clock = new();
    private ProviderHttp _http = null!;
    private JwksTokenVerifier _verifier = null!;

    private string Name => _issuer.Address.AbsoluteUri.TrimEnd('/');

    public async Task InitializeAsync()
    {
        await _issuer.StartAsync();
        var options = new ProviderHttpOptions();
        options.AllowedHosts.Add(_issuer.Address.Authority);
        _http = new ProviderHttp(options);
        _verifier = new JwksTokenVerifier(_http, _clock);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task Keys_are_found_through_the_discovery_document_and_kept()
    {
        foreach (var _ in Enumerable.Range(0, 3))
        {
            (await VerifyAsync(new TokenTrust([Name], ["us"]))).ShouldBeNull();
        }

        _issuer.Requests.ShouldBe(["/.well-known/openid-configuration", "/keys"]);
        _clock.Advance(TimeSpan.FromHours(1));
        (await VerifyAsync(new TokenTrust([Name], ["us"]))).ShouldBeNull();
        _issuer.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_discovery_document_of_another_issuer_is_not_believed() =>
        (await VerifyAsync(new TokenTrust([$"{Name}/other"], ["us"]))).ShouldBe("token.keys_unavailable");

    [Fact]
    public async Task Keys_are_not_fetched_where_requests_may_not_go() =>
        (await VerifyAsync(new TokenTrust([Name], ["us"]) { KeysAddress = new Uri("http://127.0.0.1:9/keys") })).ShouldBe("token.keys_unavailable");

    [Fact]
    public async Task Keys_outlive_a_short_outage_and_no_long_one()
    {
        var trust = new TokenTrust([Name], ["us"]);
        (await VerifyAsync(trust)).ShouldBeNull();
        await _issuer.DisposeAsync();

        _clock.Advance(TimeSpan.FromHours(23));
        (await VerifyAsync(trust)).ShouldBeNull();
        _clock.Advance(TimeSpan.FromHours(1));
        (await VerifyAsync(trust)).ShouldBe("token.keys_unavailable");
    }

    [Fact]
    public async Task Whoever_asked_first_may_give_up_without_harm_to_those_who_wait()
    {
        var trust = new TokenTrust([Name], ["us"]);
        using var patience = new CancellationTokenSource();
        var arrived = _issuer.Faults.HangNext();
        var first = _verifier.VerifyAsync(_issuer.Sign(Claims()), trust, patience.Token);
        var second = VerifyAsync(trust);
        await arrived;
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        second.IsCompleted.ShouldBeFalse();
        _clock.Advance(TimeSpan.FromSeconds(5));
        (await second).ShouldBe("token.keys_unavailable");
    }

    [Theory]
    [InlineData(255, null)]
    [InlineData(256, "token.keys_unavailable")]
    public async Task Keys_of_more_than_256_KiB_are_none(int kibibytes, string? code)
    {
        using var plain = new HttpClient();
        var keys = await plain.GetStringAsync(new Uri($"{Name}/keys"));
        _issuer.Faults.NextAt("/keys", context => context.Response.WriteAsync($$"""{{keys[..^1]}},"x":"{{new string('x', kibibytes * 1024)}}"}"""));
        (await VerifyAsync(new TokenTrust([Name], ["us"]))).ShouldBe(code);
    }

    [Fact]
    public async Task A_client_for_small_answers_holds_no_large_one()
    {
        using var client = _http.CreateClient(1000);
        _issuer.Faults.AnswerNext(200, new string('x', 1000));
        (await client.GetStringAsync(_issuer.Address)).Length.ShouldBe(1000);
        _issuer.Faults.AnswerNext(200, new string('x', 1001));
        (await Should.ThrowAsync<TransportException>(client.GetStringAsync(_issuer.Address))).Problem.ShouldBe(TransportProblem.AnswerTooLarge);
    }

    [Fact]
    public void Issuers_that_nobody_asks_for_any_more_are_forgotten()
    {
        var issuers = new ForeignKeys(_http, _clock);
        var (often, once) = (issuers.Of(Trust(-1)), issuers.Of(Trust(-2)));
        for (var i = 0; i < 2000; i++)
        {
            issuers.Of(Trust(i));
            issuers.Of(Trust(-1)).ShouldBeSameAs(often);
        }

        issuers.Of(Trust(-2)).ShouldNotBeSameAs(once);
        issuers.Of(Trust(0)).ShouldNotBeSameAs(issuers.Of(Trust(0) with { KeysAddress = new Uri("https://example.org/keys") }));

        static TokenTrust Trust(int number) => new([$"https://{number}.example.org"], ["us"]);
    }

    private JsonObject Claims() => new() { ["iss"] = Name, ["aud"] = new JsonArray("them", "us"), ["exp"] = _clock.GetUtcNow().ToUnixTimeSeconds() + 60 };

    /// <summary>Null where the token is believed, else the code.</summary>
    private async Task<string?> VerifyAsync(TokenTrust trust) =>
        (await _verifier.VerifyAsync(_issuer.Sign(Claims()), trust, CancellationToken.None)).Failure?.Code;
}
