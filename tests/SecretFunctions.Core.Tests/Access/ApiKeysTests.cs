using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

public sealed class ApiKeysTests
{
    private static readonly Dictionary<string, string> ManageKeys = new() { ["api_keys"] = "manage" };

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_maker_cannot_give_what_they_do_not_hold()
    {
        var instance = await Instance.StartAsync();
        await instance.AutomateAsync("crew");
        Permissions.TryParse(ManageKeys, "permissions", out var held, out _).ShouldBeTrue();
        var maker = instance.Owner with { Principal = new Principal(PrincipalType.Service, "ci"), Grants = [new Grant("service", held!)] };

        (await CreateAsync(instance, maker, PrincipalType.Service, "x", ManageKeys)).ShouldSucceed();
        (await CreateAsync(instance, maker, PrincipalType.Service, "x", new() { ["secret_values"] = "view" })).ShouldFail("access.grant_exceeds_own");
        await instance.MemberAsync("someone@example.org");
        (await CreateAsync(instance, maker, PrincipalType.Member, "someone@example.org", null)).ShouldFail("access.grant_exceeds_own");
        (await CreateAsync(instance, maker, PrincipalType.Automation, "crew", null)).ShouldFail("access.permission_missing");
    }

    [Fact]
    public async Task A_key_that_would_mean_nothing_or_too_much_is_refused()
    {
        var instance = await Instance.StartAsync();

        (await CreateAsync(instance, instance.Owner, PrincipalType.Service, "x", null)).ShouldFail("api_key.permissions_required");
        (await CreateAsync(instance, instance.Owner, PrincipalType.Service, "x", new() { ["everything"] = "manage" })).ShouldFail("api_key.permissions_invalid");
        (await CreateAsync(instance, instance.Owner, PrincipalType.Automation, "crew", null)).ShouldFail("automation.not_found");
        (await CreateAsync(instance, instance.Owner, PrincipalType.Automation, "crew", ManageKeys)).ShouldFail("api_key.permissions_not_applicable");
        (await CreateAsync(instance, instance.Owner, PrincipalType.Service, "x", ManageKeys, ["nowhere"])).ShouldFail("environment.not_found");
        instance.Store.Writes.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_store_and_the_log_hold_nothing_of_a_key_but_its_digest()
    {
        var instance = await Instance.StartAsync();
        var (key, text) = (await CreateAsync(instance, instance.Owner, PrincipalType.Service, "x", ManageKeys)).ShouldSucceed();

        var written = instance.Store.Writes.SelectMany(static writes => writes)
            .Select(static write => System.Text.Encoding.UTF8.GetString(write.Data.Span)).ToArray();

        written.ShouldContain(data => data.Contains(key.Id));
        var secret = text[25..];
        written.ShouldAllBe(data => !data.Contains(secret));
    }

    private static Task<Result<(ApiKey Key, string Text)>> CreateAsync(
        Instance instance, Caller maker, PrincipalType type, string name, Dictionary<string, string>? permissions, string[]? environments = null) =>
        instance.Keys.CreateAsync(maker, new ApiKeyInput("k", new Principal(type, name), permissions, null, environments, null), None);
}
