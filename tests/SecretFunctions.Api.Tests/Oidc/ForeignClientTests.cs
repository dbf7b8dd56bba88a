using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Hosting;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.Api.Tests.Oidc;

/// <summary>The service on a real port, as an issuer for those who have never heard of it.</summary>
public sealed class ForeignClientTests : IAsyncLifetime
{
    private const string Audience = "sts.amazonaws.com";

    private readonly string _data = Directory.CreateTempSubdirectory("secretfunctions-issuer-").FullName;
    private readonly TestClock _clock = new();
    private WebApplication _app = null!;
    private TokenVerifier _verifier = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["SecretFunctions:Data"] = _data,
            ["SecretFunctions:BootstrapKey"] = ApiHost.OperatorKey,
        });
        builder.Services.AddSecretFunctions(builder.Configuration);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        _app = builder.Build();
        _app.UseSecretFunctions();
        await _app.Services.StartSecretFunctionsAsync(CancellationToken.None);
        await _app.StartAsync();
        _app.Services.GetRequiredService<IssuerAddress>().Announce(_app.Urls.First());
        _verifier = await TokenVerifier.StartAsync(_app.Urls.First(), Audience);
    }

    public async Task DisposeAsync()
    {
        await _verifier.DisposeAsync();
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public void The_issuer_is_discovered() => _verifier.Discovered.ShouldBe($"discovered {_app.Urls.First()} RS256");

    [Fact]
    public async Task No_token_fails_before_during_and_after_a_rotation()
    {
        var keys = new List<string>();
        for (var hour = 0; hour < 96; hour += 2)
        {
            if (hour == 10)
            {
                await RotateAsync();
            }

            var token = await MintAsync();
            keys.Add(await AcceptAsync(token));
            _clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
            (await AcceptAsync(token)).ShouldBe(keys[^1]);
            _clock.Advance(TimeSpan.FromMinutes(115) + TimeSpan.FromSeconds(1));
        }

        keys.Distinct().Count().ShouldBe(2);
        keys.IndexOf(keys[^1]).ShouldBe(17, "the second key signs from hour 34 on");
    }

    [Fact]
    public async Task A_token_is_refused_when_it_has_expired_was_changed_or_carries_a_revoked_key()
    {
        var token = await MintAsync();
        await AcceptAsync(token);
        var changed = token[..^10] + (token[^10] == 'A' ? 'B' : 'A') + token[^9..];
        (await _verifier.VerifyAsync(changed, _clock.GetUtcNow())).ShouldBe("usual refused ERR_JWS_SIGNATURE_VERIFICATION_FAILED, lasting refused ERR_JWS_SIGNATURE_VERIFICATION_FAILED");
        (await _verifier.VerifyAsync(token, _clock.GetUtcNow() + TimeSpan.FromMinutes(5))).ShouldBe("usual refused ERR_JWT_EXPIRED, lasting refused ERR_JWT_EXPIRED");

        _clock.Advance(TimeSpan.FromMinutes(11));
        token = await MintAsync();
        var directory = _app.Services.GetRequiredService<SigningKeyDirectory>();
        var revoked = (await directory.ReportAsync(CancellationToken.None)).Keys.Single().KeyId;
        using var operatorClient = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        operatorClient.DefaultRequestHeaders.Authorization = new("Bearer", ApiHost.OperatorKey);
        (await operatorClient.DeleteReplyAsync($"/v1/keys/signing/{revoked}")).ShouldBeNothing();

        (await _verifier.VerifyAsync(token, _clock.GetUtcNow())).ShouldStartWith("usual refused ERR_JWKS_NO_MATCHING_KEY");
        (await _verifier.VerifyAsync(await MintAsync(), _clock.GetUtcNow() + TimeSpan.FromSeconds(31))).ShouldStartWith("usual org:acme:");
    }

    private async Task RotateAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", ApiHost.OperatorKey);
        (await client.PostAsync("/v1/keys/signing/rotate")).ShouldBe(200);
    }

    private async Task<string> MintAsync()
    {
        var request = new TokenRequest(new TokenSubject("acme", "web", "prod", "crew"), Audience);
        (await _app.Services.GetRequiredService<TokenIssuer>().MintAsync(request, CancellationToken.None)).TryGet(out var issued, out var failure).ShouldBeTrue($"{failure}");
        using (issued)
        {
            return Encoding.ASCII.GetString(issued!.Token.Reveal());
        }
    }

    /// <returns>The id of the key that signed it.</returns>
    private async Task<string> AcceptAsync(string token)
    {
        var answers = (await _verifier.VerifyAsync(token, _clock.GetUtcNow())).Split(", ");
        foreach (var answer in answers)
        {
            answer.Split(' ')[1].ShouldBe("org:acme:project:web:environment:prod:automation:crew", $"{answer} at {_clock.GetUtcNow():u}");
        }

        return answers[0].Split(' ')[2];
    }
}
