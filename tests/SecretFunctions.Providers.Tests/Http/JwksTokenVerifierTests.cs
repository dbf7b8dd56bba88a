using System.Text.Json.Nodes;
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

    /// <summary>Null where the token is believed, else the code.</summary>
    private async Task<string?> VerifyAsync(TokenTrust trust)
    {
        var claims = new JsonObject { ["iss"] = Name, ["aud"] = new JsonArray("them", "us"), ["exp"] = _clock.GetUtcNow().ToUnixTimeSeconds() + 60 };
        return (await _verifier.VerifyAsync(_issuer.Sign(claims), trust, CancellationToken.None)).Failure?.Code;
    }
}
