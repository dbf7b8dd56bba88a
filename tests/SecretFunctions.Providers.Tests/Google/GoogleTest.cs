using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Providers.Tests.Google;

/// <summary>One double for each test.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public abstract class GoogleTest : IAsyncLifetime
{
    private readonly List<ISecretStore> _stores = [];

    private protected GoogleFixture Fixture { get; private set; } = null!;

    protected TestClock Clock { get; } = new();

    protected GoogleDouble Google => Fixture.Google;

    protected GoogleSecrets Secrets => Fixture.Google.Secrets;

    public async Task InitializeAsync() => Fixture = await GoogleFixture.StartAsync(Clock);

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        await Fixture.DisposeAsync();
    }

    protected static SecretAddress At(string name, string? version = null) => new(name, version);

    protected ISecretStore Open() => Open(Fixture.Connect());

    /// <summary>A store that is disposed with the test.</summary>
    protected ISecretStore Open(ProviderConnection connection)
    {
        var store = Fixture.Provider.Open(connection);
        _stores.Add(store);
        return store;
    }

    protected static Task<Result<SecretPayload>> ReadAsync(ISecretStore store, string name, string? version = null) =>
        store.ReadAsync(At(name, version), CancellationToken.None);

    protected static Task<Result<string>> VersionAsync(ISecretStore store, string name, string? version = null) =>
        ((IVersionReader)store).GetVersionAsync(At(name, version), CancellationToken.None);

    protected static Task<Result<SecretListing>> ListAsync(ISecretStore store, string prefix, int limit) =>
        ((ISecretLister)store).ListAsync(prefix, limit, CancellationToken.None);
}
