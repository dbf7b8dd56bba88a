using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Api.Tests.Oidc;

public abstract class DiscoveryTests(Head head) : ApiTest(head)
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string Jwks = "/.well-known/jwks.json";

    [Fact]
    public async Task The_discovery_document_is_the_configured_issuers()
    {
        var reply = await Host.Anonymous.GetReplyAsync(Discovery, ("Host", "evil.example"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "http"));

        reply.ShouldBe(200, """
            {"issuer":"https://secrets.example.com","jwks_uri":"https://secrets.example.com/.well-known/jwks.json",
             "response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"],
             "claims_supported":["iss","aud","sub","iat","nbf","exp","jti","organization","project","environment","automation","kickoff_id","kickoff_kind","triggered_by","https://aws.amazon.com/tags"]}
            """);
    }

    [Fact]
    public async Task The_key_set_has_the_public_half_and_nothing_else()
    {
        var reply = (await Host.Anonymous.GetReplyAsync(Jwks)).ShouldBe(200);

        var key = reply.Json["keys"]!.AsArray().ShouldHaveSingleItem()!.AsObject();
        key.Select(static member => member.Key).ShouldBe(["kty", "use", "alg", "kid", "n", "e"]);
        ((string)key["kty"]!, (string)key["use"]!, (string)key["alg"]!, (string)key["e"]!).ShouldBe(("RSA", "sig", "RS256", "AQAB"));
        ((string)key["n"]!).Length.ShouldBe(342);
    }

    [Theory]
    [InlineData(Discovery)]
    [InlineData(Jwks)]
    public async Task Both_may_be_kept_and_are_not_sent_again(string path)
    {
        var first = (await Host.Anonymous.GetReplyAsync(path)).ShouldBe(200);
        first.MediaType.ShouldBe("application/json");
        first.Headers.CacheControl!.ToString().ShouldBe("public, max-age=300");
        first.Headers.ETag!.IsWeak.ShouldBeFalse();

        var second = (await Host.Anonymous.GetReplyAsync(path, ("If-None-Match", first.ETag))).ShouldBe(304);
        (second.Body, second.ETag, second.Headers.CacheControl!.ToString()).ShouldBe(("", first.ETag, "public, max-age=300"));
        (await Host.Anonymous.GetReplyAsync(path, ("If-None-Match", "\"other\""))).ShouldBe(200);

        var head = (await Host.Anonymous.SendAsync(HttpMethod.Head, path, null)).ShouldBe(200);
        (head.Body, head.ETag, head.ContentHeaders.ContentLength).ShouldBe(("", first.ETag, first.Body.Length));
        (await Host.Anonymous.SendAsync(HttpMethod.Head, path, null, ("If-None-Match", first.ETag))).ShouldBe(304);
        (await Host.Anonymous.PostAsync(path)).ShouldBe(405);
    }

    [Fact]
    public async Task A_new_key_changes_the_tag()
    {
        var before = (await Host.Anonymous.GetReplyAsync(Jwks)).ETag;
        (await Operator.PostAsync("/v1/keys/signing/rotate")).ShouldBe(200);

        var after = (await Host.Anonymous.GetReplyAsync(Jwks, ("If-None-Match", before))).ShouldBe(200);

        after.ETag.ShouldNotBe(before);
        after.Json["keys"]!.AsArray().Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_warm_instance_answers_without_the_store()
    {
        var inner = new InMemoryEntityStore();
        var store = new ObservedEntityStore(inner);
        await using var host = await ApiHost.StartAsync(Head, services => services.AddSingleton<IEntityStore>(store));
        await host.Anonymous.GetReplyAsync(Jwks);
        store.Forget();

        for (var i = 0; i < 5; i++)
        {
            (await host.Anonymous.GetReplyAsync(Jwks)).ShouldBe(200);
            (await host.Anonymous.GetReplyAsync(Discovery)).ShouldBe(200);
        }

        store.Reads.ShouldBeEmpty();
        store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_an_issuer_there_is_nothing_to_discover()
    {
        await using var host = await ApiHost.StartAsync(Head, null, ("Issuer", ApiHost.Unset));

        (await host.Anonymous.GetReplyAsync(Discovery)).ShouldBeProblem(404, "issuer.not_configured");
        var reply = (await host.Anonymous.GetReplyAsync(Jwks)).ShouldBeProblem(404, "issuer.not_configured");
        ((string?)reply.Json["hint"]).ShouldNotBeNull().ShouldContain("SecretFunctions:Issuer");
    }

    public sealed class Direct() : DiscoveryTests(Head.Direct);

    public sealed class BehindARouter() : DiscoveryTests(Head.BehindARouter);
}
