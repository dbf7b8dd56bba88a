using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Api.Tests.Operations;
using SecretFunctions.Core.Rotation;

namespace SecretFunctions.Api.Tests.Http;

/// <summary>Headers that are on every answer, and the request's id.</summary>
public abstract class EveryAnswerTests(Head head) : ApiTest(head)
{
    private static readonly string[] Cacheable = ["GET /.well-known/openid-configuration", "GET /.well-known/jwks.json"];

    private readonly Accident _accident = new();

    public static TheoryData<string, bool> Ids => new()
    {
        { "run-42.retry_1", true },
        { "0", true },
        { new string('a', 128), true },
        { "", false },
        { new string('a', 129), false },
        { "run 42", false },
        { "<script>", false },
        { "a:b", false },
        { "\u00E9", false },
    };

    [Fact]
    public async Task Every_operation_answers_with_the_headers()
    {
        var values = new Dictionary<string, string>();
        foreach (var call in Tour.Calls)
        {
            var reply = await call.SendAsync(Operator, values);
            call.Learn(reply, values);
            ShouldHaveHeaders(reply, call.Route, mayBeKept: Cacheable.Contains(call.Route));
        }
    }

    [Fact]
    public async Task So_does_whatever_is_refused_or_goes_wrong()
    {
        ShouldHaveHeaders((await Operator.GetReplyAsync("/v1/nowhere")).ShouldBeProblem(404, "route.not_found"), "404");
        ShouldHaveHeaders((await Operator.DeleteReplyAsync("/v1/whoami")).ShouldBeProblem(405, "route.method_not_allowed"), "405");
        ShouldHaveHeaders((await Host.Anonymous.GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.missing"), "401");
        ShouldHaveHeaders((await Operator.PutAsync("/v1/projects/web", "{")).ShouldBeProblem(400, "body.malformed"), "400");
        _accident.Happen = static context =>
        {
            context.Response.Headers["X-Half-Done"] = "yes";
            throw new InvalidOperationException("An accident.");
        };
        var reply = (await Operator.PostAsync("/v1/events/accident", "{}", ("X-Request-Id", "run-42"))).ShouldBeProblem(500, "internal");
        ShouldHaveHeaders(reply, "500");
        IdOf(reply).ShouldBe("run-42");
        reply.Headers.Contains("X-Half-Done").ShouldBeFalse();
    }

    [Fact]
    public async Task Browsers_are_held_to_https_where_there_is_https()
    {
        (await Operator.GetReplyAsync("https://secrets.example.com/v1/whoami")).Headers.GetValues("Strict-Transport-Security").ShouldBe(["max-age=31536000"]);
        (await Operator.GetReplyAsync("http://secrets.example.com/v1/whoami")).Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task A_request_keeps_the_id_it_comes_with_where_that_can_stand_in_a_log(string id, bool kept)
    {
        foreach (var path in new[] { "/v1/whoami", "/v1/nowhere" })
        {
            var answered = IdOf(await Operator.GetReplyAsync(path, ("X-Request-Id", id)));
            (answered == id).ShouldBe(kept);
            answered.ShouldMatch("^[A-Za-z0-9._-]{1,128}$");
        }
    }

    [Fact]
    public async Task Two_ids_are_none_and_each_request_without_one_gets_its_own_whatever_trace_it_is_of()
    {
        var two = IdOf(await Operator.GetReplyAsync("/v1/whoami", ("X-Request-Id", "a"), ("X-Request-Id", "b")));
        two.ShouldNotBeOneOf("a", "b", "a,b", "a, b");
        var trace = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        string[] ids = [two, IdOf(await Operator.GetReplyAsync("/v1/whoami", trace)), IdOf(await Operator.GetReplyAsync("/v1/whoami", trace))];
        ids.ShouldBeUnique();
        ids.ShouldAllBe(static id => id.Length == 16);
    }

    [Fact]
    public async Task The_log_names_the_request_that_went_wrong()
    {
        _accident.Happen = static _ => throw new InvalidOperationException("An accident.");
        (await Operator.PostAsync("/v1/events/accident", "{}", ("X-Request-Id", "run-42"))).ShouldBeProblem(500, "internal");
        Host.Logs.Lines.Where(static line => line.Text.StartsWith("Bug:", StringComparison.Ordinal)).ShouldHaveSingleItem().Text.ShouldContain("(request run-42)");
    }

    protected override void Configure(IServiceCollection services)
    {
        services.AddFakeCloud(FakeCloud.Provider());
        services.AddHttpContextAccessor();
        services.AddSingleton<IRotationSource>(provider =>
        {
            _accident.Accessor = provider.GetRequiredService<Microsoft.AspNetCore.Http.IHttpContextAccessor>();
            return _accident;
        });
    }

    private static string IdOf(Reply reply) => reply.Headers.GetValues("X-Request-Id").ShouldHaveSingleItem();

    private static void ShouldHaveHeaders(Reply reply, string what, bool mayBeKept = false)
    {
        IdOf(reply).ShouldNotBeEmpty(what);
        reply.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"], what);
        reply.Headers.GetValues("Content-Security-Policy").ShouldBe(["default-src 'none'; frame-ancestors 'none'"], what);
        reply.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"], what);
        reply.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"], what);
        reply.Headers.CacheControl!.ToString().ShouldBe(mayBeKept ? "public, max-age=300" : "no-store", what);
        reply.Headers.Contains("Server").ShouldBeFalse(what);
    }

    public sealed class Direct() : EveryAnswerTests(Head.Direct);

    public sealed class BehindARouter() : EveryAnswerTests(Head.BehindARouter);
}
