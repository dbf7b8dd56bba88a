using System.Text.Json.Nodes;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Issuer;

namespace SecretFunctions.Core.Tests.Issuer;

public sealed class TokenIssuerTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_token_says_whom_it_is_about_and_nothing_else()
    {
        var instance = await Issuing.StartAsync();
        var token = await instance.MintAsync(new TokenRequest(Issuing.Crew, "sts.amazonaws.com"));

        Issuing.Header(token).GetRawText().ShouldBe($$"""{"alg":"RS256","kid":"{{Issuing.KeyId(token)}}","typ":"JWT"}""");
        var claims = JsonNode.Parse(Issuing.Claims(token).GetRawText())!.AsObject();
        ((string)claims["jti"]!).Length.ShouldBe(22);
        claims["jti"] = "?";
        var now = instance.Clock.GetUtcNow().ToUnixTimeSeconds();
        claims.ToJsonString().ShouldBe(
            $$"""{"iss":"https://secrets.example.com","aud":"sts.amazonaws.com","sub":"org:acme:project:web:environment:prod:automation:crew","iat":{{now}},"nbf":{{now}},"exp":{{now + 300}},"jti":"?","organization":"acme","project":"web","environment":"prod","automation":"crew"}""");
        await instance.ShouldVerifyAsync(token);
    }

    [Fact]
    public async Task What_a_coarser_subject_does_not_name_is_not_in_it()
    {
        var instance = await Issuing.StartAsync();
        var claims = Issuing.Claims(await instance.MintAsync(new TokenRequest(Issuing.Crew.Cut(SubjectScope.Environment), "a") { SessionTags = true }));

        claims.GetProperty("sub").GetString().ShouldBe("org:acme:project:web:environment:prod");
        claims.TryGetProperty("automation", out _).ShouldBeFalse();
        claims.GetProperty("https://aws.amazon.com/tags").GetRawText().ShouldBe("""{"principal_tags":{"organization":["acme"],"project":["web"],"environment":["prod"]}}""");
    }

    [Fact]
    public async Task A_kickoff_is_in_it_as_far_as_it_was_told()
    {
        var instance = await Issuing.StartAsync();
        var claims = Issuing.Claims(await instance.MintAsync(new TokenRequest(Issuing.Crew, "a") { Kickoff = new Kickoff("run \"7\" ü", null, "ann@example.org") }));

        claims.GetProperty("kickoff_id").GetString().ShouldBe("run \"7\" ü");
        claims.TryGetProperty("kickoff_kind", out _).ShouldBeFalse();
        claims.GetProperty("triggered_by").GetString().ShouldBe("ann@example.org");
        claims.TryGetProperty("https://aws.amazon.com/tags", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("run 7_.:/=+-@", true)]
    [InlineData("läuft", true)]
    [InlineData("a;b", false)]
    [InlineData("a\tb", false)]
    [InlineData("a%3Ab", false)]
    [InlineData("", false)]
    public async Task A_session_tag_that_aws_would_refuse_is_left_out(string id, bool isTag)
    {
        var instance = await Issuing.StartAsync();
        var request = new TokenRequest(Issuing.Crew, "a") { SessionTags = true, Kickoff = new Kickoff(id, "crew", null) };
        var tags = Issuing.Claims(await instance.MintAsync(request)).GetProperty("https://aws.amazon.com/tags").GetProperty("principal_tags");

        tags.TryGetProperty("kickoff_id", out var tag).ShouldBe(isTag);
        (isTag ? tag[0].GetString() : id).ShouldBe(id);
        tags.GetProperty("kickoff_kind")[0].GetString().ShouldBe("crew");
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public async Task A_session_tag_has_a_length_that_aws_takes(int length, bool isTag)
    {
        var instance = await Issuing.StartAsync();
        var request = new TokenRequest(Issuing.Crew, "a") { SessionTags = true, Kickoff = new Kickoff(new string('x', length), null, null) };

        Issuing.Claims(await instance.MintAsync(request)).GetProperty("https://aws.amazon.com/tags").GetProperty("principal_tags").TryGetProperty("kickoff_id", out _).ShouldBe(isTag);
    }

    [Fact]
    public async Task Every_claim_of_a_token_is_one_that_is_announced()
    {
        var instance = await Issuing.StartAsync();
        var request = new TokenRequest(Issuing.Crew, "a") { SessionTags = true, Kickoff = new Kickoff("1", "crew", "ann@example.org") };

        Issuing.Claims(await instance.MintAsync(request)).EnumerateObject().Select(static claim => claim.Name).ShouldBe(TokenIssuer.ClaimNames, ignoreOrder: true);
    }

    [Fact]
    public async Task Two_tokens_have_two_ids_and_the_end_that_is_told()
    {
        var instance = await Issuing.StartAsync();
        var ids = new HashSet<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(Issuing.Claims(await instance.MintAsync()).GetProperty("jti").GetString()!);
        }

        ids.Count.ShouldBe(10);
        using var issued = (await instance.Tokens.MintAsync(new TokenRequest(Issuing.Crew, "a"), None)).ShouldSucceed();
        issued.ExpiresAt.ShouldBe(instance.Clock.GetUtcNow() + TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task A_token_does_not_print_itself_and_is_gone_when_disposed()
    {
        var instance = await Issuing.StartAsync();
        var issued = (await instance.Tokens.MintAsync(new TokenRequest(Issuing.Crew, "a"), None)).ShouldSucceed();

        issued.ToString().ShouldNotContain("eyJ");
        issued.Dispose();
        Should.Throw<ObjectDisposedException>(() => issued.Token.Reveal().Length);
    }

    [Fact]
    public async Task Without_an_issuer_none_is_made()
    {
        var instance = await Instance.StartAsync();

        (await instance.Tokens.MintAsync(new TokenRequest(Issuing.Crew, "a"), None)).ShouldFail("issuer.not_configured").Hint.ShouldNotBeNull();

        instance.Tokens.Issuer.ShouldBeNull();
        (await instance.SigningKeys.ReportAsync(None)).Keys.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    public async Task An_audience_that_is_none_is_refused(string audience)
    {
        var instance = await Issuing.StartAsync();

        (await instance.Tokens.MintAsync(new TokenRequest(Issuing.Crew, audience), None)).ShouldFail("token.audience_invalid");
    }
}
