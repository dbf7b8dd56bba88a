using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Maintenance;

namespace SecretFunctions.Api.Tests.Operations;

public abstract class RootKeyTests(Head head) : ApiTest(head)
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(60);

    private string KeyFile => Path.Combine(Host.Data, "root.key");

    [Fact]
    public async Task The_operator_rotates_it_and_sees_what_lies_under_which_key()
    {
        await Host.OrganizationAsync("other");
        await Operator.AutomationWithAsync("crew", ("A", "1"));
        var first = (await KindAsync())["keys"]!.AsArray().ShouldHaveSingleItem()!;
        $"{first["state"]} {first["algorithm"]} {first["protectedBy"]} {first["inUse"]}".ShouldBe("active A256GCM file 2");

        var begun = (await Operator.PostAsync("/v1/keys/root/rotate")).ShouldBe(200).Json;
        Reply.ShouldBeJson(begun["rotation"], """{"startedAt":"2026-01-02T03:04:05Z","step":"rewrapping","left":null,"unreadable":0}""");
        await RoundAsync();
        var moved = await KindAsync();
        moved["keys"]!.AsArray().Select(static key => $"{key!["state"]} {key["inUse"]}").ShouldBe(["retired 0", "active 3"], "with the signing keys, which the round has made");
        ((string)moved["rotation"]!["step"]!).ShouldBe("confirming");
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=1");

        for (var round = 0; round < 20; round++)
        {
            await RoundAsync();
        }

        (await KindAsync())["rotation"].ShouldBeNull();
        (await File.ReadAllLinesAsync(KeyFile)).Length.ShouldBe(2, "backups may need the earlier one");
        await using var another = await Host.StartAnotherAsync(Head);
        (await another.Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=1");
    }

    [Fact]
    public async Task An_instance_that_meets_a_key_it_does_not_know_looks_into_the_file_again()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"));
        await using var another = await Host.StartAnotherAsync(Head);
        (await Operator.PostAsync("/v1/keys/root/rotate")).ShouldBe(200);
        await RoundAsync();

        (await another.Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=1");
        (await another.Anonymous.GetReplyAsync("/health/ready")).ShouldBe(200);
        await another.OrganizationAsync("made-there");
    }

    [Fact]
    public async Task It_is_nobody_elses_to_see_or_rotate()
    {
        var owner = await Host.ServiceAsync("manager", "keys: manage");

        (await owner.PostAsync("/v1/keys/root/rotate")).ShouldBeProblem(403, "access.operator_only");
        (await owner.GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]!.AsArray().Select(static kind => (string)kind!["kind"]!)
            .ShouldBe(["organization", "sealing", "signing"]);
        (await File.ReadAllLinesAsync(KeyFile)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_file_that_cannot_be_replaced_leaves_everything_as_it_was()
    {
        await Operator.AutomationWithAsync("crew", ("A", "1"));
        var kept = await File.ReadAllTextAsync(KeyFile);
        await File.WriteAllTextAsync(KeyFile, "secretfunctions-root-key-v1:hunter2\n");

        var refused = (await Operator.PostAsync("/v1/keys/root/rotate")).ShouldBeProblem(503, "root_key.not_rotated");

        refused.Body.ShouldNotContain("hunter2");
        await File.WriteAllTextAsync(KeyFile, kept);
        (await KindAsync())["rotation"].ShouldBeNull();
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("A=1");
    }

    private async Task<System.Text.Json.Nodes.JsonNode> KindAsync() =>
        (await Operator.GetReplyAsync("/v1/keys")).ShouldBe(200).Json["items"]!.AsArray().Single(static kind => (string)kind!["kind"]! == "root")!;

    private async Task RoundAsync()
    {
        Host.Clock.Advance(Round);
        await Host.Services.GetRequiredService<MaintenanceRound>().RunAsync(CancellationToken.None);
    }

    public sealed class Direct() : RootKeyTests(Head.Direct);

    public sealed class BehindARouter() : RootKeyTests(Head.BehindARouter);
}
