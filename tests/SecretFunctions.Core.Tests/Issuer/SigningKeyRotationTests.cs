using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;

namespace SecretFunctions.Core.Tests.Issuer;

public sealed class SigningKeyRotationTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task The_first_key_signs_at_once()
    {
        var instance = await Issuing.StartAsync();

        var token = await instance.MintAsync();

        await instance.ShouldVerifyAsync(token);
        (await instance.StatesAsync()).ShouldBe([SigningKeyState.Active]);
        (await instance.KeyEventsAsync()).ShouldBe(["signing-key.publish"]);
    }

    [Fact]
    public async Task A_key_is_published_a_day_before_it_signs_and_until_no_token_can_carry_the_one_before()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();

        var (_, second) = await PairAsync(instance);
        Issuing.KeyId(await instance.MintAsync()).ShouldBe(first);
        instance.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromSeconds(1));
        var last = await instance.MintAsync();
        Issuing.KeyId(last).ShouldBe(first);
        instance.Clock.Advance(TimeSpan.FromSeconds(1));
        Issuing.KeyId(await instance.MintAsync()).ShouldBe(second);

        instance.Clock.Advance(IssuerOptions.MaxTokenLifetime);
        await instance.ShouldVerifyAsync(last);
        instance.Clock.Advance(IssuerOptions.Retention - IssuerOptions.MaxTokenLifetime);
        (await instance.PublishedAsync()).ShouldBe([second]);
    }

    [Fact]
    public async Task In_a_year_of_rounds_every_token_verifies_on_both_instances_until_it_expires()
    {
        var instance = await Issuing.StartAsync();
        var second = await instance.AnotherAsync();
        var keys = new HashSet<string>();
        for (var hour = 0; hour < 365 * 24; hour += 7)
        {
            await instance.Maintenance.RunAsync(None);
            var token = await (hour % 2 == 0 ? instance : second).MintAsync();
            keys.Add(Issuing.KeyId(token));
            await instance.ShouldVerifyAsync(token);
            instance.Clock.Advance(IssuerOptions.MaxTokenLifetime);
            await second.ShouldVerifyAsync(token);
            instance.Clock.Advance(TimeSpan.FromHours(6));
        }

        keys.Count.ShouldBe(5);
        (await instance.RingAsync()).Document.Keys.Count.ShouldBe(1);
        (await instance.KeyEventsAsync()).Count(static action => action == "signing-key.remove").ShouldBe(4);
    }

    [Fact]
    public async Task Without_any_timer_a_key_that_is_due_is_made_by_whoever_signs()
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        instance.Clock.Advance(TimeSpan.FromDays(400));

        Issuing.KeyId(await instance.MintAsync()).ShouldBe(first);
        (await instance.StatesAsync()).ShouldBe([SigningKeyState.Active, SigningKeyState.Next]);
        instance.Clock.Advance(TimeSpan.FromHours(24));

        Issuing.KeyId(await instance.MintAsync()).ShouldNotBe(first);
    }

    [Fact]
    public async Task A_second_rotation_waits_for_the_first()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();

        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldNotBeNull().Code.ShouldBe("signing_key.rotation_pending");

        (await instance.StatesAsync()).ShouldBe([SigningKeyState.Active, SigningKeyState.Next]);
    }

    [Fact]
    public async Task Of_two_instances_that_rotate_at_once_one_does_and_both_go_on_with_the_same_keys()
    {
        var instance = await Issuing.StartAsync();
        var second = await instance.AnotherAsync();
        await instance.MintAsync();
        var both = new Barrier(instance, second);

        var outcomes = await Task.WhenAll(instance.SigningKeys.RotateAsync(instance.Owner, None), second.SigningKeys.RotateAsync(second.Owner, None));

        both.Met.ShouldBeTrue();
        outcomes.Select(static failure => failure?.Code).ShouldBe([null, "signing_key.rotation_pending"], ignoreOrder: true);
        instance.Clock.Advance(TimeSpan.FromHours(24));
        Issuing.KeyId(await instance.MintAsync()).ShouldBe(Issuing.KeyId(await second.MintAsync()));
        (await instance.PublishedAsync()).ShouldBe(await second.PublishedAsync());
    }

    [Fact]
    public async Task Of_two_instances_that_need_the_first_key_at_once_both_sign_with_the_same()
    {
        var instance = await Issuing.StartAsync();
        var second = await instance.AnotherAsync();
        var both = new Barrier(instance, second);

        var tokens = await Task.WhenAll(instance.MintAsync(), second.MintAsync());

        both.Met.ShouldBeTrue();
        Issuing.KeyId(tokens[0]).ShouldBe(Issuing.KeyId(tokens[1]));
        (await instance.StatesAsync()).ShouldBe([SigningKeyState.Active]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rotation_that_is_killed_before_or_after_its_write_is_taken_up_by_the_next_round(bool written)
    {
        var instance = await Issuing.StartAsync();
        var first = Issuing.KeyId(await instance.MintAsync());
        instance.Clock.Advance(TimeSpan.FromDays(89));
        KillAt(instance, written);
        await Should.ThrowAsync<StoreUnavailableException>(instance.SigningKeys.AdvanceAsync(None));
        (await instance.RingAsync()).Document.Keys.Count.ShouldBe(written ? 2 : 1);

        var second = await instance.AnotherAsync();
        await second.NextRoundAsync();

        (await second.StatesAsync()).ShouldBe([SigningKeyState.Active, SigningKeyState.Next]);
        Issuing.KeyId(await second.MintAsync()).ShouldBe(first);
        second.Clock.Advance(TimeSpan.FromHours(24));
        await second.ShouldVerifyAsync(await second.MintAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removal_that_is_killed_before_or_after_its_write_is_finished_by_the_next_round(bool written)
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();
        instance.Clock.Advance(TimeSpan.FromHours(30));
        KillAt(instance, written);
        await Should.ThrowAsync<StoreUnavailableException>(instance.SigningKeys.AdvanceAsync(None));

        instance.Store.BeforeWrite = null;
        await instance.NextRoundAsync();

        (await instance.RingAsync()).Document.Keys.Count.ShouldBe(1);
        await instance.ShouldVerifyAsync(await instance.MintAsync());
    }

    [Fact]
    public async Task A_first_key_whose_write_was_killed_is_made_by_the_next_request()
    {
        var instance = await Issuing.StartAsync();
        KillAt(instance, written: false);
        await Should.ThrowAsync<StoreUnavailableException>(() => instance.Tokens.MintAsync(new TokenRequest(Issuing.Crew, "a"), None));

        instance.Store.BeforeWrite = null;

        await instance.ShouldVerifyAsync(await instance.MintAsync());
    }

    [Fact]
    public async Task A_root_key_that_fails_when_a_rotation_is_due_stops_no_token()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        instance.Clock.Advance(TimeSpan.FromDays(100));
        instance.Store.BeforeWrite = static _ => throw new StoreUnavailableException("read-only");

        await instance.MintAsync();

        instance.Logs.Lines.ShouldContain(static line => line.Contains("could not be made: read-only", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_that_a_wrong_clock_dated_is_dated_again_by_the_round()
    {
        var instance = await Issuing.StartAsync();
        await instance.MintAsync();
        (await instance.SigningKeys.RotateAsync(instance.Owner, None)).ShouldBeNull();
        var ring = (await instance.RingAsync()).Document;
        var next = ring.Keys[^1];
        await instance.WriteRingAsync(ring.With(next with { ActivatesAt = next.ActivatesAt + TimeSpan.FromDays(3650) }));

        await instance.NextRoundAsync();

        instance.Clock.Advance(TimeSpan.FromHours(24));
        Issuing.KeyId(await instance.MintAsync()).ShouldBe(next.KeyId);
        (await instance.KeyEventsAsync()).ShouldContain("signing-key.redate");
    }

    [Fact]
    public async Task Without_an_issuer_rounds_make_no_keys()
    {
        var instance = await Instance.StartAsync();

        await instance.NextRoundAsync();

        (await instance.SigningKeys.ReportAsync(None)).Keys.ShouldBeEmpty();
    }

    private static async Task<(string First, string Second)> PairAsync(Instance instance)
    {
        (await instance.PublishedAsync()).ShouldBe([.. (await instance.RingAsync()).Document.Keys.Select(static key => key.KeyId)]);
        var published = await instance.PublishedAsync();
        return (published[0], published[1]);
    }

    private static void KillAt(Instance instance, bool written) => instance.Store.BeforeWrite = async writes =>
    {
        if (written)
        {
            (await instance.Shared.WriteAsync(Rows.Deployment, writes, None)).Applied.ShouldBeTrue();
        }

        throw new StoreUnavailableException("killed here");
    };

    /// <summary>Holds each instance's first write back until the other is about to write too.</summary>
    private sealed class Barrier
    {
        private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _arrived;

        public Barrier(params Instance[] instances)
        {
            foreach (var instance in instances)
            {
                instance.Store.BeforeWrite = _ =>
                {
                    if (Interlocked.Increment(ref _arrived) == instances.Length)
                    {
                        _met.TrySetResult();
                    }

                    return _met.Task;
                };
            }
        }

        public bool Met => _met.Task.IsCompleted;
    }
}
