using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.OnePassword;

namespace SecretFunctions.Providers.Tests.OnePassword;

/// <summary>Names that are ids or titles, and every row of the failure table in docs/providers/1password-connect.md.</summary>
public sealed class ConnectTests : IAsyncLifetime
{
    private ConnectFixture _fixture = null!;
    private ISecretStore _store = null!;

    public async Task InitializeAsync()
    {
        _fixture = await ConnectFixture.StartAsync(new TestClock());
        _store = _fixture.Provider.Open(_fixture.Connect());
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData("a \"quoted\" title")]
    [InlineData("back\\slash\\\"")]
    [InlineData("title eq \"x\" or title pr")]
    [InlineData("Grüße & ?=#%2F+")]
    public async Task Titles_are_escaped_in_filters(string title)
    {
        _fixture.Put(title, "x");

        (await ReadAsync(title)).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task The_vault_is_looked_up_once_and_an_id_saves_a_request()
    {
        var id = _fixture.Connect1Password.Add("db");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(id)));

        _fixture.Double.Requests.Count(request => request == "vaults").ShouldBe(1);
        _fixture.Double.Requests.Count.ShouldBe(9);
    }

    [Fact]
    public async Task A_title_that_two_items_have_is_refused_with_their_ids()
    {
        var (one, two) = (_fixture.Connect1Password.Add("db"), _fixture.Connect1Password.Add("db"));

        var failure = Expect((await ReadAsync("db")).Failure, ProviderFailure.InvalidRequest, one);
        failure.Hint.ShouldNotBeNull().ShouldContain(two);
        Expect((await VersionAsync("db")).Failure, ProviderFailure.InvalidRequest, two);
        (await ReadAsync(two)).Failure.ShouldBeNull();
        (await VersionAsync(two)).Failure.ShouldBeNull();
        (await NamesAsync()).ShouldBe([one, two]);
    }

    [Fact]
    public async Task An_archived_item_makes_its_successor_not_ambiguous_and_is_not_listed()
    {
        _fixture.Connect1Password.Add("db", state: "ARCHIVED");
        _fixture.Connect1Password.Add("db");

        (await ReadAsync("db")).Failure.ShouldBeNull();
        (await NamesAsync()).ShouldBe(["db"]);
    }

    [Theory]
    [InlineData("ARCHIVED", "ARCHIVED")]
    [InlineData("DELETED", "DELETED")]
    [InlineData("SOMETHING_NEW", "ARCHIVED")]
    public async Task An_item_that_is_put_away_is_disabled(string state, string providerCode)
    {
        var id = _fixture.Connect1Password.Add("db", state: state);

        foreach (var name in (string[])["db", id])
        {
            Expect((await ReadAsync(name)).Failure, ProviderFailure.SecretDisabled, "Restore").ProviderCode.ShouldBe(providerCode);
            Expect((await VersionAsync(name)).Failure, ProviderFailure.SecretDisabled, "Restore");
        }
    }

    [Fact]
    public async Task A_vault_title_that_two_vaults_have_is_refused_with_their_ids()
    {
        _fixture.Connect1Password.AddVault("vaultbbbbbbbbbbbbbbbbbbbbb", ConnectDouble.VaultName);

        Expect((await ReadAsync("db")).Failure, ProviderFailure.InvalidRequest, "vaultbbbbbbbbbbbbbbbbbbbbb");
    }

    [Theory]
    [InlineData("no such vault", "granted")]
    [InlineData("vaultccccccccccccccccccccc", "setting vault")]
    public async Task A_vault_that_is_not_there_is_explained(string vault, string hint)
    {
        await using var fixture = await ConnectFixture.StartAsync(new TestClock(), vault);
        await using var store = fixture.Provider.Open(fixture.Connect());

        Expect((await store.ReadAsync(new("db", null), CancellationToken.None)).Failure, ProviderFailure.SecretNotFound, hint);
        Expect((await ((ISecretLister)store).ListAsync("", 10, CancellationToken.None)).Failure, ProviderFailure.SecretNotFound, hint);
    }

    [Theory]
    [InlineData(400, ProviderFailure.InvalidRequest, "vault's id")]
    [InlineData(401, ProviderFailure.AuthenticationFailed, "op connect token create")]
    [InlineData(403, ProviderFailure.PermissionDenied, "scope")]
    [InlineData(404, ProviderFailure.InvalidRequest, "without /v1")]
    [InlineData(429, ProviderFailure.Throttled, "cacheTtlSeconds")]
    [InlineData(500, ProviderFailure.Unreachable, "in trouble")]
    [InlineData(200, ProviderFailure.InvalidRequest, "check the address")]
    public async Task A_refused_login_says_why(int status, string code, string hint)
    {
        _fixture.Double.Faults.AnswerNext(status, """{"status":1,"message":"canary-message"}""");

        Expect((await _store.AuthenticateAsync(CancellationToken.None)).Failure, code, hint);
    }

    [Theory]
    [InlineData(400, ProviderFailure.InvalidRequest, "item's id")]
    [InlineData(401, ProviderFailure.AuthenticationFailed, "op connect token create")]
    [InlineData(403, ProviderFailure.PermissionDenied, "scope")]
    [InlineData(404, ProviderFailure.SecretNotFound, "moved or deleted")]
    [InlineData(503, ProviderFailure.Unreachable, "in trouble")]
    [InlineData(200, ProviderFailure.InvalidRequest, "check the address")]
    public async Task A_refused_read_says_why(int status, string code, string hint)
    {
        await NamesAsync();
        _fixture.Double.Faults.AnswerNext(status, """{"status":1,"message":"canary-message"}""");

        Expect((await ReadAsync("item0000000000000000000009")).Failure, code, hint);
    }

    [Theory]
    [InlineData("TOKEN_NEEDED", "has not had a valid token")]
    [InlineData("FAILED", "sync service")]
    public async Task The_servers_own_health_explains_an_outage(string status, string hint)
    {
        _fixture.Connect1Password.SyncStatus = status;
        _fixture.Double.Faults.AnswerNext(500, "");

        Expect((await _store.AuthenticateAsync(CancellationToken.None)).Failure, ProviderFailure.Unreachable, hint);
    }

    [Fact]
    public void A_version_cannot_be_pinned_and_the_refusal_says_so() =>
        _fixture.Provider.ValidateAddress(new("db", "3")).ShouldNotBeNull().Hint.ShouldNotBeNull().ShouldContain("Leave the version out");

    private static Failure Expect(Failure? failure, string code, string hint)
    {
        failure.ShouldNotBeNull();
        failure.Code.ShouldBe(code, failure.ToString());
        failure.Hint.ShouldNotBeNull().ShouldContain(hint);
        failure.ToString().ShouldNotContain("canary");
        return failure;
    }

    private async Task<Result<string>> ReadAsync(string name)
    {
        var result = await _store.ReadAsync(new(name, null), CancellationToken.None);
        if (!result.TryGet(out var payload, out var failure))
        {
            return failure;
        }

        using (payload)
        {
            return payload.Version;
        }
    }

    private Task<Result<string>> VersionAsync(string name) =>
        ((IVersionReader)_store).GetVersionAsync(new(name, null), CancellationToken.None);

    private async Task<IEnumerable<string>> NamesAsync()
    {
        (await ((ISecretLister)_store).ListAsync("", 100, CancellationToken.None)).TryGet(out var listing, out var failure).ShouldBeTrue(failure?.ToString());
        return listing!.Names.Select(listed => listed.Name);
    }
}
