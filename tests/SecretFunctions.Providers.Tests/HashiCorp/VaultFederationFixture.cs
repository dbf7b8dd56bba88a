using System.Text.Json;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.HashiCorp;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Federation;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;

namespace SecretFunctions.Providers.Tests.HashiCorp;

/// <summary>A Vault whose JWT method trusts an issuer, with a role for the production environment of one project.</summary>
internal sealed class VaultFederationFixture : FederationFixture
{
    public const string Role = "secretfunctions";

    private readonly ProviderHttp _http = LoopbackHttp.Create();

    private VaultFederationFixture(TestIssuer issuer)
        : base(issuer)
    {
        Vault = new VaultDouble(issuer.Clock) { Namespace = "team/" };
        Provider = new HashiCorpVaultProvider(_http, issuer.Clock);
    }

    public VaultDouble Vault { get; }

    public override CloudDouble Double => Vault;

    public override ISecretProvider Provider { get; }

    public override string? Selector => "value";

    public override string? MissingVersion => "99";

    public override string? Identity => Vault.Jwt.DisplayName(Billing);

    protected override IReadOnlyList<string> Issued => [VaultTokens.IssuedPrefix];

    public override IReadOnlyList<string> Subjects => Vault.Jwt.Subjects;

    public override TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(54);

    public override IReadOnlyDictionary<string, string> Target => new Dictionary<string, string>
    {
        ["address"] = Vault.Address.AbsoluteUri,
        ["mount"] = "jwt",
        ["role"] = Role,
        [FederationTarget.Audience] = Vault.Address.AbsoluteUri,
    };

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["address"] = Vault.Address.AbsoluteUri.TrimEnd('/'),
        ["namespace"] = "team",
        ["mount"] = "secret",
        ["kvVersion"] = "2",
    };

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.TrustRejected] = "failed to verify",
        [ProviderFailure.PermissionDenied] = "HTTP 403",
        [ProviderFailure.SecretNotFound] = "HTTP 404",
        [ProviderFailure.VersionNotFound] = "HTTP 404",
        [ProviderFailure.Throttled] = "HTTP 429",
    };

    public override IReadOnlyDictionary<Forgery, Refusal> Refusals { get; } = new Dictionary<Forgery, Refusal>
    {
        [Forgery.Issuer] = new("invalid issuer (iss) claim", "bound_issuer"),
        [Forgery.Audience] = new("invalid audience (aud) claim", "bound_audiences"),
        [Forgery.Subject] = new("error validating claims", "bound_claims"),
        [Forgery.Unsigned] = new("unsupported signing algorithm", "RS256"),
        [Forgery.PublicKeyAsSecret] = new("unsupported signing algorithm", "RS256"),
        [Forgery.OtherAlgorithm] = new("unsupported signing algorithm", "RS256"),
        [Forgery.Expired] = new("token is expired", "clocks"),
        [Forgery.NotYetValid] = new("token not yet valid", "clocks"),
        [Forgery.Resigned] = new("failed to verify", "signature"),
        [Forgery.KeyUnknown] = new("failed to verify", "oidc_discovery_url"),
    };

    public static async Task<VaultFederationFixture> StartAsync(TestIssuer issuer)
    {
        var fixture = new VaultFederationFixture(issuer);
        await fixture.Vault.StartAsync();
        fixture.Vault.Jwt.Issuer = issuer.Issuer;
        fixture.Vault.Jwt.SetRole(Role, fixture.TrustedRole);
        return fixture;
    }

    public VaultJwtRole TrustedRole => new([Vault.Address.AbsoluteUri]) { BoundClaims = new Dictionary<string, string> { ["project"] = "web" } };

    /// <summary>What bound_claims are compared with; a stranger is of another project.</summary>
    public override void Describe(TestTokens tokens) => tokens.Claims["project"] = tokens.Forgery == Forgery.Subject ? "strange" : "web";

    public override void Put(string name, string value) =>
        Vault.Kv.Put(name, $$"""{"value":"{{JsonEncodedText.Encode(value)}}","port":5432}""");

    public override void EndAccess() => Vault.Tokens.RevokeAll();

    public override void DenyReads(string subject) => Vault.DeniedNames.Add(Vault.Jwt.DisplayName(subject));

    public override void DenyLists() => Vault.DenyLists = true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
