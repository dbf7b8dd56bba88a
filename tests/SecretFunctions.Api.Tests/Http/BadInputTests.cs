using System.IO.Compression;
using System.Text;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Http;

/// <summary>Whatever is sent: a clear problem with a stable code, and nothing changed.</summary>
public abstract class BadInputTests(Head head) : ApiTest(head)
{
    private string _organization = "";
    private string _before = "";

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        _organization = await StoreDump.OrganizationIdAsync(Host, "default");
        _before = await StoreDump.ReadAsync(Host, _organization);
    }

    public static TheoryData<string, string, string> Bodies => new()
    {
        { "", "body.missing", "" },
        { "null", "body.missing", "" },
        { "{", "body.malformed", "" },
        { """{"value":"1",}""", "body.malformed", "" },
        { """{"value":"1"} x""", "body.malformed", "" },
        { "{'value':'1'}", "body.malformed", "" },
        { "// \n{}", "body.malformed", "" },
        { "{\"value\":\"a\u0001b\"}", "body.malformed", "" },
        { "\uFEFF{}", "body.malformed", "" },
        { "[]", "body.invalid", "body.invalid_value $" },
        { "\"x\"", "body.invalid", "body.invalid_value $" },
        { "1e999999", "body.invalid", "body.invalid_value $" },
        { """{"values":"1"}""", "body.invalid", "body.unknown_property values" },
        { """{"Value":"1"}""", "body.invalid", "body.unknown_property Value" },
        { """{"value":1}""", "body.invalid", "body.invalid_value value" },
        { """{"value":"1","value":"2"}""", "body.invalid", "body.duplicate_property value" },
        { """{"value":"1","tags":"a"}""", "body.invalid", "body.invalid_value tags" },
        { """{"value":"1","tags":[1]}""", "body.invalid", "body.invalid_value tags[0]" },
        { """{"value":"1","description":99999999999999999999999999999999999}""", "body.invalid", "body.invalid_value description" },
        { "{\"value\":\"\\ud800\"}", "body.invalid", "body.invalid_value value" },
        { "{\"value\":\"1\",\"description\":\"\\udc00\"}", "body.invalid", "body.invalid_value description" },
        { """{"value":"a\u0000b"}""", "variable.value_has_nul", "" },
        { """{"value":"1","description":"a\u0000b"}""", "description.invalid", "" },
        { """{"value":"1","displayName":"a\nb"}""", "display_name.invalid", "" },
        { """{"value":"1","tags":["Not A Slug"]}""", "variable.tags_invalid", "" },
        { """{"value":"1","tags":[""]}""", "variable.tags_invalid", "" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_that_does_not_fit_is_refused(string body, string code, string errors)
    {
        var reply = (await Operator.PutAsync("/v1/variables/dev/KEY", body)).ShouldBeProblem(400, code);
        if (errors.Length > 0)
        {
            reply.Errors.ShouldBe([errors]);
        }

        await NothingHasChangedAsync();
    }

    [Fact]
    public async Task A_null_where_none_may_be_is_refused()
    {
        (await Operator.PutAsync("/v1/automations/crew", """{"project":null}""")).ShouldBeProblem(400, "body.invalid").Errors.ShouldBe(["body.invalid_value project"]);
        (await Operator.PutAsync("/v1/automations/crew", "{}")).ShouldBeProblem(400, "body.invalid").Errors.ShouldBe(["body.missing_property $"]);
        (await Operator.PutAsync("/v1/automations/crew/assignments", """{"items":[null]}""")).ShouldBeProblem(400, "body.invalid");
        (await Operator.PutAsync("/v1/variables/dev/KEY", """{"value":"1","tags":[null]}""")).ShouldBeProblem(400, "variable.tags_invalid");
        (await Operator.PostAsync("/v1/render", """{"templates":{"a":null}}""")).ShouldBeProblem(400, "body.invalid");
        (await Operator.PostAsync("/v1/resolve", """{"tags":[null]}""")).ShouldBeProblem(400, "resolve.tags_invalid");
        (await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"service","name":"x"},"permissions":{"keys":null}}""")).Status.ShouldBe(400);
        (await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"a@b.c"},"environments":[null]}""")).Status.ShouldBe(400);
        (await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":null}""")).ShouldBeProblem(400, "body.invalid");
        await NothingHasChangedAsync();
    }

    [Fact]
    public async Task A_body_deeper_than_any_request_is_refused()
    {
        foreach (var deep in new[] { string.Concat(Enumerable.Repeat("[", 100_000)), $$"""{"value":{{string.Concat(Enumerable.Repeat("{\"a\":", 40))}}""" })
        {
            (await Operator.PutAsync("/v1/variables/dev/KEY", deep)).ShouldBe(400);
            (await Operator.PatchAsync("/v1/variables/dev/KEY", deep)).ShouldBe(400);
        }

        await NothingHasChangedAsync();
    }

    [Fact]
    public async Task A_body_over_1_MiB_is_refused_with_and_without_its_length_told()
    {
        var large = new byte[(1024 * 1024) + 1];
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", Requests.Content(large, "application/json"))).ShouldBeProblem(413, "body.too_large");
        (await Operator.SendAsync(HttpMethod.Patch, "/v1/variables/dev/KEY", Requests.Content(large, "application/json"))).ShouldBeProblem(413, "body.too_large");
        (await Operator.SendAsync(HttpMethod.Post, "/v1/variables/dev/import", Requests.Content(large, "text/plain"))).ShouldBeProblem(413, "body.too_large");
        using var untold = new StreamContent(new MemoryStream(large));
        untold.Headers.ContentType = new("application/json");
        untold.Headers.ContentLength = null;
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", untold)).ShouldBeProblem(413, "body.too_large");
        await NothingHasChangedAsync();
    }

    [Theory]
    [InlineData("text/plain", "body.media_type")]
    [InlineData("application/xml", "body.media_type")]
    [InlineData("application/json; charset=utf-16", "body.charset")]
    [InlineData("application/json; charset=iso-8859-1", "body.charset")]
    public async Task A_body_in_another_form_is_refused(string contentType, string code)
    {
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", Requests.Content("{}", contentType))).ShouldBeProblem(415, code);
        await NothingHasChangedAsync();
    }

    [Fact]
    public async Task A_body_without_a_type_or_in_another_encoding_is_refused()
    {
        using var untyped = new ByteArrayContent("{}"u8.ToArray());
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", untyped)).ShouldBeProblem(415, "body.media_type");

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("""{"value":"2"}"""u8);
        }

        var content = Requests.Content(packed.ToArray(), "application/json");
        content.Headers.ContentEncoding.Add("gzip");
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", content)).ShouldBeProblem(415, "body.content_encoding");
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", Requests.Content(Encoding.Unicode.GetBytes("{}"), "application/json")))
            .ShouldBeProblem(400, "body.malformed");
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", Requests.Content([.. "{\"value\":\""u8, 0xC3, 0x28, .. "\"}"u8], "application/json")))
            .Status.ShouldBe(400);
        await NothingHasChangedAsync();
        (await Operator.SendAsync(HttpMethod.Put, "/v1/variables/dev/KEY", Requests.Content("""{"value":"2"}""", "application/json; charset=\"UTF-8\""))).ShouldBe(200);
    }

    [Theory]
    [InlineData("/v1/variables/dev/1KEY", "variable.key_invalid")]
    [InlineData("/v1/variables/dev/KE%2FY", "variable.key_invalid")]
    [InlineData("/v1/variables/dev/K%C3%89Y", "variable.key_invalid")]
    [InlineData("/v1/variables/dev/KEY%20", "variable.key_invalid")]
    [InlineData("/v1/variables/dev/%25%32%66", "variable.key_invalid")]
    [InlineData("/v1/variables/Dev/KEY", "name.invalid")]
    [InlineData("/v1/variables/dev/KEY?scope=", null)]
    [InlineData("/v1/variables/dev/KEY?scope=project", "scope.invalid")]
    [InlineData("/v1/variables/dev/KEY?scope=project:", "scope.invalid")]
    [InlineData("/v1/variables/dev/KEY?scope=project:A%00", "scope.invalid")]
    [InlineData("/v1/variables/dev/KEY?scope=team:x", "scope.invalid")]
    [InlineData("/v1/projects/Web", "name.invalid")]
    [InlineData("/v1/projects/%E0%80%AF", "name.invalid")]
    [InlineData("/v1/projects/%zz", "name.invalid")]
    [InlineData("/v1/projects/-web", "name.invalid")]
    [InlineData("/v1/automations/%2e%2e%2f", "name.invalid")]
    [InlineData("/v1/organizations/a%7Cb", "name.invalid")]
    [InlineData("/v1/environments/a%23", "name.invalid")]
    [InlineData("/v1/automations/crew/assignments?environment=No", "name.invalid")]
    public async Task A_name_that_cannot_be_is_refused_however_it_is_written(string path, string? code)
    {
        var read = await Operator.GetReplyAsync(path);
        if (code is null)
        {
            read.ShouldBe(200);
            return;
        }

        read.ShouldBeProblem(400, code);
        var body = path.Contains("assignments", StringComparison.Ordinal) ? """{"items":[]}""" : path.Contains("automations", StringComparison.Ordinal) ? """{"project":"default"}""" : "{}";
        (await Operator.PutAsync(path, body)).Status.ShouldBe(400);
        await NothingHasChangedAsync();
    }

    [Theory]
    [InlineData("/v1/projects/w\0b")]
    [InlineData("/v1/organizations/\0")]
    [InlineData("/v1/variables/dev/KE\0Y")]
    [InlineData("/v1/variables/d\0v/KEY")]
    [InlineData("/v1/automations/crew/snapshots/\0")]
    [InlineData("/v1/api-keys/\0")]
    [InlineData("/v1/projects/\ud800")]
    public async Task A_host_that_lets_NUL_or_a_lone_surrogate_through_does_no_harm(string decodedPath)
    {
        foreach (var method in new[] { "GET", "DELETE" })
        {
            (await Host.SendRawAsync(method, decodedPath)).ShouldBeInRange(400, 404);
        }

        await NothingHasChangedAsync();
    }

    [Theory]
    [InlineData("/v1/projects/%zz")]
    [InlineData("/v1/automations/A")]
    [InlineData("/v1/variables/dev/1")]
    public async Task A_name_that_cannot_be_is_not_patched_either(string path) => (await Operator.PatchAsync(path, "{}")).ShouldBe(400);

    [Theory]
    [InlineData("""{"tag":1}""", "tag")]
    [InlineData("""{"value":"1","sk-live-4711":1}""", "…")]
    [InlineData("""{"tags":[{"sk live":1}]}""", "tags[0]")]
    [InlineData("""{"":1}""", "…")]
    public async Task A_field_is_named_where_it_looks_like_a_name(string body, string field) =>
        (await Operator.PutAsync("/v1/variables/dev/KEY", body)).ShouldBeProblem(400, "body.invalid").Json["errors"]![0]!["field"]!.ToString().ShouldBe(field);

    [Fact]
    public async Task Names_and_words_have_lengths_they_must_keep_to()
    {
        var name = new string('a', 63);
        (await Operator.PutAsync($"/v1/projects/{name}a", "{}")).ShouldBeProblem(400, "name.invalid");
        (await Operator.PutAsync($"/v1/variables/dev/{new string('A', 129)}", """{"value":"1"}""")).ShouldBeProblem(400, "variable.key_invalid");
        (await Operator.GetReplyAsync($"/v1/api-keys/{new string('a', 600)}")).ShouldBeProblem(404, "api_key.not_found");
        (await Operator.DeleteReplyAsync($"/v1/api-keys/{new string('a', 600)}")).ShouldBeProblem(404, "api_key.not_found");
        (await Operator.GetReplyAsync($"/v1/automations/crew/snapshots/{new string('a', 600)}")).ShouldBeProblem(404, "snapshot.not_found");
        foreach (var (path, required) in new[]
        {
            ("/v1/projects/web", ""), ("/v1/environments/qa", ""), ("/v1/organizations/acme", ""), ("/v1/automations/new", "\"project\":\"default\","), ("/v1/variables/dev/NEW", "\"value\":\"1\","),
        })
        {
            (await Operator.PutAsync(path, $$"""{ {{required}}"displayName":"{{new string('x', 201)}}"}""")).ShouldBeProblem(400, "display_name.invalid");
            (await Operator.PutAsync(path, $$"""{ {{required}}"description":"{{new string('x', 2001)}}"}""")).ShouldBeProblem(400, "description.invalid");
        }

        (await Operator.PostAsync("/v1/automations/crew/snapshots", $$"""{"description":"{{new string('x', 2001)}}"}""")).ShouldBeProblem(400, "description.invalid");
        await NothingHasChangedAsync();
        (await Operator.PutAsync($"/v1/projects/{name}", $$"""{"displayName":"{{new string('é', 200)}}","description":"{{new string('x', 1998)}}\n\t"}""")).ShouldBe(201);
    }

    [Fact]
    public async Task What_is_at_no_address_or_takes_another_verb_is_a_problem_too()
    {
        (await Operator.GetReplyAsync("/v1/nothing")).ShouldBeProblem(404, "route.not_found");
        (await Operator.GetReplyAsync("/openapi/v2.json")).ShouldBeProblem(404, "route.not_found");
        (await Operator.GetReplyAsync("/")).ShouldBeProblem(404, "route.not_found");
        (await Operator.GetReplyAsync("/v1/resolve")).ShouldBeProblem(405, "route.method_not_allowed").ContentHeaders.Allow.ShouldBe(["POST"]);
        (await Operator.PostAsync("/v1/projects/web", "{}")).ShouldBeProblem(405, "route.method_not_allowed");
        await NothingHasChangedAsync();
    }

    private async Task NothingHasChangedAsync() => (await StoreDump.ReadAsync(Host, _organization)).ShouldBe(_before);

    public sealed class Direct() : BadInputTests(Head.Direct);

    public sealed class BehindARouter() : BadInputTests(Head.BehindARouter);
}
