using System.Text;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;

namespace SecretFunctions.Providers.Tests.Conjur;

public sealed class ConjurTests : IAsyncLifetime
{
    private readonly TestClock _clock = new();
    private ConjurFixture _fixture = null!;
    private ISecretStore _store = null!;

    public async Task InitializeAsync()
    {
        _fixture = await ConjurFixture.StartAsync(_clock);
        _store = _fixture.Provider.Open(_fixture.Connect());
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task The_version_of_a_current_read_can_be_pinned()
    {
        _fixture.Put("db", "one");
        _fixture.Put("db", "two");

        (await ReadAsync(new("db", null))).ShouldBe(("two", "2"));
        (await ReadAsync(new("db", "1"))).ShouldBe(("one", "1"));
    }

    [Theory]
    [InlineData("data/vault/safe/account/password")]
    [InlineData("with space/ü%2F?#&+")]
    public async Task Ids_are_one_escaped_segment(string id)
    {
        _fixture.Put(id, "x");

        (await ReadAsync(new(id, null))).Value.ShouldBe("x");
    }

    [Fact]
    public async Task A_token_is_used_for_six_of_its_eight_minutes()
    {
        _fixture.Put("db", "x");
        await ReadAsync(new("db", null));
        _clock.Advance(TimeSpan.FromMinutes(5.9));
        await ReadAsync(new("db", null));
        _fixture.Conjur.Logins.ShouldBe(1);
        _clock.Advance(TimeSpan.FromMinutes(0.2));
        await ReadAsync(new("db", null));

        _fixture.Conjur.Logins.ShouldBe(2);
        _fixture.Double.Requests.ShouldNotContain(request => request.StartsWith("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_that_ended_early_is_replaced_once_for_all_readers()
    {
        _fixture.Put("db", "x");
        await ReadAsync(new("db", null));
        _fixture.Conjur.RevokeTokens();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync(new("db", null))));

        _fixture.Conjur.Logins.ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_is_two_requests_and_asks_for_base64_alone()
    {
        var binary = new byte[] { 0xff, 0xfe, 0x00, 0x80 };
        var longText = new string('l', 500); // Over several lines of base64.
        _fixture.Conjur.Put("binary", binary);
        _fixture.Put("long", longText);
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.ForgetRequests();
        var results = await BatchAsync("binary", "long", "binary");

        _fixture.Double.Requests.Order().ShouldBe(["batch 2", "list 0"]); // Not the same id twice: Conjur refuses that.
        results.Select(result => result.Bytes).ShouldBe([binary, Encoding.UTF8.GetBytes(longText), binary]);
        results.ShouldAllBe(result => result.Version == "1");
    }

    [Fact]
    public async Task A_batch_is_understood_where_a_proxy_dropped_the_header()
    {
        _fixture.Conjur.DropsAcceptEncoding = true;
        _fixture.Put("db", "Grüße=");

        Encoding.UTF8.GetString((await BatchAsync("db")).Single().Bytes).ShouldBe("Grüße=");
    }

    [Fact]
    public async Task A_batch_finds_versions_singly_where_the_listing_is_limited()
    {
        _fixture.Conjur.ListLimit = 100;
        _fixture.Put("db", "x");
        _fixture.Put("db", "y");

        (await BatchAsync("db")).Single().Version.ShouldBe("2");
    }

    [Fact]
    public async Task Batches_stop_once_the_server_refuses_them_as_such()
    {
        var batch = (IBatchReader)_store;
        batch.CanBatch(new("db", null)).ShouldBeTrue();
        batch.CanBatch(new("db", "1")).ShouldBeFalse();
        batch.CanBatch(new("a,b", null)).ShouldBeFalse();
        await _store.AuthenticateAsync(CancellationToken.None);
        _fixture.Double.Faults.NextAt("/secrets", static context =>
        {
            context.Response.StatusCode = 405;
            return Task.CompletedTask;
        });
        await batch.ReadBatchAsync([new("db", null)], CancellationToken.None);

        batch.CanBatch(new("db", null)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_dynamic_secret_has_no_number()
    {
        _fixture.Conjur.Declare("data/dynamic/aws");
        (await ((IVersionReader)_store).GetVersionAsync(new("data/dynamic/aws", null), CancellationToken.None)).TryGet(out var version, out _).ShouldBeTrue();
        version.ShouldBe("dynamic");
    }

    [Fact]
    public async Task A_listing_goes_through_all_pages()
    {
        for (var i = 0; i < 1001; i++)
        {
            _fixture.Put($"a{i:D4}", "x");
        }

        _fixture.Put("b", "x");
        (await ((ISecretLister)_store).ListAsync("b", 10, CancellationToken.None)).TryGet(out var listing, out var failure).ShouldBeTrue(failure?.ToString());
        listing!.Names.ShouldBe([new ListedSecret("b", "1")]);
        listing.Complete.ShouldBeTrue();
    }

    [Fact]
    public async Task A_server_without_whoami_lets_us_in_namelessly()
    {
        _fixture.Conjur.HasWhoami = false;
        (await _store.AuthenticateAsync(CancellationToken.None)).TryGet(out var identity, out var failure).ShouldBeTrue(failure?.ToString());
        identity.ShouldBeNull();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("..", null)]
    [InlineData("a/../b", null)]
    [InlineData("a\nb", null)]
    [InlineData("db", "0")]
    [InlineData("db", "latest")]
    [InlineData("db", "99999999999")]
    public void An_address_conjur_cannot_have_is_refused(string name, string? version) =>
        _fixture.Provider.ValidateAddress(new(name, version)).ShouldNotBeNull().Hint.ShouldNotBeNullOrEmpty();

    [Theory]
    [InlineData("account", "a/b")]
    [InlineData("account", "..")]
    [InlineData("address", "ftp://127.0.0.1")]
    public void A_wrong_setting_is_refused(string field, string text) =>
        _fixture.Provider.Settings.Single(setting => setting.Name == field).Check(text).ShouldNotBeNullOrEmpty();

    private async Task<(string Value, string Version)> ReadAsync(SecretAddress address)
    {
        (await _store.ReadAsync(address, CancellationToken.None)).TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
        using (payload)
        {
            return (Encoding.UTF8.GetString(payload!.Value.Reveal()), payload.Version);
        }
    }

    private async Task<List<(byte[] Bytes, string Version)>> BatchAsync(params string[] names)
    {
        var read = new List<(byte[], string)>();
        foreach (var result in await ((IBatchReader)_store).ReadBatchAsync([.. names.Select(name => new SecretAddress(name, null))], CancellationToken.None))
        {
            result.TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
            using (payload)
            {
                read.Add((payload!.Value.Reveal().ToArray(), payload.Version));
            }
        }

        return read;
    }
}
