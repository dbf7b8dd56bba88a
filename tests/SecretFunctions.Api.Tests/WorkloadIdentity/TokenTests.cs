using System.Buffers.Text;
using System.Text.Json;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary><c>POST /v1/tokens</c>.</summary>
public abstract class TokenTests(Head head) : IdentityApiTest(head)
{
    private const string Request = """{"audience":"https://reader.example.com","environment":"prod","kickoff":{"id":"run-1","kind":"crew","triggeredBy":"ann@example.org"}}""";

    private HttpClient Crew { get; set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.AutomationAsync("crew");
        Crew = await Host.AutomationAsync("crew");
    }

    [Fact]
    public async Task An_automation_gets_a_token_about_itself_with_what_it_told_of_its_kickoff()
    {
        (await PutConfigAsync()).ShouldBe(201);

        var reply = (await Crew.PostAsync("/v1/tokens", Request)).ShouldBe(200);

        reply.Headers.CacheControl!.NoStore.ShouldBeTrue();
        reply.Json.AsObject().Select(static member => member.Key).ShouldBe(["token", "expiresAt"]);
        reply.Json["expiresAt"]!.ToString().ShouldBe("2026-01-02T03:09:05Z");
        var claims = Claims(reply);
        claims.GetProperty("iss").GetString().ShouldBe(ApiHost.Issuer);
        claims.GetProperty("sub").GetString().ShouldBe("org:default:project:default:environment:prod:automation:crew");
        claims.GetProperty("kickoff_id").GetString().ShouldBe("run-1");
        claims.GetProperty("triggered_by").GetString().ShouldBe("ann@example.org");
    }

    [Fact]
    public async Task It_is_in_the_audit_log_without_the_token()
    {
        (await PutConfigAsync()).ShouldBe(201);
        var token = (string)(await Crew.PostAsync("/v1/tokens", Request)).ShouldBe(200).Json["token"]!;

        var log = (await Operator.GetReplyAsync("/v1/audit-events?limit=1")).ShouldBe(200);

        var recorded = log.Json["items"]![0]!;
        (recorded["action"]!.ToString(), recorded["actor"]!["name"]!.ToString(), recorded["kickoff"]!["id"]!.ToString()).ShouldBe(("token.mint", "crew", "run-1"));
        recorded["target"]!.ToJsonString().ShouldBe("""{"environment":"prod","audience":"https://reader.example.com","subject":"org:default:project:default:environment:prod:automation:crew","config":"main"}""");
        log.Body.ShouldNotContain(token.Split('.')[2]);
        Host.Logs.Lines.ShouldAllBe(line => !line.Text.Contains(token.Split('.')[2], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Members_and_services_get_none()
    {
        (await PutConfigAsync()).ShouldBe(201);

        (await Operator.PostAsync("/v1/tokens", Request)).ShouldBeProblem(403, "token.automation_only");
        (await (await Host.MemberAsync("ann@example.org")).PostAsync("/v1/tokens", Request)).ShouldBeProblem(403, "token.automation_only");
        (await Host.Anonymous.PostAsync("/v1/tokens", Request)).ShouldBeProblem(401, "auth.missing");
    }

    [Fact]
    public async Task An_audience_that_nobody_gave_it_is_refused_until_the_operator_lists_it()
    {
        const string request = """{"audience":"https://api.example.org"}""";
        (await Crew.PostAsync("/v1/tokens", request)).ShouldBeProblem(403, "token.audience_not_allowed");

        (await Operator.PutAsync("/v1/organizations/default", """{"tokenAudiences":["https://api.example.org"]}""")).ShouldBe(200);

        Claims((await Crew.PostAsync("/v1/tokens", request)).ShouldBe(200)).GetProperty("sub").GetString().ShouldBe("org:default:project:default:environment:dev:automation:crew");
    }

    [Fact]
    public async Task Where_configurations_differ_one_is_named_and_a_subject_of_others_is_not_given()
    {
        await Operator.AutomationAsync("other");
        (await PutConfigAsync()).ShouldBe(201);
        (await PutConfigAsync(""","subjectScope":"project","automations":["crew"]""", "coarse")).ShouldBe(201);
        (await Crew.PostAsync("/v1/tokens", Request)).ShouldBeProblem(400, "token.config_ambiguous");
        Claims((await Crew.PostAsync("/v1/tokens", """{"audience":"https://reader.example.com","config":"coarse"}""")).ShouldBe(200)).GetProperty("sub").GetString().ShouldBe("org:default:project:default");

        (await PutConfigAsync(""","subjectScope":"project","automations":["other"]""", "others")).ShouldBe(201);
        (await Crew.PostAsync("/v1/tokens", """{"audience":"https://reader.example.com","config":"coarse"}""")).ShouldBeProblem(403, "token.subject_shared");
        (await Crew.PostAsync("/v1/tokens", """{"audience":"https://reader.example.com","config":"others"}""")).ShouldBeProblem(403, "token.audience_not_allowed");
    }

    [Theory]
    [InlineData("{}", 400, "body.invalid")]
    [InlineData("""{"audience":""}""", 400, "token.audience_invalid")]
    [InlineData("""{"audience":"a\nb"}""", 400, "token.audience_invalid")]
    [InlineData("""{"audience":"a","environment":"none"}""", 400, "environment.not_found")]
    [InlineData("""{"audience":"a","environment":"NO"}""", 400, "name.invalid")]
    [InlineData("""{"audience":"a","config":"NO"}""", 400, "name.invalid")]
    [InlineData("""{"audience":"a","automation":"other"}""", 400, "body.invalid")]
    [InlineData("""{"audience":"a","kickoff":{"kind":"none"}}""", 400, "kickoff.kind_unknown")]
    public async Task What_is_wrong_is_named(string body, int status, string code) =>
        (await Crew.PostAsync("/v1/tokens", body)).ShouldBeProblem(status, code);

    private static JsonElement Claims(Reply reply) => JsonElement.Parse(Base64Url.DecodeFromChars(((string)reply.Json["token"]!).Split('.')[1]));

    public sealed class Direct() : TokenTests(Head.Direct);

    public sealed class BehindARouter() : TokenTests(Head.BehindARouter);
}
