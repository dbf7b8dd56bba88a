using System.Text;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.HashiCorp;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.HashiCorp;

public sealed class VaultTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private VaultFixture _fixture = null!;

    public async Task InitializeAsync() => _fixture = await VaultFixture.StartAsync(_clock, appRole: true, kvVersion: 2);

    public Task DisposeAsync() => _fixture.DisposeAsync().AsTask();

    [Fact]
    public async Task The_payload_is_the_fields_exactly_as_they_were_written()
    {
        _fixture.Vault.Kv.Put("db", """{"n":1.0,"big":1e400,"z":{"b":1,"a":[true,null]},"s":"\u00fc"}""");
        await using var store = Open();

        (await ReadAsync(store, new("db", null))).ShouldBe("""{"n":1.0,"big":1e400,"z":{"b":1,"a":[true,null]},"s":"\u00fc"}""");
    }

    [Fact]
    public async Task Concurrent_first_reads_use_up_one_use_of_a_limited_secret_id()
    {
        _fixture.Vault.Tokens.SecretIdUses = 1;
        _fixture.Put("db", "x");
        await using var store = Open();

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => ReadAsync(store, new("db", null))));

        _fixture.Vault.Tokens.SecretIdUses.ShouldBe(0);
    }

    [Fact]
    public async Task Concurrent_first_reads_share_one_refused_login()
    {
        await using var store = _fixture.Provider.Open(_fixture.Connect(authentic: false));
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        _fixture.Double.Faults.Next(async context =>
        {
            arrived.SetResult();
            await release.Task;
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"errors":["invalid role or secret ID"]}""");
        });
        using var patience = new CancellationTokenSource();
        var first = store.ReadAsync(new("db", null), patience.Token);
        await arrived.Task;
        var others = Enumerable.Range(0, 8).Select(_ => store.ReadAsync(new("db", null), CancellationToken.None)).ToArray();
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first);
        release.SetResult();
        var results = await Task.WhenAll(others);

        results.ShouldAllBe(result => result.Failure!.Code == ProviderFailure.AuthenticationFailed);
        _fixture.Double.Requests.ShouldBeEmpty("the fault answered the one login");
    }

    [Fact]
    public async Task It_logs_in_again_before_the_lease_ends()
    {
        _fixture.Put("db", "x");
        await using var store = Open();
        await ReadAsync(store, new("db", null));
        _clock.Advance(TimeSpan.FromSeconds(_fixture.Vault.Tokens.LeaseSeconds * 0.95));
        _fixture.Double.ForgetRequests();
        await ReadAsync(store, new("db", null));

        _fixture.Double.Requests.ShouldBe(["login approle", "read db"]);
    }

    [Fact]
    public async Task A_lease_of_zero_never_ends()
    {
        _fixture.Vault.Tokens.LeaseSeconds = 0;
        _fixture.Put("db", "x");
        await using var store = Open();
        await ReadAsync(store, new("db", null));
        _clock.Advance(TimeSpan.FromDays(365));
        await ReadAsync(store, new("db", null));

        _fixture.Vault.Tokens.Logins.ShouldBe(1);
    }

    [Fact]
    public async Task A_revoked_token_is_replaced_once()
    {
        _fixture.Put("db", "x");
        await using var store = Open();
        await ReadAsync(store, new("db", null));
        _fixture.Vault.Tokens.RevokeAll();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(store, new("db", null))));

        _fixture.Vault.Tokens.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_new_login_that_is_refused_too_ends_it()
    {
        _fixture.Put("db", "x");
        await using var store = Open();
        await ReadAsync(store, new("db", null));
        _fixture.Vault.Tokens.RevokeAll();
        _fixture.Vault.Tokens.IssuesDeadTokens = true;
        var failure = (await store.ReadAsync(new("db", null), CancellationToken.None)).Failure.ShouldNotBeNull();

        failure.Code.ShouldBe(ProviderFailure.AuthenticationFailed);
        failure.ProviderCode.ShouldBe("invalid token");
        _fixture.Vault.Tokens.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_login_whose_policy_lacks_lookup_self_is_let_in_all_the_same()
    {
        _fixture.Vault.Tokens.DenyLookup = true;
        await using var store = Open();

        (await store.AuthenticateAsync(CancellationToken.None)).TryGet(out var identity, out var failure).ShouldBeTrue(failure?.ToString());
        identity.ShouldBeNull();
    }

    [Fact]
    public async Task An_older_vault_says_of_a_wrong_token_only_that_permission_is_denied()
    {
        await using var fixture = await VaultFixture.StartAsync(_clock, appRole: false, kvVersion: 2);
        fixture.Vault.Tokens.SaysInvalid = false;
        await using var store = fixture.Provider.Open(fixture.Connect(authentic: false));

        (await store.AuthenticateAsync(CancellationToken.None)).Failure.ShouldNotBeNull().Code.ShouldBe(ProviderFailure.AuthenticationFailed);
        (await store.ReadAsync(new("db", null), CancellationToken.None)).Failure.ShouldNotBeNull().Code.ShouldBe(ProviderFailure.PermissionDenied);
    }

    [Theory]
    [InlineData("team/prod")]
    [InlineData("team/prod/")]
    public async Task The_namespace_goes_with_every_request(string @namespace)
    {
        _fixture.Vault.Namespace = "team/prod/";
        _fixture.Put("db", "x");
        await using var store = Open(("namespace", @namespace));
        await ReadAsync(store, new("db", null));
        (await store.AuthenticateAsync(CancellationToken.None)).Failure.ShouldBeNull();

        await using var elsewhere = Open();
        (await elsewhere.ReadAsync(new("db", null), CancellationToken.None)).Failure.ShouldNotBeNull().Code.ShouldBe(ProviderFailure.AuthenticationFailed);
    }

    [Theory]
    [InlineData("team/apps/db")]
    [InlineData("with space/ü%2F?#&+")]
    public async Task Names_and_mounts_are_escaped_by_segment(string name)
    {
        _fixture.Vault.Mount = "kv/second engine";
        _fixture.Put(name, "x");
        await using var store = Open(("mount", "kv/second engine"));
        await ReadAsync(store, new(name, null));

        _fixture.Double.Requests[^1].ShouldBe($"read {name}");
    }

    [Fact]
    public async Task Listing_shows_one_folder_at_a_time()
    {
        foreach (var name in (string[])["app", "team/a", "team/ab", "team/sub/deep", "tea"])
        {
            _fixture.Put(name, "x");
        }

        await using var store = Open();
        (await NamesAsync(store, "")).ShouldBe(["app", "tea", "team/"]);
        (await NamesAsync(store, "te")).ShouldBe(["tea", "team/"]);
        (await NamesAsync(store, "team/")).ShouldBe(["team/a", "team/ab", "team/sub/"]);
        (await NamesAsync(store, "team/s")).ShouldBe(["team/sub/"]);
        (await NamesAsync(store, "../sys/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Version_1_refuses_a_pin_and_names_versions_only_for_this_process()
    {
        await using var fixture = await VaultFixture.StartAsync(_clock, appRole: false, kvVersion: 1);
        fixture.Put("a", "same");
        fixture.Put("b", "same");
        await using var store = fixture.Provider.Open(fixture.Connect());
        (await store.ReadAsync(new("a", "1"), CancellationToken.None)).Failure.ShouldNotBeNull().Code.ShouldBe(ProviderFailure.InvalidRequest);
        using var provider = Http.LoopbackHttp.Create();
        await using var other = new HashiCorpVaultProvider(provider, _clock).Open(fixture.Connect());

        var version = await VersionOfAsync(store, "a");
        (await VersionOfAsync(store, "b")).ShouldNotBe(version);
        (await VersionOfAsync(other, "a")).ShouldNotBe(version);
        store.ShouldNotBeAssignableTo<IVersionReader>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("/db")]
    [InlineData("db/")]
    [InlineData("a//b")]
    [InlineData("../sys/mounts")]
    [InlineData("a/./b")]
    [InlineData("db.")]
    [InlineData("a\nb")]
    public void A_path_vault_cannot_have_is_refused_before_it_is_stored(string name) =>
        _fixture.Provider.ValidateAddress(new(name, null)).ShouldNotBeNull().Hint.ShouldNotBeNullOrEmpty();

    [Theory]
    [InlineData("1", true)]
    [InlineData("42", true)]
    [InlineData("0", false)]
    [InlineData("01", false)]
    [InlineData("-1", false)]
    [InlineData("latest", false)]
    [InlineData("", false)]
    public void A_version_is_a_whole_number_from_1(string version, bool valid) =>
        (_fixture.Provider.ValidateAddress(new("db", version)) is null).ShouldBe(valid);

    [Theory]
    [InlineData("address", "vault.example.com")]
    [InlineData("address", "https://user:pw@127.0.0.1/")]
    [InlineData("address", "https://127.0.0.1/?x=1")]
    [InlineData("address", "http://vault.example.com")]
    [InlineData("mount", "../sys")]
    [InlineData("mount", "")]
    [InlineData("kvVersion", "3")]
    public void A_wrong_setting_is_refused_without_repeating_it(string field, string text)
    {
        var problem = _fixture.Provider.Settings.Single(setting => setting.Name == field).Check(text);

        problem.ShouldNotBeNullOrEmpty();
        problem.ShouldNotContain("pw@");
    }

    [Fact]
    public void A_pasted_line_break_in_a_token_is_refused() =>
        _fixture.Provider.AuthSchemes[0].Fields.Single().Check("hvs.x\n").ShouldNotBeNull();

    private ISecretStore Open(params (string Name, string Value)[] settings) =>
        _fixture.Provider.Open(_fixture.Connect(authentic: true, settings.ToDictionary(pair => pair.Name, pair => pair.Value)));

    private static async Task<string> ReadAsync(ISecretStore store, SecretAddress address)
    {
        (await store.ReadAsync(address, CancellationToken.None)).TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
        using (payload)
        {
            return Encoding.UTF8.GetString(payload!.Value.Reveal());
        }
    }

    private static async Task<string> VersionOfAsync(ISecretStore store, string name)
    {
        (await store.ReadAsync(new(name, null), CancellationToken.None)).TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
        using (payload)
        {
            return payload!.Version;
        }
    }

    private static async Task<IEnumerable<string>> NamesAsync(ISecretStore store, string prefix)
    {
        (await ((ISecretLister)store).ListAsync(prefix, 100, CancellationToken.None)).TryGet(out var listing, out var failure)
            .ShouldBeTrue(failure?.ToString());
        return listing!.Names.Select(listed => listed.Name);
    }
}
