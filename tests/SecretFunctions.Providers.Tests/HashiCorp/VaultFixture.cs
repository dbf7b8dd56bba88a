using System.Text.Json;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.HashiCorp;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;

namespace SecretFunctions.Providers.Tests.HashiCorp;

internal sealed class VaultFixture : SecretProviderFixture
{
    private const string StaticToken = "hvs.canary-static-77ab";

    private readonly ProviderHttp _http = LoopbackHttp.Create();
    private readonly bool _appRole;
    private readonly int _kvVersion;

    private VaultFixture(TimeProvider clock, bool appRole, int kvVersion)
    {
        _appRole = appRole;
        _kvVersion = kvVersion;
        Vault = new VaultDouble(clock) { KvVersion = kvVersion };
        Vault.Tokens.Add(StaticToken, "token-secretfunctions");
        Provider = new HashiCorpVaultProvider(_http, clock);
    }

    public VaultDouble Vault { get; }

    public override CloudDouble Double => Vault;

    public override ISecretProvider Provider { get; }

    public override string? Selector => "value";

    public override string? MissingVersion => _kvVersion == 2 ? "99" : null;

    public override string? Identity => _appRole ? "approle" : "token-secretfunctions";

    public override int? Logins => _appRole ? Vault.Tokens.Logins : null;

    public override IReadOnlyList<string> Canaries =>
        [StaticToken, VaultTokens.IssuedPrefix, Vault.Tokens.RoleId, Vault.Tokens.SecretId, "wrong-canary"];

    public override IReadOnlyDictionary<string, string> ProviderCodes => new Dictionary<string, string>
    {
        [ProviderFailure.AuthenticationFailed] = _appRole ? "invalid role or secret ID" : "invalid token",
        [ProviderFailure.PermissionDenied] = "HTTP 403",
        [ProviderFailure.SecretNotFound] = "HTTP 404",
        [ProviderFailure.VersionNotFound] = "HTTP 404",
        [ProviderFailure.Throttled] = "HTTP 429",
    };

    public static async Task<VaultFixture> StartAsync(TimeProvider clock, bool appRole, int kvVersion)
    {
        var fixture = new VaultFixture(clock, appRole, kvVersion);
        await fixture.Vault.StartAsync();
        return fixture;
    }

    public override ProviderConnection Connect(bool authentic = true) =>
        Connect(authentic, new Dictionary<string, string>());

    public ProviderConnection Connect(bool authentic, Dictionary<string, string> settings)
    {
        settings["address"] = Vault.Address.ToString();
        settings["kvVersion"] = _kvVersion.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Connections.To(Provider, settings, _appRole
            ? new Dictionary<string, string> { ["roleId"] = Vault.Tokens.RoleId, ["secretId"] = authentic ? Vault.Tokens.SecretId : "wrong-canary" }
            : new Dictionary<string, string> { ["token"] = authentic ? StaticToken : "wrong-canary" });
    }

    public override void Put(string name, string value) =>
        Vault.Kv.Put(name, $$"""{"value":"{{JsonEncodedText.Encode(value)}}","port":5432}""");

    public override void DenyReads() => Vault.DenyReads = true;

    public override void DenyLists() => Vault.DenyLists = true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
