using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles.Aws;

namespace SecretFunctions.Providers.Tests.Aws;

/// <summary>One double for each test.</summary>
public abstract class AwsTest : IAsyncLifetime
{
    private protected CapturedLogs Logs { get; } = new();

    private protected AwsFixture Fixture { get; private set; } = null!;

    protected TestClock Clock { get; } = new();

    protected AwsDouble Aws => Fixture.Aws;

    public virtual async Task InitializeAsync() => Fixture = await AwsFixture.StartAsync(Logs, Clock);

    public virtual async Task DisposeAsync()
    {
        await Fixture.DisposeAsync();
        Logs.Dispose();
    }

    protected static SecretAddress At(string name, string? version = null) => new(name, version);

    protected static async Task<string> ReadAsync(ISecretStore store, SecretAddress address)
    {
        (await store.ReadAsync(address, CancellationToken.None)).TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
        return Text(payload!);
    }

    protected static string Text(SecretPayload payload)
    {
        using (payload)
        {
            return Encoding.UTF8.GetString(payload.Value.Reveal());
        }
    }

    protected static async Task<Failure> FailAsync(ISecretStore store, SecretAddress address) =>
        (await store.ReadAsync(address, CancellationToken.None)).Failure.ShouldNotBeNull();

    protected ISecretStore Open() => Fixture.Provider.Open(Fixture.Connect());
}
