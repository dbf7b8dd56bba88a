using System.Text.Json.Nodes;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Access;

/// <summary>However many keys, organizations and tokens strangers make up, the store is asked a few times in a while, and what is new is found all the same.</summary>
public sealed class MadeUpNameTests
{
    private const int Flood = 1000;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_flood_of_key_ids_that_do_not_exist_costs_a_few_reads_for_each_revision()
    {
        var instance = await Instance.StartAsync();
        var text = await KeyAsync(instance);
        await FloodAsync(instance, number => $"sfk_{instance.OrganizationId}{Id(number)}_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

        instance.Store.Reads.Count.ShouldBeLessThan(KnownNames.LookedFor + 10);
        instance.Store.Reads.ShouldContain("api-key|..");
        (await AuthenticateAsync(instance, text)).ShouldSucceed();
        (await AuthenticateAsync(instance, await KeyAsync(instance))).ShouldSucceed();
        instance.Store.Forget();
        await FloodAsync(instance, number => $"sfk_{instance.OrganizationId}{Id(number)}_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        instance.Store.Reads.Count.ShouldBeLessThan(KnownNames.LookedFor + 10);
    }

    [Fact]
    public async Task A_flood_of_organizations_that_do_not_exist_costs_a_few_reads_for_each_window()
    {
        var instance = await Instance.StartAsync();
        var text = await KeyAsync(instance);
        for (var round = 0; round < 3; round++)
        {
            instance.Store.Forget();
            await FloodAsync(instance, static number => $"sfk_{Id(number)}{Id(number)}_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
            instance.Store.Reads.Count.ShouldBeLessThan(KnownNames.LookedFor + 10);
            instance.Store.Reads.Count(static row => row == "operator").ShouldBe(1);
            (await AuthenticateAsync(instance, text)).ShouldSucceed();
            instance.Clock.Advance(Instance.Window);
        }
    }

    [Fact]
    public async Task A_flood_of_tokens_for_organizations_that_do_not_exist_costs_as_few()
    {
        var instance = await Instance.StartAsync();
        for (var number = 0; number < Flood; number++)
        {
            (await instance.Authenticator.AuthenticateAsync(PlainTokens.Sign(new JsonObject { ["iss"] = "https://issuer.example.org" }), $"made-up-{number}", address: null, None)).ShouldFail("auth.issuer_not_trusted");
        }

        instance.Store.Reads.Count.ShouldBeLessThan(KnownNames.LookedFor + 10);
    }

    [Fact]
    public async Task A_new_organization_is_found_at_once_here_and_within_the_window_elsewhere()
    {
        var here = await Instance.StartAsync();
        var there = await here.SecondAsync();
        foreach (var instance in new[] { here, there })
        {
            await FloodAsync(instance, static number => $"sfk_{Id(number)}{Id(number)}_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        }

        (await here.Organizations.PutAsync(here.Owner, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var id = (await here.Organizations.FindIdAsync("acme", None)).ShouldNotBeNull();
        var text = (await here.Keys.CreateAsync(here.Owner with { OrganizationId = id, OrganizationName = "acme" }, Input, None)).ShouldSucceed().Text;

        (await AuthenticateAsync(here, text)).ShouldSucceed();
        there.Clock.Advance(Instance.Window);
        (await AuthenticateAsync(there, text)).ShouldSucceed();
    }

    [Fact]
    public async Task While_the_store_cannot_be_reached_ids_that_are_made_up_leave_nothing_behind()
    {
        var instance = await Instance.StartAsync();
        var views = new OrganizationViews(instance.Store, instance.RootKeys, instance.Clock, Instance.Window);
        instance.Store.BeforeRead = static _ => throw new StoreUnavailableException("It is away.");
        for (var number = 0; number < 100; number++)
        {
            await Should.ThrowAsync<StoreUnavailableException>(async () => await views.GetAsync(Id(number), None));
        }

        views.Remembered.ShouldBe(0);
        instance.Store.BeforeRead = null;
        (await views.GetAsync(instance.OrganizationId, None)).ShouldNotBeNull();
        views.Remembered.ShouldBe(1);
    }

    private static ApiKeyInput Input => new("k", new Principal(PrincipalType.Service, "ci"), new Dictionary<string, string> { ["secret_values"] = "view" }, null, null, null);

    private static async Task<string> KeyAsync(Instance instance) => (await instance.Keys.CreateAsync(instance.Owner, Input, None)).ShouldSucceed().Text;

    private static ValueTask<Result<Session>> AuthenticateAsync(Instance instance, string token) => instance.Authenticator.AuthenticateAsync(token, null, address: null, None);

    private static async Task FloodAsync(Instance instance, Func<int, string> key)
    {
        for (var number = 0; number < Flood; number++)
        {
            (await AuthenticateAsync(instance, key(number))).Failure.ShouldNotBeNull();
        }
    }

    /// <summary>Ten characters as ids have them.</summary>
    private static string Id(int number) => string.Concat($"{number:D10}".Select(static digit => (char)(digit - '0' + 'm')));
}
