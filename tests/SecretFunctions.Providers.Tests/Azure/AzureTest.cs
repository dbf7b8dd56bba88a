using System.Diagnostics.CodeAnalysis;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>One vault with its Entra ID for each test.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes through IAsyncLifetime.")]
public abstract class AzureTest : IAsyncLifetime
{
    private readonly List<ISecretStore> _stores = [];

    private protected AzureFixture Fixture { get; private set; } = null!;

    protected TestClock Clock { get; } = new();

    protected KeyVaultDouble Vault => Fixture.Vault;

    protected EntraDouble Entra => Fixture.Entra;

    public async Task InitializeAsync() => Fixture = await AzureFixture.StartAsync(Clock);

    public async Task DisposeAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        await Fixture.DisposeAsync();
    }

    protected static SecretAddress At(string name, string? version = null) => new(name, version);

    protected ISecretStore Open() => Open(Fixture.Provider, Fixture.Connect());

    /// <summary>A store that is disposed with the test.</summary>
    protected ISecretStore Open(ISecretProvider provider, ProviderConnection connection)
    {
        var store = provider.Open(connection);
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
