using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Maintenance;

namespace SecretFunctions.Api.Tests.Operations;

public abstract class OrganizationKeyTests(Head head) : ApiTest(head)
{
    /// <summary>Longer than a new key waits before it seals.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task A_rotation_shows_how_far_it_is_and_values_resolve_throughout()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"), ("B", "2"));
        Reply.ShouldBeJson(await KindAsync(), """
            {"kind":"organization","scope":"organization","nextRotationAt":null,"keys":[
             {"id":"1","state":"active","algorithm":"A256GCM","bits":256,"protectedBy":"root-key","createdAt":"2026-01-02T03:04:05Z","ageSeconds":0,
              "activatesAt":"2026-01-02T03:04:05Z","retiresAt":null,"removedAt":null}]}
            """);

        var begun = (await Operator.PostAsync("/v1/keys/organization/rotate")).ShouldBe(200).Json;
        Reply.ShouldBeJson(begun["rotation"], """{"startedAt":"2026-01-02T03:04:05Z","step":"publishing","left":null,"unreadable":0}""");
        ((string)begun["keys"]![1]!["activatesAt"]!).ShouldBe("2026-01-02T03:07:52Z");

        await RoundAsync();
        var moved = await KindAsync();
        Reply.ShouldBeJson(moved["rotation"], """{"startedAt":"2026-01-02T03:04:05Z","step":"confirming","left":0,"unreadable":0}""");
        moved["keys"]!.AsArray().Select(static key => $"{key!["id"]} {key["state"]} {key["activatesAt"]} {key["retiresAt"]}").ShouldBe(
            ["1 retired 2026-01-02T03:04:05Z 2026-01-02T03:08:05Z", "2 active 2026-01-02T03:08:05Z "]);
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=1 B=2");

        for (var round = 0; round < 40; round++)
        {
            await RoundAsync();
        }

        var over = await KindAsync();
        over["rotation"].ShouldBeNull();
        over["keys"]!.AsArray().ShouldHaveSingleItem()!["id"]!.ToString().ShouldBe("2");
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=1 B=2");
    }

    [Fact]
    public async Task An_etag_read_before_values_were_moved_no_longer_matches()
    {
        var before = await Operator.VariableAsync("dev/A", "1");
        (await Operator.PostAsync("/v1/keys/organization/rotate")).ShouldBe(200);
        await RoundAsync();

        (await Operator.PutAsync("/v1/variables/dev/A", """{"value":"2"}""", ("If-Match", before.ETag))).ShouldBeProblem(412, "precondition.failed");
        var read = (await Operator.GetReplyAsync("/v1/variables/dev/A")).ShouldBe(200);
        (await Operator.PutAsync("/v1/variables/dev/A", """{"value":"2"}""", ("If-Match", read.ETag))).ShouldBe(200);
    }

    [Fact]
    public async Task Whoever_may_manage_keys_rotates_the_organizations_own_and_no_others()
    {
        await Host.OrganizationAsync("other");
        var manager = await Host.ServiceAsync("manager", "keys: manage");
        var viewer = await Host.ServiceAsync("viewer", "keys: view");
        (await viewer.PostAsync("/v1/keys/organization/rotate")).ShouldBeProblem(403, "access.permission_missing");

        (await manager.PostAsync("/v1/keys/organization/rotate")).ShouldBe(200);

        ((await viewer.GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]![0]!["keys"]!.AsArray().Count).ShouldBe(2);
        (await KindAsync(Host.OperatorOf("other")))["keys"]!.AsArray().ShouldHaveSingleItem();
    }

    private async Task<System.Text.Json.Nodes.JsonNode> KindAsync(HttpClient? client = null) =>
        (await (client ?? Operator).GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]!.AsArray().Single(static kind => (string)kind!["kind"]! == "organization")!;

    private async Task RoundAsync()
    {
        Host.Clock.Advance(Round);
        await Host.Services.GetRequiredService<MaintenanceRound>().RunAsync(CancellationToken.None);
    }

    public sealed class Direct() : OrganizationKeyTests(Head.Direct);

    public sealed class BehindARouter() : OrganizationKeyTests(Head.BehindARouter);
}
