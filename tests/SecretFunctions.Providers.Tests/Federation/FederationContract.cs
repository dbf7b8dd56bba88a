using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Federation;

/// <summary>What exchanging our tokens for access means, whatever the cloud: who is let in and who is not, and how often is asked.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public abstract class FederationContract : IAsyncLifetime
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(5);

    private readonly List<ISecretStore> _stores = [];

    private protected FederationFixture Fixture { get; private set; } = null!;

    private protected CapturedLogs Logs { get; } = new();

    protected TestClock Clock { get; } = new();

    public async Task InitializeAsync()
    {
        var issuer = new TestIssuer(Clock);
        await issuer.StartAsync();
        Fixture = await StartAsync(issuer);
        Fixture.Put("openai", "sk-canary-1f7d");
    }

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        foreach (var line in Logs.Lines)
        {
            ShouldHoldNoToken(line);
        }

        await Fixture.DisposeAsync();
        Logs.Dispose();
    }

    private protected abstract Task<FederationFixture> StartAsync(TestIssuer issuer);

    [Fact]
    public void The_configuration_is_described_and_checked()
    {
        var target = Fixture.Provider.Federation.ShouldNotBeNull();
        foreach (var field in target.Fields)
        {
            field.Name.ShouldMatch("^[a-z][A-Za-z0-9]*$");
            field.Description.ShouldNotBeNullOrWhiteSpace();
            if (Fixture.Target.TryGetValue(field.Name, out var value))
            {
                field.Check(value).ShouldBeNull(field.Name);
            }

            field.Check("\n").ShouldNotBeNull(field.Name).ShouldEndWith(".");
        }

        target.Fields.Where(field => field.Required).Select(field => field.Name).ShouldBeSubsetOf(Fixture.Target.Keys);
        target.DefaultAudience(Fixture.Target).ShouldBe(Fixture.Audience);
        target.MaxSubjectLength.ShouldBeGreaterThan(100);
        Fixture.Provider.AuthSchemes.ShouldContain(scheme => scheme.Type == AuthScheme.WorkloadIdentity && scheme.Fields.Count == 0);
        Fixture.Provider.Validate(Fixture.Connect()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_token_becomes_access_and_access_a_secret()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        var store = Open(tokens);

        (await ReadAsync(store)).ShouldHoldText().ShouldContain("sk-canary-1f7d");
        (await store.AuthenticateAsync(CancellationToken.None)).ShouldSucceed().ShouldBe(Fixture.Identity);
        Fixture.Subjects.ShouldBe([FederationFixture.Billing]);
        Fixture.Issuer.Server.Requests.ShouldBe(["/.well-known/openid-configuration", "/keys"], "the cloud fetched discovery and keys, once for the one exchange");
        tokens.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(Forgery.Issuer)]
    [InlineData(Forgery.Audience)]
    [InlineData(Forgery.Subject)]
    [InlineData(Forgery.Unsigned)]
    [InlineData(Forgery.PublicKeyAsSecret)]
    [InlineData(Forgery.Expired)]
    [InlineData(Forgery.NotYetValid)]
    [InlineData(Forgery.Resigned)]
    [InlineData(Forgery.KeyUnknown)]
    public async Task A_token_that_is_not_right_is_not_trusted(Forgery forgery)
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        tokens.Forgery = forgery;
        var failure = (await ReadAsync(Open(tokens))).ShouldFail(ProviderFailure.TrustRejected);

        var expected = Fixture.Refusals[forgery];
        failure.ProviderCode.ShouldBe(expected.ProviderCode);
        failure.Hint.ShouldNotBeNull().ShouldContain(expected.Hint);
        failure.Detail.ShouldContain(forgery == Forgery.Subject ? "automation:stranger" : FederationFixture.Billing);
        failure.Detail.ShouldContain(forgery == Forgery.Issuer ? "issuer.attacker.example" : Fixture.Issuer.Issuer);
        ShouldHoldNoToken(failure.ToString());
        Fixture.Subjects.ShouldBeEmpty();
        (await Open(tokens).AuthenticateAsync(CancellationToken.None)).ShouldFail(ProviderFailure.TrustRejected);
    }

    [Fact]
    public async Task Keys_that_cannot_be_fetched_are_not_trusted()
    {
        Fixture.Issuer.Server.Faults.Down = true;
        var failure = (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldFail(ProviderFailure.TrustRejected);
        failure.Hint.ShouldNotBeNull().ShouldContain(Fixture.Refusals[Forgery.KeyUnknown].Hint);

        Fixture.Issuer.Server.Faults.Down = false;
        (await ReadAsync(Open(Fixture.Issuer.For(FederationFixture.Billing)))).ShouldHoldText();
    }

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
    public async Task Two_subjects_are_two_in_the_cloud_and_share_nothing()
    {
        var billing = Open(Fixture.Issuer.For(FederationFixture.Billing));
        var search = Open(Fixture.Issuer.For(FederationFixture.Search));
        (await ReadAsync(billing)).ShouldHoldText();
        (await ReadAsync(search)).ShouldHoldText();
        Fixture.Subjects.ShouldBe([FederationFixture.Billing, FederationFixture.Search]);

        Fixture.DenyReads(FederationFixture.Search);
        (await ReadAsync(billing)).ShouldHoldText();
        (await ReadAsync(search)).ShouldFail(ProviderFailure.PermissionDenied);
    }

    [Fact]
    public async Task What_could_not_be_minted_is_said_as_it_was()
    {
        var tokens = Fixture.Issuer.For(FederationFixture.Billing);
        tokens.Fails = NotMinted;
        var store = Open(tokens);

        (await ReadAsync(store)).Failure.ShouldBeSameAs(NotMinted);
        (await store.AuthenticateAsync(CancellationToken.None)).Failure.ShouldBeSameAs(NotMinted);
        Fixture.Exchange.Requests.ShouldBeEmpty();
        tokens.Fails = null;
        (await ReadAsync(store)).ShouldHoldText();
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

    protected static Failure NotMinted { get; } = Failure.Denied("config.out_of_scope", "The automation is out of the configuration's scope.");

    protected static SecretAddress At(string name) => new(name, null);

    protected static Task<Result<SecretPayload>> ReadAsync(ISecretStore store) => store.ReadAsync(At("openai"), CancellationToken.None);

    protected ISecretStore Open(ISubjectTokenSource tokens, params (string Name, string? Value)[] target)
    {
        var store = Fixture.Provider.Open(Fixture.Connect(tokens, target));
        _stores.Add(store);
        return store;
    }

    protected void ShouldHoldNoToken(string text)
    {
        foreach (var token in Fixture.Canaries)
        {
            text.ShouldNotContain(token, Case.Sensitive);
        }
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
