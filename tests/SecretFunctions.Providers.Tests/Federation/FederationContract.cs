using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Federation;

/// <summary>What exchanging our tokens for access means, whatever the cloud: who is let in and who is not, and how often is asked.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public abstract partial class FederationContract : IAsyncLifetime
{
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
    [InlineData(Forgery.OtherAlgorithm)]
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
}
