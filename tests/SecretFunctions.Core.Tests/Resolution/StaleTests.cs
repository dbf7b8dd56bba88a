using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Tests.Resolution;

/// <summary>What is served while a store cannot be reached, and what never is.</summary>
public sealed class StaleTests : StoreTest
{
    [Theory]
    [InlineData(ProviderFailure.Unreachable)]
    [InlineData(ProviderFailure.Timeout)]
    [InlineData(ProviderFailure.Throttled)]
    public async Task An_expired_value_is_served_while_the_store_cannot_be_reached_and_says_so(string code)
    {
        await StartAsync(ttl: 60, stale: 600, secrets: ["a"]);
        await ValuesAsync();
        await KeptAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(61));
        Provider.Fails = ProviderFailure.Create(code, "Not now.", "Later.");

        using var resolution = (await Instance.ResolveAsync("crew")).ShouldSucceed();

        resolution.Sources.ShouldHaveSingleItem().Stale.ShouldBeTrue();
        resolution.Reveal(0).SequenceEqual("a-1"u8).ShouldBeTrue();
    }

    [Fact]
    public async Task It_is_served_at_the_deadline_too()
    {
        await StartAsync(ttl: 60, stale: 600, secrets: ["a"]);
        await ValuesAsync();
        await KeptAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(61));
        var resolving = await HeldAsync();

        Clock.Advance(TimeSpan.FromSeconds(10));

        using var resolution = (await resolving).ShouldSucceed();
        resolution.Sources.ShouldHaveSingleItem().Stale.ShouldBeTrue();
        Provider.Gate = null;
    }

    [Fact]
    public async Task It_is_served_for_as_long_as_the_credential_says_and_no_longer()
    {
        await StartAsync(ttl: 60, stale: 600, secrets: ["a"]);
        await ValuesAsync();
        await KeptAsync(1);
        Provider.Fails = Down;
        Clock.Advance(TimeSpan.FromSeconds(640));
        (await ValuesAsync()).ShouldBe("A=a-1");

        Clock.Advance(TimeSpan.FromSeconds(20));

        (await FailuresAsync()).ShouldBe("A provider.unreachable");
    }

    [Fact]
    public async Task Nothing_stale_is_served_unless_the_credential_allows_it()
    {
        await StartAsync(ttl: 60, secrets: ["a"]);
        await ValuesAsync();
        await KeptAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(61));
        Provider.Fails = Down;

        (await FailuresAsync()).ShouldBe("A provider.unreachable");
    }

    [Theory]
    [InlineData(ProviderFailure.PermissionDenied)]
    [InlineData(ProviderFailure.AuthenticationFailed)]
    [InlineData(ProviderFailure.SecretNotFound)]
    [InlineData(ProviderFailure.SecretDisabled)]
    public async Task Once_the_store_has_said_no_nothing_stale_is_served_even_when_it_is_down_later(string code)
    {
        await StartAsync(ttl: 60, stale: 600, secrets: ["a"]);
        await ValuesAsync();
        await KeptAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(61));
        Provider.Fails = ProviderFailure.Create(code, "No.", "Nothing.");
        (await FailuresAsync()).ShouldBe($"A {code}");
        Clock.Advance(TimeSpan.FromSeconds(6));

        Provider.Fails = Down;

        (await FailuresAsync()).ShouldBe("A provider.unreachable");
    }

    [Fact]
    public async Task A_no_to_one_instance_ends_it_for_the_others()
    {
        await StartAsync(ttl: 60, stale: 600, secrets: ["a"]);
        var other = await Instance.StartAsync(Instance.Shared, Clock, providers: Provider);
        await ValuesAsync();
        await KeptAsync(1);
        (await ValuesAsync(other)).ShouldBe("A=a-1");
        Clock.Advance(TimeSpan.FromSeconds(61));
        Provider.Fails = ProviderFailure.Create(ProviderFailure.PermissionDenied, "No.", "Nothing.");
        await FailuresAsync();

        Provider.Fails = Down;

        (await FailuresAsync(other)).ShouldBe("A provider.unreachable");
    }

    [Fact]
    public async Task A_secret_that_expires_while_it_is_cached_is_neither_fresh_nor_stale_from_then_on()
    {
        await StartAsync(ttl: 300, stale: 600, secrets: ["a"]);
        Provider.NotAfter = Clock.GetUtcNow().AddSeconds(30);
        await ValuesAsync();
        await KeptAsync(1);
        Clock.Advance(TimeSpan.FromSeconds(29));
        (await ValuesAsync()).ShouldBe("A=a-1");
        Provider.Requests.Count.ShouldBe(1);

        Clock.Advance(TimeSpan.FromSeconds(1));
        Provider.Fails = Down;

        (await FailuresAsync()).ShouldBe("A provider.unreachable");
        (await FailuresAsync(await Instance.StartAsync(Instance.Shared, Clock, providers: Provider))).ShouldBe("A provider.unreachable");
    }
}
