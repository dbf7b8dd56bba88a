using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing;
using SecretFunctions.Testing.Node;

namespace SecretFunctions.Api.Tests.Oidc;

/// <summary>The service on a real port, as an issuer for those who have never heard of it.</summary>
public sealed class ForeignClientTests : IAsyncLifetime
{
    private const string Audience = "sts.amazonaws.com";
    private const string Subject = "org:default:project:default:environment:prod:automation:crew";

    private readonly string _data = Directory.CreateTempSubdirectory("secretfunctions-issuer-").FullName;
    private readonly TestClock _clock = new();
    private LoopbackInstance _service = null!;
    private HttpClient _crew = null!;
    private TokenVerifier _verifier = null!;

    public async Task InitializeAsync()
    {
        _service = await LoopbackInstance.StartAsync(_data, _clock);
        await _service.Operator.AutomationAsync("crew");
        (await _service.Operator.PutAsync("/v1/organizations/default", $$"""{"tokenAudiences":["{{Audience}}"]}""")).ShouldBe(200);
        _crew = _service.Client(await _service.AutomationKeyAsync("crew"));
        _verifier = await TokenVerifier.StartAsync(_service.Url, Audience);
    }

    public async Task DisposeAsync()
    {
        await _verifier.DisposeAsync();
        _crew.Dispose();
        await _service.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public void The_issuer_is_discovered() => _verifier.Discovered.ShouldBe($"discovered {_service.Url} RS256");

    [Fact]
    public async Task No_token_fails_before_during_and_after_a_rotation()
    {
        var keys = new List<string>();
        for (var hour = 0; hour < 96; hour += 2)
        {
            if (hour == 10)
            {
                (await _service.Operator.PostAsync("/v1/keys/signing/rotate")).ShouldBe(200);
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
        var revoked = (string)(await _service.Operator.GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]!.AsArray()[^1]!["keys"]!.AsArray().ShouldHaveSingleItem()!["id"]!;
        (await _service.Operator.DeleteReplyAsync($"/v1/keys/signing/{revoked}")).ShouldBeNothing();

        (await _verifier.VerifyAsync(token, _clock.GetUtcNow())).ShouldStartWith("usual refused ERR_JWKS_NO_MATCHING_KEY");
        (await _verifier.VerifyAsync(await MintAsync(), _clock.GetUtcNow() + TimeSpan.FromSeconds(31))).ShouldStartWith($"usual {Subject} ");
    }

    private async Task<string> MintAsync() =>
        (string)(await _crew.PostAsync("/v1/tokens", $$"""{"audience":"{{Audience}}","environment":"prod"}""")).ShouldBe(200).Json["token"]!;

    /// <returns>The id of the key that signed it.</returns>
    private async Task<string> AcceptAsync(string token)
    {
        var answers = (await _verifier.VerifyAsync(token, _clock.GetUtcNow())).Split(", ");
        foreach (var answer in answers)
        {
            answer.Split(' ')[1].ShouldBe(Subject, $"{answer} at {_clock.GetUtcNow():u}");
        }

        return answers[0].Split(' ')[2];
    }
}
