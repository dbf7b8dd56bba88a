using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>A running vault with its Entra ID, and the provider pointed at them.</summary>
internal sealed class AzureFixture : SecretProviderFixture
{
    public const string ClientId = "00000000-aaaa-bbbb-cccc-000000000001";

    private const string Secret = "client-secret~canary~5f3759df";
    private const string WrongSecret = "client-secret~wrong~2b992ddf";

    private readonly ProviderHttp _http;

    private AzureFixture(EntraDouble entra, KeyVaultDouble vault, TestClock clock)
    {
        Entra = entra;
        Vault = vault;
        Clock = clock;
        ObjectId = entra.AddApplication(ClientId, Secret);
        _http = new ProviderHttp(new ProviderHttpOptions
        {
            AllowedHosts = { vault.Address.Authority },
            EndpointOverrides = { ["entra"] = entra.Address },
            TrustedRootsFile = TestCertificates.RootFile,
        });
        Provider = new AzureKeyVaultProvider(_http, clock);
    }

    public EntraDouble Entra { get; }

    public KeyVaultDouble Vault { get; }

    public TestClock Clock { get; }

    public string ObjectId { get; }

    public override CloudDouble Double => Vault;

    public override ISecretProvider Provider { get; }

    public override IReadOnlyList<string> Canaries => [Secret, WrongSecret, .. Entra.Issued];

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.AuthenticationFailed] = "AADSTS7000215",
        [ProviderFailure.PermissionDenied] = "ForbiddenByRbac",
        [ProviderFailure.SecretNotFound] = "SecretNotFound",
        [ProviderFailure.VersionNotFound] = "SecretNotFound",
        [ProviderFailure.Throttled] = "Throttled",
    };

    public override string? MissingVersion => "0123456789abcdef0123456789abcdef";

    public override int MaximumBytes => 25 * 1024;

    public override string? Identity => $"application {ClientId} (object {ObjectId})";

    public override int? Logins => Entra.Requests.Count;

    public static async Task<AzureFixture> StartAsync(TestClock clock)
    {
        var entra = new EntraDouble(clock);
        await entra.StartAsync();
        var vault = new KeyVaultDouble(entra, clock);
        await vault.StartAsync();
        return new AzureFixture(entra, vault, clock);
    }

    public override ProviderConnection Connect(bool authentic = true) => Connect(secret: authentic ? Secret : WrongSecret);

    public ProviderConnection Connect(string? tenantId = null, string clientId = ClientId, string secret = Secret, Uri? vault = null) => new(
        "azure-prod",
        new Dictionary<string, string> { ["vaultUrl"] = (vault ?? Vault.Address).AbsoluteUri },
        new ProviderAuth.Static(new Dictionary<string, SecretValue>
        {
            ["tenantId"] = new(Encoding.UTF8.GetBytes(tenantId ?? Entra.TenantId)),
            ["clientId"] = new(Encoding.UTF8.GetBytes(clientId)),
            ["clientSecret"] = new(Encoding.UTF8.GetBytes(secret)),
        }));

    /// <summary>For a credential of a test's own at this Entra ID.</summary>
    public ClientSecretCredentialOptions EntraOptions() => new()
    {
        AuthorityHost = Entra.Address,
        DisableInstanceDiscovery = true,
        Transport = new HttpClientTransport(_http.CreateHandler()),
    };

    public ISecretProvider ProviderAs(TokenCredential ambient) => new AzureKeyVaultProvider(_http, Clock, _ => ambient);

    public KeyVaultSigningKey SigningKeyAs(TokenCredential identity, string name) => new(new Uri(Vault.Address, $"keys/{name}"), _http, _ => identity);

    /// <param name="address">Below the vault's <c>keys</c>.</param>
    public KeyVaultRootKey RootKeyAs(TokenCredential identity, string address, string? restoredFrom = null) =>
        new(KeyAddress(address), restoredFrom is null ? null : KeyAddress(restoredFrom), _http, _ => identity);

    public override void Put(string name, string value) => Vault.Put(name, value);

    private KeyVaultKeyAddress KeyAddress(string address)
    {
        var options = new ProviderHttpOptions { AllowedHosts = { Vault.Address.Authority } };
        var text = address.StartsWith("https://", StringComparison.Ordinal) ? address : new Uri(Vault.Address, $"keys/{address}").AbsoluteUri;
        return KeyVaultKeyAddress.TryParse(text, options, out var key) ? key : throw new ArgumentException("No key's address.", nameof(address));
    }

    public override void DenyReads() => Vault.Reads = VaultAccess.NoRole;

    public override void DenyLists() => Vault.Lists = VaultAccess.NoRole;

    public override void ThrottleNext(TimeSpan retryAfter) =>
        Double.Faults.AnswerNext(429, KeyVaultDouble.ErrorBody("Throttled", "Request was not processed because too many requests were received."), retryAfter: retryAfter);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Entra.DisposeAsync();
        _http.Dispose();
    }
}
