using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Logging;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using Shouldly;
using Xunit;

namespace SecretFunctions.Testing;

/// <summary>
/// What every provider must do, whatever its store. A provider's tests derive from this and supply a fixture; an optional ability is
/// checked where the open store implements its interface. After each test the logs are searched for every value and credential.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public abstract partial class SecretProviderContract : IAsyncLifetime
{
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(5);

    private readonly CapturedLogs _logs = new();
    private readonly List<string> _values = [];
    private readonly List<ISecretStore> _stores = [];
    private int _canaries;

    protected SecretProviderFixture Fixture { get; private set; } = null!;

    /// <summary>Stands still; a fixture hands it to its provider and its double.</summary>
    protected TestClock Clock { get; } = new();

    public async Task InitializeAsync() => Fixture = await StartAsync(_logs, Clock);

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        await Fixture.DisposeAsync();
        foreach (var line in _logs.Lines)
        {
            ShouldHoldNoSecret(line);
        }

        _logs.Dispose();
    }

    [Fact]
    public void The_provider_describes_itself()
    {
        Fixture.Provider.Name.ShouldMatch("^[a-z0-9][a-z0-9-]+$");
        Fixture.Provider.AuthSchemes.ShouldNotBeEmpty();
        foreach (var field in Fixture.Provider.Settings.Concat(Fixture.Provider.AuthSchemes.SelectMany(scheme => scheme.Fields)))
        {
            field.Name.ShouldMatch("^[a-z][A-Za-z0-9]*$");
            field.Description.ShouldNotBeNullOrWhiteSpace();
        }
    }

    [Fact]
    public void The_fixtures_connection_and_an_ordinary_address_are_valid()
    {
        Fixture.Provider.Validate(Fixture.Connect()).ShouldBeEmpty();
        Fixture.Provider.ValidateAddress(At("contract-name")).ShouldBeNull();
    }

    [Fact]
    public void An_address_without_a_name_is_refused() =>
        Fixture.Provider.ValidateAddress(At("")).ShouldNotBeNull().Code.ShouldNotBeEmpty();

    [Theory]
    [InlineData("plain")]
    [InlineData(" spaces around \r\n and\ttabs ")]
    [InlineData("quotes \" ' ` back\\slash {{braces}} %41 &amp; $x")]
    [InlineData("Grüße, Привет, こんにちは, 🔐, e\u0301")]
    [InlineData("{\"looks\":\"like\",\"json\":[1.0,1e3]}")]
    public async Task A_value_comes_back_byte_for_byte(string text)
    {
        var value = text + Canary();
        Fixture.Put("contract-exact", value);

        (await ReadTextAsync(Open(), At("contract-exact"))).ShouldBe(value);
    }

    [Fact]
    public async Task An_empty_value_is_empty_and_not_missing()
    {
        if (Fixture.HoldsEmpty)
        {
            Fixture.Put("contract-empty", "");
            (await ReadTextAsync(Open(), At("contract-empty"))).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task The_longest_value_the_store_can_hold_comes_back()
    {
        var canary = Canary();
        var value = canary + new string('m', Fixture.MaximumBytes - canary.Length);
        Fixture.Put("contract-longest", value);

        (await ReadTextAsync(Open(), At("contract-longest"))).ShouldBe(value);
    }

    [Fact]
    public async Task The_version_names_what_was_read_and_changes_with_a_rotation()
    {
        Fixture.Put("contract-rotated", Canary());
        var store = Open();
        using var before = await ReadAsync(store, At("contract-rotated"));
        using var again = await ReadAsync(store, At("contract-rotated"));
        var rotated = Canary();
        Fixture.Put("contract-rotated", rotated);
        using var after = await ReadAsync(store, At("contract-rotated"));

        before.Version.ShouldNotBeNullOrEmpty();
        again.Version.ShouldBe(before.Version);
        after.Version.ShouldNotBe(before.Version);
        Text(after).ShouldBe(rotated);
        ShouldHoldNoSecret(before.Version + after.Version + before + after);
    }

    [Fact]
    public async Task A_pinned_version_stays_what_it_was()
    {
        if (Fixture.MissingVersion is null)
        {
            return;
        }

        var original = Canary();
        Fixture.Put("contract-pinned", original);
        var store = Open();
        using var before = await ReadAsync(store, At("contract-pinned"));
        Fixture.Put("contract-pinned", Canary());
        var address = At("contract-pinned", before.Version);
        using var pinned = await ReadAsync(store, address);

        Fixture.Provider.ValidateAddress(address).ShouldBeNull();
        Text(pinned).ShouldBe(original);
        pinned.Version.ShouldBe(before.Version);
    }

    [Fact]
    public async Task Concurrent_reads_do_not_mix_up_values()
    {
        var expected = Enumerable.Range(0, 32).ToDictionary(i => $"contract-concurrent-{i}", _ => Canary());
        foreach (var (name, value) in expected)
        {
            Fixture.Put(name, value);
        }

        var store = Open();
        var read = await Task.WhenAll(expected.Keys.Select(async name => (name, text: await ReadTextAsync(store, At(name)))));

        read.ToDictionary(pair => pair.name, pair => pair.text).ShouldBe(expected);
    }

    [Fact]
    public async Task One_login_serves_many_reads()
    {
        Fixture.Put("contract-login", Canary());
        var store = Open();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadTextAsync(store, At("contract-login"))));
        await ReadTextAsync(store, At("contract-login"));

        (Fixture.Logins ?? 1).ShouldBe(1);
    }

    [Fact]
    public async Task Stores_of_one_provider_share_nothing()
    {
        var value = Canary();
        Fixture.Put("contract-apart", value);
        var good = Open();
        (await ReadTextAsync(good, At("contract-apart"))).ShouldBe(value);

        var bad = Open(authentic: false);
        (await FailAsync(bad, At("contract-apart"))).Code.ShouldBe(Fixture.Refused);
        (await ReadTextAsync(good, At("contract-apart"))).ShouldBe(value);
        _stores.Remove(bad);
        await bad.DisposeAsync();
        (await ReadTextAsync(good, At("contract-apart"))).ShouldBe(value);
    }

    /// <summary>Starts the double and makes a provider that logs to <paramref name="logs"/> and tells time by <paramref name="clock"/>.</summary>
    protected abstract Task<SecretProviderFixture> StartAsync(ILoggerFactory logs, TestClock clock);

    protected static SecretAddress At(string name, string? version = null) => new(name, version);

    /// <summary>A text found nowhere else, which must never appear in a failure or a log.</summary>
    protected string Canary()
    {
        var value = $"canary-value-{Interlocked.Increment(ref _canaries)}-6d1f0e93b7";
        lock (_values)
        {
            _values.Add(value);
        }

        return value;
    }

    /// <summary>A store that is disposed with the test.</summary>
    protected ISecretStore Open(bool authentic = true)
    {
        var store = Fixture.Provider.Open(Fixture.Connect(authentic));
        _stores.Add(store);
        return store;
    }

    /// <summary>The payload, for the caller to dispose.</summary>
    protected static async Task<SecretPayload> ReadAsync(ISecretStore store, SecretAddress address) =>
        (await store.ReadAsync(address, CancellationToken.None)).TryGet(out var payload, out var failure)
            ? payload
            : throw new ShouldAssertException($"{address.Name}: {failure}");

    protected async Task<string> ReadTextAsync(ISecretStore store, SecretAddress address)
    {
        using var payload = await ReadAsync(store, address);
        return Text(payload);
    }

    protected string Text(SecretPayload payload)
    {
        if (!Fixture.Provider.Select(payload, Fixture.Selector).TryGet(out var value, out var failure))
        {
            throw new ShouldAssertException($"Select: {failure}");
        }

        using (value)
        {
            return Encoding.UTF8.GetString(value.Reveal());
        }
    }

    /// <summary>The failure of a read, searched for secrets.</summary>
    protected async Task<Failure> FailAsync(ISecretStore store, SecretAddress address) =>
        Harmless((await store.ReadAsync(address, CancellationToken.None)).Failure);

    /// <summary>Every failure says what to do, and nothing that is secret.</summary>
    protected Failure Harmless(Failure? failure)
    {
        failure.ShouldNotBeNull();
        failure.Kind.ShouldBe(FailureKind.Unresolved);
        failure.Detail.ShouldNotBeNullOrWhiteSpace();
        failure.Hint.ShouldNotBeNullOrWhiteSpace();
        ShouldHoldNoSecret(failure.ToString());
        return failure;
    }

    protected void ShouldHoldNoSecret(string text)
    {
        foreach (var secret in _values.Concat(Fixture.Canaries))
        {
            text.Contains(secret, StringComparison.Ordinal).ShouldBeFalse("A value or credential leaked into: " + text.Replace(secret, "[LEAK]", StringComparison.Ordinal));
        }
    }
}
