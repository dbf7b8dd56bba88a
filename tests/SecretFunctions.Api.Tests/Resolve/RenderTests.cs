using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Resolve;

public abstract class RenderTests(Head head) : ApiTest(head)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.AutomationWithAsync("crew", ("DB_USER", "app"), ("DB_PASSWORD", "{{DB_USER}}"));
    }

    [Fact]
    public async Task Templates_are_filled_in_once()
    {
        var reply = await Operator.PostAsync(
            "/v1/render", """{"automation":"crew","templates":{"url":"postgres://{{DB_USER}}:{{DB_PASSWORD}}@db","literal":"\\{{DB_USER}}","empty":""}}""");
        reply.ShouldBe(200, """{"rendered":{"url":"postgres://app:{{DB_USER}}@db","literal":"{{DB_USER}}","empty":""}}""");
        reply.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task An_unknown_key_fails_and_is_named() =>
        (await Operator.PostAsync("/v1/render", """{"automation":"crew","templates":{"a":"{{DB_USER}}","b":"{{MISSING}}"}}"""))
            .ShouldBeProblem(424, "template.unknown_key").Json["errors"]!.AsArray().Single()!["key"]!.ToString().ShouldBe("MISSING");

    [Fact]
    public async Task Every_wrong_template_is_named()
    {
        var reply = (await Operator.PostAsync("/v1/render", """{"automation":"crew","templates":{"a":"{{","b":"{{not a key}}","c":"fine"}}""")).ShouldBe(400);
        reply.Code.ShouldBe("template.invalid");
        reply.Json["errors"]!.AsArray().Select(error => (string)error!["field"]!).ShouldBe(["templates.a", "templates.b"]);
    }

    [Fact]
    public async Task A_render_that_would_grow_beyond_reason_is_refused()
    {
        await Operator.VariableAsync("dev/DB_USER", new string('x', 64 * 1024));
        var template = string.Concat(Enumerable.Repeat("{{DB_USER}}", 65));
        (await Operator.PostAsync("/v1/render", $$$"""{"automation":"crew","templates":{"t":"{{{template}}}"}}""")).ShouldBeProblem(400, "render.too_large");
    }

    public sealed class Direct() : RenderTests(Head.Direct);

    public sealed class BehindARouter() : RenderTests(Head.BehindARouter);
}
