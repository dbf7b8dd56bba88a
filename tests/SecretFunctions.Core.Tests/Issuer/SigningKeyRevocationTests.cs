using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;

namespace SecretFunctions.Core.Tests.Issuer;

public sealed class SigningKeyRevocationTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task The_active_key_is_gone_at_once_and_a_new_one_signs()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());

        await RevokeAsync(instance, first);

        var token = await instance.MintAsync();
        Issuing.KeyId(token).ShouldNotBe(first);
        (await instance.PublishedAsync()).ShouldBe([Issuing.KeyId(token)]);
        await instance.ShouldVerifyAsync(token);
        (await instance.KeyEventsAsync()).ShouldBe(["signing-key.publish", "signing-key.revoke"]);
    }

    [Fact]
    public async Task The_next_key_takes_over_where_there_is_one()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();
        var next = (await instance.PublishedAsync())[1];

        await RevokeAsync(instance, first);

        Issuing.KeyId(await instance.MintAsync()).ShouldBe(next);
        (await instance.PublishedAsync()).ShouldBe([next]);
    }

    [Fact]
    public async Task A_key_that_does_not_sign_goes_and_the_active_one_stays()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();
        await RevokeAsync(instance, (await instance.PublishedAsync())[1]);

        Issuing.KeyId(await instance.MintAsync()).ShouldBe(first);
        (await instance.PublishedAsync()).ShouldBe([first]);
    }

    [Fact]
    public async Task A_retired_key_does_not_sign_again_because_the_active_one_is_revoked()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();
        instance.Clock.Advance(TimeSpan.FromHours(24));
        var second = Issuing.KeyId(await instance.MintAsync());

        await RevokeAsync(instance, second);

        Issuing.KeyId(await instance.MintAsync()).ShouldNotBeOneOf(first, second);
        (await instance.StatesAsync()).ShouldBe([SigningKeyState.Retired, SigningKeyState.Active]);
    }

    [Fact]
    public async Task Another_instance_signs_with_it_no_longer_than_the_window_and_publishes_it_no_longer_than_a_minute()
    {
        var instance = await Issuing.StartAsync();
        var second = await instance.AnotherAsync();
        var first = Issuing.KeyId(await second.MintAsync());
        await RevokeAsync(instance, first);

        instance.Clock.Advance(Instance.Window);
        Issuing.KeyId(await second.MintAsync()).ShouldNotBe(first);

        var third = await instance.AnotherAsync();
        (await third.PublishedAsync()).ShouldNotContain(first);
        instance.Clock.Advance(IssuerKeys.ServedFor);
        (await second.PublishedAsync()).ShouldNotContain(first);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_revocation_that_is_killed_has_happened_or_not_and_can_be_repeated(bool written)
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        instance.Store.BeforeWrite = async writes =>
        {
            if (written)
            {
                (await instance.Shared.WriteAsync("deployment", writes, None)).Applied.ShouldBeTrue();
            }

            throw new StoreUnavailableException("killed here");
        };
        await Should.ThrowAsync<StoreUnavailableException>(instance.SigningKeys.RevokeAsync(instance.Owner, first, Precondition.None, None));
        instance.Store.BeforeWrite = null;

        var again = await instance.SigningKeys.RevokeAsync(instance.Owner, first, Precondition.None, None);

        (again?.Code).ShouldBe(written ? "signing_key.not_found" : null);
        (await instance.PublishedAsync()).ShouldBe([Issuing.KeyId(await instance.MintAsync())]);
        (await instance.PublishedAsync()).ShouldNotContain(first);
    }

    [Fact]
    public async Task What_is_revoked_stays_away_through_later_rounds()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        await RevokeAsync(instance, first);

        await instance.NextRoundAsync();

        (await instance.PublishedAsync()).ShouldNotContain(first);
        (await instance.SigningKeys.RevokeAsync(instance.Owner, "none", Precondition.None, None)).ShouldNotBeNull().Code.ShouldBe("signing_key.not_found");
    }

    private static async Task RevokeAsync(Instance instance, string keyId) =>
        (await instance.SigningKeys.RevokeAsync(instance.Owner, keyId, Precondition.None, None)).ShouldBeNull();
}
