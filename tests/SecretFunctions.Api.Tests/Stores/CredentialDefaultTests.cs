using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>A provider's default credential: at most one, and what references to the provider mean.</summary>
public sealed class CredentialDefaultTests : StoresTest
{
    [Fact]
    public async Task Making_one_the_default_clears_the_other_in_the_same_change()
    {
        var one = (await PutDefaultAsync("one")).ShouldBe(201);
        var two = (await PutDefaultAsync("two")).ShouldBe(201);

        var before = (await Operator.GetReplyAsync("/v1/provider-credentials/one")).ShouldBe(200);
        ((bool)before.Json["default"]!).ShouldBeFalse();
        before.ETag.ShouldNotBe(one.ETag);
        ((bool)two.Json["default"]!).ShouldBeTrue();

        (await Operator.PatchAsync("/v1/provider-credentials/one", """{"default":true}""")).ShouldBe(200);
        var after = (await Operator.GetReplyAsync("/v1/provider-credentials/two")).ShouldBe(200);
        ((bool)after.Json["default"]!).ShouldBeFalse();
        after.ETag.ShouldNotBe(two.ETag);
    }

    [Fact]
    public async Task Each_provider_has_its_own()
    {
        await PutDefaultAsync("one");
        (await PutCredentialAsync("cyberark-conjur", static credential => credential["default"] = true, "other")).ShouldBe(201);

        (await DefaultsAsync()).ShouldBe(["one", "other"], ignoreOrder: true);
    }

    [Fact]
    public async Task Many_who_set_it_at_once_leave_exactly_one()
    {
        await PutDefaultAsync("one");
        (await PutCredentialAsync("hashicorp-vault", name: "two")).ShouldBe(201);

        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(
            i => Task.Run(() => Operator.PatchAsync($"/v1/provider-credentials/{(i % 2 == 0 ? "one" : "two")}", """{"default":true}"""))));

        replies.ShouldContain(static reply => reply.Status == 200);
        replies.ShouldAllBe(static reply => reply.Status == 200 || reply.Status == 412 || reply.Status == 503 || reply.Status == 409);
        (await DefaultsAsync()).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_reference_to_a_provider_follows_its_default()
    {
        await PutDefaultAsync("one");
        Stores.Put("hashicorp-vault", "a", "by default");
        (await Operator.PutAsync("/v1/variables/dev/A", """{"reference":{"provider":"hashicorp-vault","secret":"a#value"}}""")).ShouldBe(201);
        await AssignAsync("A");
        ((string)(await ResolveAsync()).ShouldBe(200).Json["sources"]![0]!["credential"]!).ShouldBe("one");

        await PutDefaultAsync("two");

        ((string)(await ResolveAsync()).ShouldBe(200).Json["sources"]![0]!["credential"]!).ShouldBe("two");
        (await Operator.DeleteReplyAsync("/v1/provider-credentials/two")).ShouldBeProblem(409, "credential.in_use").Errors.ShouldBe(["credential.used_by A"]);
        (await Operator.DeleteReplyAsync("/v1/provider-credentials/two?force=true")).ShouldBeNothing();
        (await ResolveAsync()).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["reference.no_default_credential A"]);
    }

    private Task<Reply> PutDefaultAsync(string name) => PutCredentialAsync("hashicorp-vault", static credential => credential["default"] = true, name);

    private async Task<string[]> DefaultsAsync() =>
        [.. (await Operator.GetReplyAsync("/v1/provider-credentials")).Json["items"]!.AsArray().Where(static item => (bool)item!["default"]!).Select(static item => (string)item!["name"]!)];
}
