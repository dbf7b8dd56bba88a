using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;

namespace SecretFunctions.Providers.Tests.Federation;

/// <summary>How often is asked, and who waits for it.</summary>
public abstract partial class FederationContract
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Many_readers_cause_one_exchange()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var store = Open(tokens);
        var read = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(store)));

        read.Select(result => result.ShouldHoldText()).Distinct().Count().ShouldBe(1);
        Fixture.Subjects.Count.ShouldBe(1);
        tokens.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Access_is_renewed_early_while_the_old_still_serves()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var store = Open(tokens);
        (await ReadAsync(store)).ShouldHoldText();
        Clock.Advance(Fixture.Lifetime * 0.7);
        (await ReadAsync(store)).ShouldHoldText();
        tokens.Count.ShouldBe(1);

        Clock.Advance(Fixture.Lifetime * 0.15);
        var gate = new TaskCompletionSource();
        tokens.Gate = gate.Task;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await ReadAsync(store).WaitAsync(Promptly)).ShouldHoldText()));
        await UntilAsync(() => tokens.Count == 2);
        Fixture.Subjects.Count.ShouldBe(1, "nobody waited for the second exchange");

        gate.SetResult();
        await UntilAsync(() => Fixture.Subjects.Count == 2);
        await WaitForRenewalAsync(store);
        Clock.Advance(Fixture.Lifetime * 0.2);
        (await ReadAsync(store)).ShouldHoldText();
        tokens.Count.ShouldBe(2, "the first would have ended by now");
    }

    [Fact]
    public async Task An_early_renewal_that_fails_harms_nobody_and_is_not_repeated_at_every_read()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var store = Open(tokens);
        (await ReadAsync(store)).ShouldHoldText();
        Clock.Advance(Fixture.Lifetime * 0.85);
        tokens.Fails = NotMinted;
        (await ReadAsync(store)).ShouldHoldText();
        await UntilAsync(() => tokens.Count == 2);
        await WaitForRenewalAsync(store);
        for (var i = 0; i < 5; i++)
        {
            (await ReadAsync(store)).ShouldHoldText();
        }

        tokens.Count.ShouldBe(2);
        tokens.Fails = null;
        Clock.Advance(TimeSpan.FromSeconds(31));
        (await ReadAsync(store)).ShouldHoldText();
        await UntilAsync(() => Fixture.Subjects.Count == 2);
    }

    [Fact]
    public async Task Access_that_ended_is_asked_for_anew()
    {
        var store = Open(Fixture.Issuer.For(FederationFixture.Billing));
        (await ReadAsync(store)).ShouldHoldText();
        Clock.Advance(Fixture.Lifetime * 1.1);
        (await ReadAsync(store)).ShouldHoldText();

        Fixture.Subjects.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Access_that_ended_before_its_time_is_replaced_within_the_read_once()
    {
        var store = Open(Fixture.Issuer.For(FederationFixture.Billing));
        (await ReadAsync(store)).ShouldHoldText();
        Fixture.EndAccess();
        (await ReadAsync(store)).ShouldHoldText();
        Fixture.Subjects.Count.ShouldBe(2);

        Fixture.EndAccess();
        (await store.AuthenticateAsync(CancellationToken.None)).ShouldSucceed();
        (await ReadAsync(store)).ShouldHoldText();
        Fixture.Subjects.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Who_gives_up_while_a_token_is_minted_leaves_the_others_waiting()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var gate = new TaskCompletionSource();
        tokens.Gate = gate.Task;
        var store = Open(tokens);
        using var patience = new CancellationTokenSource();
        var impatient = store.ReadAsync(At("openai"), patience.Token);
        var patient = ReadAsync(store);
        await UntilAsync(() => tokens.Count == 1);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(impatient.WaitAsync(Promptly));
        patient.IsCompleted.ShouldBeFalse();

        gate.SetResult();
        (await patient.WaitAsync(Promptly)).ShouldHoldText();
        tokens.Count.ShouldBe(1);
    }

    [Fact]
    public async Task When_the_last_one_gives_up_the_next_starts_over()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        tokens.Gate = new TaskCompletionSource().Task;
        var store = Open(tokens);
        using var patience = new CancellationTokenSource();
        var pending = store.ReadAsync(At("openai"), patience.Token);
        await UntilAsync(() => tokens.Count == 1);
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(pending.WaitAsync(Promptly));

        tokens.Gate = Task.CompletedTask;
        (await ReadAsync(store).WaitAsync(Promptly)).ShouldHoldText();
        tokens.Count.ShouldBe(2);
    }

    /// <summary>What happens in the background has no task to wait for.</summary>
    protected static async Task UntilAsync(Func<bool> holds)
    {
        var patience = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            TimeProvider.System.GetElapsedTime(patience).ShouldBeLessThan(Promptly);
            await Task.Yield();
        }
    }

    /// <summary>The answer of an exchange still has to be read after the double gave it.</summary>
    private static async Task WaitForRenewalAsync(ISecretStore store)
    {
        for (var i = 0; i < 20; i++)
        {
            (await ReadAsync(store)).ShouldHoldText();
        }
    }
}
