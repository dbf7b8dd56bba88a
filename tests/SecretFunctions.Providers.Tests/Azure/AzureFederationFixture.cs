using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Azure;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Azure;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Azure;

/// <summary>A vault, and an application without a secret that trusts two subjects of an issuer.</summary>
internal sealed class AzureFederationFixture : FederationFixture
{
    private readonly ProviderHttp _http;
    private readonly string _objectId;

    private AzureFederationFixture(EntraDouble entra, KeyVaultDouble vault, TestIssuer issuer)
        : base(issuer)
    {
        Entra = entra;
        Vault = vault;
        _objectId = entra.AddApplication(AzureFixture.ClientId);
        entra.AddFederatedCredential(AzureFixture.ClientId, issuer.Issuer, Billing);
        entra.AddFederatedCredential(AzureFixture.ClientId, issuer.Issuer, Search);
        _http = new ProviderHttp(new ProviderHttpOptions
        {
            AllowedHosts = { vault.Address.Authority },
            EndpointOverrides = { ["entra"] = entra.Address },
            TrustedRootsFile = TestCertificates.RootFile,
        });
        Provider = new AzureKeyVaultProvider(_http, issuer.Clock);
    }

    public EntraDouble Entra { get; }

    public KeyVaultDouble Vault { get; }

    public override CloudDouble Double => Vault;

    public override CloudDouble Exchange => Entra;

    public override ISecretProvider Provider { get; }

    protected override IReadOnlyList<string> Issued => Entra.Issued;

    public override string? MissingVersion => "0123456789abcdef0123456789abcdef";

    public override int MaximumBytes => 25 * 1024;

    public override string? Identity => $"application {AzureFixture.ClientId} (object {_objectId})";

    public override IReadOnlyList<string> Subjects => Entra.Subjects;

    public override TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(55);

    public override IReadOnlyDictionary<string, string> Target => new Dictionary<string, string>
    {
        ["tenantId"] = Entra.TenantId,
        ["clientId"] = AzureFixture.ClientId,
        [FederationTarget.Audience] = "api://AzureADTokenExchange",
    };

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["vaultUrl"] = Vault.Address.AbsoluteUri };

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.TrustRejected] = "AADSTS700027",
        [ProviderFailure.PermissionDenied] = "ForbiddenByRbac",
        [ProviderFailure.SecretNotFound] = "SecretNotFound",
        [ProviderFailure.VersionNotFound] = "SecretNotFound",
        [ProviderFailure.Throttled] = "Throttled",
    };

    public override IReadOnlyDictionary<Forgery, Refusal> Refusals { get; } = new Dictionary<Forgery, Refusal>
    {
        [Forgery.Issuer] = new("AADSTS700211", "slash at its end"),
        [Forgery.Audience] = new("AADSTS700212", "api://AzureADTokenExchange"),
        [Forgery.Subject] = new("AADSTS700213", "subjectScope"),
        [Forgery.Unsigned] = new("AADSTS50027", "RS256"),
        [Forgery.PublicKeyAsSecret] = new("AADSTS50027", "RS256"),
        [Forgery.OtherAlgorithm] = new("AADSTS50027", "RS256"),
        [Forgery.Expired] = new("AADSTS700024", "clock"),
        [Forgery.NotYetValid] = new("AADSTS700024", "clock"),
        [Forgery.Resigned] = new("AADSTS700027", "signing key"),
        [Forgery.KeyUnknown] = new("AADSTS700027", "reachable from the internet"),
    };

    public static async Task<AzureFederationFixture> StartAsync(TestIssuer issuer)
    {
        var entra = new EntraDouble(issuer.Clock);
        await entra.StartAsync();
        var vault = new KeyVaultDouble(entra, issuer.Clock);
        await vault.StartAsync();
        return new AzureFederationFixture(entra, vault, issuer);
    }

    public override void Put(string name, string value) => Vault.Put(name, value);

    public override void EndAccess() => Entra.EndTokens();

    public override void DenyReads(string subject) => Vault.DeniedSubjects.Add(subject);

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
