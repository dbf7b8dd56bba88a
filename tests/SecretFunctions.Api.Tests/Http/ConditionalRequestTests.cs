using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Http;

/// <summary>ETag, If-Match and If-None-Match (RFC 9110 §13.1) on every named resource.</summary>
public abstract class ConditionalRequestTests(Head head) : ApiTest(head)
{
    public static TheoryData<string, string> Resources => new()
    {
        { "/v1/organizations/acme", "{}" },
        { "/v1/projects/web", "{}" },
        { "/v1/environments/qa", "{}" },
        { "/v1/automations/crew", """{"project":"default"}""" },
        { "/v1/variables/dev/KEY", """{"value":"1"}""" },
        { "/v1/variables/dev/KEY?scope=project:default", """{"value":"1"}""" },
    };

    [Theory]
    [MemberData(nameof(Resources))]
    public async Task A_resource_is_changed_only_as_it_was_read(string path, string body)
    {
        (await Operator.PutAsync(path, body, ("If-Match", "*"))).ShouldBeProblem(412, "precondition.failed");
        var first = (await Operator.PutAsync(path, body, ("If-None-Match", "*"))).ShouldBe(201).ETag;
        (await Operator.PutAsync(path, body, ("If-None-Match", "*"))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.GetReplyAsync(path)).ETag.ShouldBe(first);

        var second = (await Operator.PutAsync(path, body, ("If-Match", $"\"other\", {first}"))).ShouldBe(200).ETag;
        second.ShouldNotBe(first);
        (await Operator.PutAsync(path, body, ("If-Match", first))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.PutAsync(path, body, ("If-Match", $"W/{second}"))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.DeleteReplyAsync(path, ("If-Match", first))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.GetReplyAsync(path)).ETag.ShouldBe(second);
        (await Operator.PutAsync(path, body, ("If-None-Match", second))).ShouldBeProblem(400, "precondition.unsupported");
        (await Operator.DeleteReplyAsync(path, ("If-Match", second))).ShouldBeNothing();
        (await Operator.GetReplyAsync(path)).ShouldBe(404);
    }

    [Theory]
    [MemberData(nameof(Resources))]
    public async Task A_resource_the_caller_has_already_is_not_sent_again(string path, string body)
    {
        var etag = (await Operator.PutAsync(path, body)).ShouldBe(201).ETag;
        foreach (var known in new[] { etag, $"W/{etag}", $"\"other\", {etag}", "*" })
        {
            var reply = (await Operator.GetReplyAsync(path, ("If-None-Match", known))).ShouldBe(304);
            reply.Body.ShouldBeEmpty();
            reply.ETag.ShouldBe(etag);
        }

        (await Operator.GetReplyAsync(path, ("If-None-Match", "\"other\""))).ShouldBe(200);
    }

    public sealed class Direct() : ConditionalRequestTests(Head.Direct);

    public sealed class BehindARouter() : ConditionalRequestTests(Head.BehindARouter);
}
