using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Sealing;

public abstract class SealToTests(Head head) : ApiTest(head)
{
    /// <summary>RFC 7517 appendix A.1.</summary>
    private const string P256 = """{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}""";

    [Fact]
    public async Task A_sealed_answer_has_everything_but_the_values()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "c4n4ry"), ("GONE", "1"));
        await Operator.DeleteReplyAsync("/v1/variables/dev/GONE");

        var reply = (await Operator.PostAsync("/v1/resolve", $$"""{"automation":"crew","partial":true,"sealTo":{{P256}}}""")).ShouldBe(200);

        reply.Json.AsObject().Select(static member => member.Key).ShouldBe(["sealed", "sources", "resolvedAt", "errors"]);
        reply.Json["sealed"]!.ToString().Split('.').Length.ShouldBe(5);
        reply.Json["sources"]![0]!["key"]!.ToString().ShouldBe("KEY");
        reply.Errors.ShouldBe(["variable.not_found GONE"]);
        reply.Body.ShouldNotContain("c4n4ry");
        reply.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_failed_resolve_fails_for_a_recipient_too()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        await Operator.DeleteReplyAsync("/v1/variables/dev/KEY");
        (await Operator.PostAsync("/v1/resolve", $$"""{"automation":"crew","sealTo":{{P256}}}""")).ShouldBeProblem(424, "resolve.failed");
    }

    [Theory]
    [InlineData("1", "seal_to.invalid")]
    [InlineData("\"c4n4ry\"", "seal_to.invalid")]
    [InlineData("[]", "seal_to.invalid")]
    [InlineData("{}", "seal_to.key_unsupported")]
    [InlineData("""{"kty":"oct"}""", "seal_to.key_unsupported")]
    [InlineData("""{"kty":"oct","k":"c4n4ry"}""", "seal_to.private_key")]
    [InlineData("""{"kty":"OKP","crv":"X25519","x":"c4n4ry"}""", "seal_to.key_unsupported")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"c4n4ry","y":"c4n4ry"}""", "seal_to.key_unsupported")]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"c4n4ry","y":"c4n4ry"}""", "seal_to.invalid")]
    [InlineData("""{"kty":"RSA","n":"c4n4ry=","e":"AQAB"}""", "seal_to.invalid")]
    [InlineData("""{"kty":"RSA","n":"c4n4ry-A","e":"AQAB"}""", "seal_to.key_weak")]
    [InlineData("""{"kty":"EC","kty":"EC"}""", "body.invalid")]
    [InlineData("""{"kty":"\ud800"}""", "seal_to.invalid")]
    [InlineData("""{"\ud800":1}""", "body.invalid")]
    [InlineData("""{"kty":"EC","\ud800":1,"\ud800":1}""", "body.invalid")]
    [InlineData("""{"x5c":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}""", "seal_to.invalid")]
    public async Task What_is_no_public_key_to_seal_to_is_refused_before_anything_is_resolved(string key, string code)
    {
        await Operator.VariableAsync("dev/KEY", "1");
        var reply = await Operator.PostAsync("/v1/resolve", $$"""{"sealTo":{{key}}}""");
        reply.ShouldBeProblem(400, code);
        reply.Body.ShouldNotContain("c4n4ry");
        (await Operator.GetReplyAsync("/v1/audit-events?limit=1")).Json["items"]![0]!["action"]!.ToString().ShouldBe("variable.put");
    }

    [Theory]
    [InlineData("d", "\"c4n4ry\"", "seal_to.private_key")]
    [InlineData("\\u0064", "\"c4n4ry\"", "seal_to.private_key")]
    [InlineData("alg", "\"ES256\"", "seal_to.key_unsupported")]
    [InlineData("alg", "\"ECDH-ES+A256KW\"", "seal_to.key_unsupported")]
    [InlineData("use", "\"sig\"", "seal_to.key_unsupported")]
    [InlineData("key_ops", "[\"sign\"]", "seal_to.key_unsupported")]
    [InlineData("key_ops", "\"deriveKey\"", "seal_to.invalid")]
    [InlineData("kid", "1", "seal_to.invalid")]
    [InlineData("alg", "\"ECDH-ES\"", null)]
    [InlineData("use", "\"enc\"", null)]
    [InlineData("key_ops", "[]", null)]
    [InlineData("key_ops", "[\"deriveBits\"]", null)]
    [InlineData("ext", "true", null)]
    public async Task What_a_key_says_it_is_for_has_to_fit(string name, string value, string? code)
    {
        var key = P256.Replace("{", $"{{\"{name}\":{value},", StringComparison.Ordinal);
        var reply = await Operator.PostAsync("/v1/resolve", $$"""{"sealTo":{{key}}}""");
        if (code is null)
        {
            reply.ShouldBe(200);
            return;
        }

        reply.ShouldBeProblem(400, code).Body.ShouldNotContain("c4n4ry");
    }

    [Fact]
    public async Task A_point_that_is_not_on_the_curve_is_refused()
    {
        var key = JsonNode.Parse(P256)!;
        (key["x"], key["y"]) = (key["y"]!.ToString(), key["x"]!.ToString());
        (await Operator.PostAsync("/v1/resolve", new JsonObject { ["sealTo"] = key }.ToJsonString())).ShouldBeProblem(400, "seal_to.invalid");
    }

    [Fact]
    public async Task Null_seals_to_nobody()
    {
        await Operator.VariableAsync("dev/KEY", "1");
        (await Operator.ResolvedAsync("""{"sealTo":null}""")).ShouldBe("KEY=1");
    }

    public sealed class Direct() : SealToTests(Head.Direct);

    public sealed class BehindARouter() : SealToTests(Head.BehindARouter);
}
