using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.OnePassword;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.OnePassword;

namespace SecretFunctions.Providers.Tests.OnePassword;

internal sealed class ConnectFixture : SecretProviderFixture
{
    private readonly ProviderHttp _http = LoopbackHttp.Create();
    private readonly string _vault;

    private ConnectFixture(TimeProvider clock, string vault)
    {
        _vault = vault;
        Provider = new OnePasswordConnectProvider(_http, clock);
    }

    public ConnectDouble Connect1Password { get; } = new();

    public override CloudDouble Double => Connect1Password;

    public override ISecretProvider Provider { get; }

    public override bool HoldsEmpty => false; // A field without a value has none at all.

    public override IReadOnlyList<string> Canaries => [Connect1Password.Token, "wrong-canary"];

    public override IReadOnlyDictionary<string, string> ProviderCodes => new Dictionary<string, string>
    {
        [ProviderFailure.AuthenticationFailed] = "HTTP 401",
        [ProviderFailure.PermissionDenied] = "HTTP 403",
        [ProviderFailure.SecretNotFound] = "HTTP 404",
        [ProviderFailure.Throttled] = "HTTP 429",
    };

    public static async Task<ConnectFixture> StartAsync(TimeProvider clock, string vault = ConnectDouble.VaultName)
    {
        var fixture = new ConnectFixture(clock, vault);
        await fixture.Connect1Password.StartAsync();
        return fixture;
    }

    public override ProviderConnection Connect(bool authentic = true) => Connections.To(
        Provider,
        new Dictionary<string, string> { ["address"] = Connect1Password.Address.ToString(), ["vault"] = _vault },
        new Dictionary<string, string> { ["token"] = authentic ? Connect1Password.Token : "wrong-canary" });

    public override void Put(string name, string value) => Connect1Password.PutPassword(name, value);

    public override void DenyReads() => Connect1Password.DenyVault = true;

    public override void DenyLists() => Connect1Password.DenyVault = true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
