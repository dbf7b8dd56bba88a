using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Oidc;

public abstract class KeyTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task Keys_are_listed_with_state_age_and_next_rotation()
    {
        Reply.ShouldBeJson(await SigningAsync(), """{"kind":"signing","scope":"deployment","nextRotationAt":null,"keys":[]}""");
        await Host.Anonymous.GetReplyAsync("/.well-known/jwks.json");
        Host.Clock.Advance(TimeSpan.FromHours(1));

        var kind = await SigningAsync();
        var key = kind["keys"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)kind["nextRotationAt"]!).ShouldBe("2026-04-02T03:04:05Z");
        key["id"] = "?";
        Reply.ShouldBeJson(key, """
            {"id":"?","state":"active","algorithm":"RS256","bits":2048,"protectedBy":"root-key","createdAt":"2026-01-02T03:04:05Z","ageSeconds":3600,
             "activatesAt":"2026-01-02T03:04:05Z","retiresAt":null,"removedAt":null}
            """);
    }

    [Fact]
    public async Task A_rotation_shows_what_comes_and_a_second_one_waits()
    {
        await Host.Anonymous.GetReplyAsync("/.well-known/jwks.json");

        var kind = (await Operator.PostAsync("/v1/keys/signing/rotate")).ShouldBe(200).Json;

        kind["keys"]!.AsArray().Select(static key => (string)key!["state"]!).ShouldBe(["active", "next"]);
        ((string)kind["nextRotationAt"]!).ShouldBe("2026-01-03T03:04:05Z");
        ((string)kind["keys"]![0]!["removedAt"]!).ShouldBe("2026-01-03T04:14:05Z");
        (await Operator.PostAsync("/v1/keys/signing/rotate")).ShouldBeProblem(409, "signing_key.rotation_pending");
        (await Operator.PostAsync("/v1/keys/none/rotate")).ShouldBeProblem(404, "key.kind_unknown");
    }

    [Fact]
    public async Task A_revoked_key_is_gone_from_the_key_set_at_once()
    {
        var first = await PublishedAsync();
        (await Operator.DeleteReplyAsync($"/v1/keys/signing/{first}", ("If-None-Match", "*"))).ShouldBeProblem(412, "precondition.failed");

        (await Operator.DeleteReplyAsync($"/v1/keys/signing/{first}")).ShouldBeNothing();

        (await PublishedAsync()).ShouldNotBe(first);
        (await Operator.DeleteReplyAsync($"/v1/keys/signing/{first}")).ShouldBeProblem(404, "signing_key.not_found");
        (await Operator.GetReplyAsync("/v1/keys")).Body.ShouldNotContain(first);
    }

    [Fact]
    public async Task Only_the_operator_changes_the_deployments_keys()
    {
        var id = await PublishedAsync();
        var owner = await Host.MemberAsync("owner@example.org");
        var viewer = await Host.ServiceAsync("viewer", "keys: view");
        var stranger = await Host.ServiceAsync("stranger", "automations: manage");

        (await owner.GetReplyAsync("/v1/keys")).ShouldBe(200);
        (await viewer.GetReplyAsync("/v1/keys")).ShouldBe(200);
        (await stranger.GetReplyAsync("/v1/keys")).ShouldBeProblem(403, "access.permission_missing");
        (await viewer.PostAsync("/v1/keys/signing/rotate")).ShouldBeProblem(403, "access.permission_missing");
        (await owner.PostAsync("/v1/keys/signing/rotate")).ShouldBeProblem(403, "access.operator_only");
        (await owner.DeleteReplyAsync($"/v1/keys/signing/{id}")).ShouldBeProblem(403, "access.operator_only");
        (await PublishedAsync()).ShouldBe(id);
    }

    [Theory]
    [InlineData("3072", 3072)]
    [InlineData("4096", 4096)]
    public async Task Larger_keys_are_made_where_they_are_asked_for(string setting, int bits)
    {
        await using var host = await ApiHost.StartAsync(Head, null, ("SigningKeys:Bits", setting));

        var key = (await host.Anonymous.GetReplyAsync("/.well-known/jwks.json")).ShouldBe(200).Json["keys"]![0]!;

        ((string)key["n"]!).Length.ShouldBe((int)Math.Ceiling(bits / 6.0));
    }

    private async Task<JsonNode> SigningAsync() =>
        (await Operator.GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]!.AsArray().Single(static kind => (string)kind!["kind"]! == "signing")!;

    private async Task<string> PublishedAsync() =>
        (string)(await Host.Anonymous.GetReplyAsync("/.well-known/jwks.json")).ShouldBe(200).Json["keys"]!.AsArray().ShouldHaveSingleItem()!["kid"]!;

    public sealed class Direct() : KeyTests(Head.Direct);

    public sealed class BehindARouter() : KeyTests(Head.BehindARouter);
}
