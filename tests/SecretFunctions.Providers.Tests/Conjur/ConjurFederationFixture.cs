using System.Text;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Conjur;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Providers.Tests.Http;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Conjur;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Providers.Tests.Conjur;

/// <summary>A Conjur whose JWT authenticator trusts an issuer and knows two hosts.</summary>
internal sealed class ConjurFederationFixture : FederationFixture
{
    private static readonly Refusal Unexplained = new("HTTP 401", "issuer, audience or keys");

    private readonly ProviderHttp _http = LoopbackHttp.Create();

    private ConjurFederationFixture(TestIssuer issuer)
        : base(issuer)
    {
        Conjur = new ConjurDouble(issuer.Clock);
        Provider = new ConjurProvider(_http, issuer.Clock);
    }

    public ConjurDouble Conjur { get; }

    public override CloudDouble Double => Conjur;

    public override ISecretProvider Provider { get; }

    public override bool HoldsEmpty => false;

    public override string? MissingVersion => "99";

    public override string? Identity => Conjur.Jwt.LoginOf(Billing);

    protected override IReadOnlyList<string> Issued => [ConjurDouble.TokenPayload, Convert.ToBase64String(Encoding.UTF8.GetBytes("{\"protected\":\"eyJ9\""))];

    public override IReadOnlyList<string> Subjects => Conjur.Jwt.Subjects;

    public override TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(6);

    public override IReadOnlyDictionary<string, string> Target => new Dictionary<string, string>
    {
        ["address"] = Conjur.Address.AbsoluteUri,
        ["account"] = Conjur.Account,
        ["serviceId"] = "secretfunctions",
        [FederationTarget.Audience] = Conjur.Address.AbsoluteUri,
    };

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["address"] = Conjur.Address.AbsoluteUri,
        ["account"] = Conjur.Account,
    };

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.TrustRejected] = "HTTP 401",
        [ProviderFailure.PermissionDenied] = "HTTP 403",
        [ProviderFailure.SecretNotFound] = "not_found",
        [ProviderFailure.VersionNotFound] = "not_found",
        [ProviderFailure.Throttled] = "HTTP 429",
    };

    public override IReadOnlyDictionary<Forgery, Refusal> Refusals { get; } =
        Enum.GetValues<Forgery>().ToDictionary(static forgery => forgery, static _ => Unexplained);

    public static async Task<ConjurFederationFixture> StartAsync(TestIssuer issuer)
    {
        var fixture = new ConjurFederationFixture(issuer);
        await fixture.Conjur.StartAsync();
        var authenticator = fixture.Conjur.Jwt;
        authenticator.ServiceId = "secretfunctions";
        authenticator.Issuer = issuer.Issuer;
        authenticator.Audience = fixture.Audience;
        authenticator.SetHost(Billing, new ConjurJwtHost(new Dictionary<string, string>()));
        authenticator.SetHost(Search, new ConjurJwtHost(new Dictionary<string, string>()));
        return fixture;
    }

    public override void Put(string name, string value) => Conjur.Put(name, value);

    public override void EndAccess() => Conjur.RevokeTokens();

    public override void DenyReads(string subject) => Conjur.DeniedLogins.Add(Conjur.Jwt.LoginOf(subject));

    public override void DenyLists() => Conjur.DenyLists = true;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
