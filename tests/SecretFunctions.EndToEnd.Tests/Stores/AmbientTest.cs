using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.EndToEnd.Tests.Stores;

/// <summary>
/// A credential without a secret: the vendor's library finds what the service runs as, from the process's environment and over connections of its
/// own, which know nothing of our settings.
/// </summary>
public abstract class AmbientTest(string provider) : IAsyncLifetime
{
    /// <summary>Of the cluster's pods, the one that is trusted.</summary>
    private protected const string PodSubject = "system:serviceaccount:acme:secretfunctions";
    private protected const string StrangerSubject = "system:serviceaccount:acme:stranger";

    private protected TemporaryFolder Folder { get; } = new();

    private protected AllStores Stores { get; private set; } = null!;

    /// <summary>Signs tokens for its pods.</summary>
    private TestIssuer Cluster { get; } = new(TimeProvider.System);

    private protected string ClusterIssuer => Cluster.Issuer;

    public virtual async Task InitializeAsync()
    {
        Stores = await AllStores.StartAsync(TimeProvider.System);
        await Cluster.StartAsync();
    }

    public virtual async Task DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await Stores.DisposeAsync();
        Folder.Dispose();
    }

    /// <summary>Nothing of the machine the tests run on: no login of whoever runs them, no metadata service.</summary>
    private protected virtual (string Name, string? Value)[] Nothing => [("HOME", Folder.Path)];

    private protected async Task<string> WriteAsync(string file, string text)
    {
        await File.WriteAllTextAsync(Folder.File(file), text);
        return Folder.File(file);
    }

    /// <summary>A file with a pod's token.</summary>
    private protected Task<string> WriteTokenAsync(string subject, string audience) => WriteAsync("token", Cluster.For(subject).Create(audience));

    /// <summary>The server in that environment, with an ambient credential.</summary>
    private protected async Task<StoresServer> StartAsync(params (string Name, string? Value)[] environment)
    {
        var server = await StoresServer.StartAsync(Stores, [.. Nothing, .. environment]);
        var credential = Stores.Credentials[provider].DeepClone().AsObject();
        credential["auth"] = new JsonObject { ["type"] = "ambient" };
        await server.PutCredentialAsync(credential);
        return server;
    }

    private protected Task ShouldReadAsync(StoresServer server, string? identity) => server.ShouldReadAsync(provider, Stores.Put(provider, "openai", "value"), identity);

    private protected Task ShouldBeRefusedAsync(StoresServer server, string? providerCode = null) => server.ShouldBeRefusedAsync(provider, providerCode);
}
