using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Http;

/// <summary>JSON Merge Patch (RFC 7396): what is named is put, null removes, the rest stays.</summary>
public abstract class MergePatchTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Null_removes_and_what_is_not_named_stays()
    {
        await Operator.PutAsync("/v1/projects/web", """{"displayName":"Web","description":"The shop"}""");
        var patched = (await Operator.PatchAsync("/v1/projects/web", """{"displayName":"Shop"}""")).ShouldBe(200);
        (patched.Json["displayName"]!.ToString(), patched.Json["description"]!.ToString()).ShouldBe(("Shop", "The shop"));
        patched = (await Operator.PatchAsync("/v1/projects/web", """{"description":null}""")).ShouldBe(200);
        (patched.Json["displayName"]!.ToString(), patched.Json["description"]).ShouldBe(("Shop", null));
        (await Operator.PatchAsync("/v1/projects/web", "{}")).ShouldBe(200);
    }

    [Fact]
    public async Task An_automation_keeps_what_it_must_have()
    {
        await Operator.AutomationAsync("crew", owner: "ann@example.org");
        (await Operator.PatchAsync("/v1/automations/crew", """{"displayName":"Crew"}""")).Json["owner"]!.ToString().ShouldBe("ann@example.org");
        (await Operator.PatchAsync("/v1/automations/crew", """{"owner":null}""")).ShouldBe(200).Json["owner"].ShouldBeNull();
        (await Operator.PatchAsync("/v1/automations/crew", """{"project":null}""")).ShouldBeProblem(400, "body.invalid").Errors.ShouldBe(["body.missing_property $"]);
        (await Operator.PatchAsync("/v1/automations/crew", """{"project":"nowhere"}""")).ShouldBeProblem(400, "project.not_found");
    }

    [Fact]
    public async Task A_variable_keeps_its_value_and_version_when_words_about_it_change()
    {
        await Operator.VariableAsync("dev/KEY", "s3cret", "a", "b");
        var patched = (await Operator.PatchAsync("/v1/variables/dev/KEY", """{"description":"New","tags":["c"]}""")).ShouldBe(200);
        patched.Json["tags"]!.AsArray().Select(tag => (string)tag!).ShouldBe(["c"]);
        (await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBe(200, """{"value":"s3cret","version":1}""");

        (await Operator.PatchAsync("/v1/variables/dev/KEY", """{"value":"other"}""")).ShouldBe(200).Json["description"]!.ToString().ShouldBe("New");
        (await Operator.PostAsync("/v1/variables/dev/KEY/reveal")).ShouldBe(200, """{"value":"other","version":2}""");
    }

    [Fact]
    public async Task A_patch_heeds_the_etag_it_is_for()
    {
        var etag = (await Operator.PutAsync("/v1/projects/web", "{}")).ETag;
        var next = (await Operator.PatchAsync("/v1/projects/web", """{"displayName":"A"}""", ("If-Match", etag))).ShouldBe(200).ETag;
        (await Operator.PatchAsync("/v1/projects/web", """{"displayName":"B"}""", ("If-Match", etag))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.GetReplyAsync("/v1/projects/web")).ETag.ShouldBe(next);
        (await Operator.PatchAsync("/v1/projects/nowhere", "{}")).ShouldBeProblem(404, "project.not_found");
    }

    [Theory]
    [InlineData("[]", "body.invalid")]
    [InlineData("null", "body.invalid")]
    [InlineData("\"x\"", "body.invalid")]
    [InlineData("{", "body.malformed")]
    [InlineData("", "body.malformed")]
    [InlineData("""{"unknown":1}""", "body.invalid")]
    [InlineData("""{"unknown":null}""", "body.invalid")]
    [InlineData("""{"displayName":1}""", "body.invalid")]
    [InlineData("""{"displayName":{"a":1}}""", "body.invalid")]
    [InlineData("""{"displayName":"a","displayName":"b"}""", "body.invalid")]
    [InlineData("{\"displayName\":\"\\ud800\"}", "body.invalid")]
    [InlineData("{\"a\":1,\"a\":2,\"b", "body.malformed")]
    [InlineData("{\"\\ud800\":null}", "body.invalid")]
    [InlineData("{\"\\ud800\":{\"\\udfff\":1}}", "body.invalid")]
    public async Task A_patch_is_read_as_strictly_as_a_whole_resource(string patch, string code)
    {
        var etag = (await Operator.PutAsync("/v1/projects/web", """{"displayName":"Web"}""")).ETag;
        (await Operator.PatchAsync("/v1/projects/web", patch)).ShouldBeProblem(400, code);
        (await Operator.GetReplyAsync("/v1/projects/web")).ETag.ShouldBe(etag);
    }

    [Fact]
    public async Task A_patch_may_call_itself_json()
    {
        await Operator.ProjectAsync("web");
        (await Operator.SendAsync(HttpMethod.Patch, "/v1/projects/web", Requests.Json("""{"displayName":"A"}"""))).ShouldBe(200);
        (await Operator.SendAsync(HttpMethod.Patch, "/v1/projects/web", Requests.Content("{}", "text/plain"))).ShouldBeProblem(415, "body.media_type");
    }

    public sealed class Direct() : MergePatchTests(Head.Direct);

    public sealed class BehindARouter() : MergePatchTests(Head.BehindARouter);
}
