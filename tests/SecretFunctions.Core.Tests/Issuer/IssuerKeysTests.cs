using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Issuer;

/// <summary>What an instance reads, and when.</summary>
public sealed class IssuerKeysTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_warm_instance_publishes_without_touching_the_store()
    {
        var instance = await Issuing.StartAsync();
        await instance.PublishedAsync();
        instance.Store.Forget();
        instance.Clock.Advance(IssuerKeys.FreshFor - TimeSpan.FromSeconds(1));

        await instance.PublishedAsync();

        instance.Store.Reads.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_a_little_old_is_published_at_once_and_looked_at_behind_it()
    {
        var instance = await Issuing.StartAsync();
        var second = await instance.AnotherAsync();
        var before = await instance.PublishedAsync();
        (await second.SigningKeys.RotateAsync(second.Owner, None)).ShouldBeNull();
        instance.Clock.Advance(IssuerKeys.FreshFor);
        var looking = new TaskCompletionSource();
        var look = new TaskCompletionSource();
        instance.Store.BeforeRead = _ =>
        {
            looking.TrySetResult();
            return look.Task;
        };

        (await instance.PublishedAsync()).ShouldBe(before);

        await looking.Task.WaitAsync(TimeSpan.FromSeconds(30));
        look.SetResult();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await instance.PublishedAsync()).Length == 1)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    [Fact]
    public async Task What_is_older_than_a_minute_is_looked_at_first()
    {
        var instance = await Issuing.StartAsync();
        var second = await instance.AnotherAsync();
        await instance.PublishedAsync();
        (await second.SigningKeys.RotateAsync(second.Owner, None)).ShouldBeNull();
        instance.Clock.Advance(IssuerKeys.ServedFor);

        (await instance.PublishedAsync()).Length.ShouldBe(2);
    }

    [Fact]
    public async Task While_the_store_is_away_the_keys_stay_published_but_nothing_is_signed()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        var published = await instance.PublishedAsync();
        instance.Store.BeforeRead = static _ => throw new StoreUnavailableException("away");

        instance.Clock.Advance(IssuerKeys.ServedInOutage - TimeSpan.FromSeconds(1));
        (await instance.PublishedAsync()).ShouldBe(published);
        await Should.ThrowAsync<StoreUnavailableException>(() => instance.MintAsync());

        instance.Clock.Advance(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<StoreUnavailableException>(() => instance.PublishedAsync());
    }

    [Fact]
    public void No_memory_is_published_as_long_as_a_key_is_known_before_it_signs()
    {
        (IssuerKeys.ServedInOutage + IssuerOptions.PublicationMaxAge).ShouldBeLessThan(IssuerOptions.MinPublishAhead);
        IssuerKeys.FreshFor.ShouldBeLessThan(IssuerKeys.ServedFor);
    }

    [Fact]
    public async Task Tokens_read_the_row_once_in_a_window()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        instance.Store.Forget();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => instance.MintAsync()));
        instance.Store.Reads.ShouldBeEmpty();

        instance.Clock.Advance(Instance.Window);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => instance.MintAsync()));
        instance.Store.Reads.ShouldBe([Rows.SigningKeys]);
    }

    [Fact]
    public async Task Without_a_window_every_token_reads_it()
    {
        var instance = await Issuing.StartAsync(window: TimeSpan.Zero);
        await instance.MintAsync();
        instance.Store.Forget();

        await instance.MintAsync();
        await instance.MintAsync();

        instance.Store.Reads.ShouldBe([Rows.SigningKeys, Rows.SigningKeys]);
    }

    [Fact]
    public async Task A_public_key_that_somebody_put_into_the_row_is_not_published()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        var ring = (await instance.RingAsync()).Document;
        var foreign = ring.Keys[0] with { KeyId = "bm90LW91cnM", ActivatesAt = ring.Keys[0].ActivatesAt - TimeSpan.FromMinutes(1) };
        await instance.WriteRingAsync(ring.With(foreign));

        var fresh = await instance.AnotherAsync();

        await Should.ThrowAsync<RootKeyException>(() => fresh.PublishedAsync());
    }
}
