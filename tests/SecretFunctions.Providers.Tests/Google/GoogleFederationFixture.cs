using System.Text;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Google;
using SecretFunctions.Providers.Http;
using SecretFunctions.Providers.Tests.Federation;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Federation;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Providers.Tests.Google;

/// <summary>A workload identity pool that trusts an issuer, with rights of its own or those of a service account.</summary>
internal sealed class GoogleFederationFixture : FederationFixture
{
    public const string Account = "reader@acme-prod.iam.gserviceaccount.com";
    public const string ProviderName = "projects/123456789012/locations/global/workloadIdentityPools/secretfunctions/providers/issuer";

    private readonly ProviderHttp _http;
    private readonly bool _impersonates;

    private GoogleFederationFixture(GoogleDouble google, TestIssuer issuer, bool impersonates)
        : base(issuer)
    {
        Google = google;
        _impersonates = impersonates;
        google.Pools.SetProvider(Trusted);
        google.Accounts.AddAccount(Account);
        google.Pools.Grant(Account, Trusted.Principal(Billing));
        google.Pools.Grant(Account, Trusted.Principal(Search));
        var options = new ProviderHttpOptions();
        foreach (var name in (string[])["google-sts", "google-iamcredentials", "google-secretmanager"])
        {
            options.EndpointOverrides[name] = google.Address;
        }

        _http = new ProviderHttp(options);
        Provider = new GoogleSecretManagerProvider(_http, issuer.Clock);
    }

    public GoogleDouble Google { get; }

    public GooglePoolProvider Trusted => new(ProviderName, Issuer.Issuer)
    {
        Condition = claims => !((string)claims["sub"]!).EndsWith("stranger", StringComparison.Ordinal),
    };

    public override CloudDouble Double => Google;

    public override ISecretProvider Provider { get; }

    protected override IReadOnlyList<string> Issued => Google.Accounts.Issued;

    public override string? MissingVersion => "99";

    public override string? Identity => _impersonates
        ? Account
        : $"principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/secretfunctions/subject/{Billing}";

    public override IReadOnlyList<string> Subjects => Google.Pools.Subjects;

    public override TimeSpan Lifetime { get; } = TimeSpan.FromMinutes(56);

    public override IReadOnlyDictionary<string, string> Target
    {
        get
        {
            var target = new Dictionary<string, string>
            {
                ["workloadIdentityProvider"] = ProviderName,
                [FederationTarget.Audience] = $"https://iam.googleapis.com/{ProviderName}",
            };
            if (_impersonates)
            {
                target["serviceAccount"] = Account;
            }

            return target;
        }
    }

    public override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["projectId"] = Google.Secrets.Project };

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.TrustRejected] = "invalid_grant",
        [ProviderFailure.PermissionDenied] = "IAM_PERMISSION_DENIED",
        [ProviderFailure.SecretNotFound] = "NOT_FOUND",
        [ProviderFailure.VersionNotFound] = "NOT_FOUND",
        [ProviderFailure.Throttled] = "RESOURCE_EXHAUSTED",
    };

    public override IReadOnlyDictionary<Forgery, Refusal> Refusals { get; } = new Dictionary<Forgery, Refusal>
    {
        [Forgery.Issuer] = new("invalid_grant", "issuer-uri"),
        [Forgery.Audience] = new("invalid_grant", "allowed audiences"),
        [Forgery.Subject] = new("unauthorized_client", "attribute condition"),
        [Forgery.Unsigned] = new("invalid_grant", "RS256"),
        [Forgery.PublicKeyAsSecret] = new("invalid_grant", "RS256"),
        [Forgery.OtherAlgorithm] = new("invalid_grant", "RS256"),
        [Forgery.Expired] = new("invalid_grant", "clock"),
        [Forgery.NotYetValid] = new("invalid_grant", "clock"),
        [Forgery.Resigned] = new("invalid_grant", "signature"),
        [Forgery.KeyUnknown] = new("invalid_grant", "key"),
    };

    public static async Task<GoogleFederationFixture> StartAsync(TestIssuer issuer, bool impersonates)
    {
        var google = new GoogleDouble(issuer.Clock);
        await google.StartAsync();
        return new GoogleFederationFixture(google, issuer, impersonates);
    }

    public override void Put(string name, string value) => Google.Secrets.Put(name, Encoding.UTF8.GetBytes(value));

    public override void EndAccess() => Google.Accounts.RevokeTokens();

    public override void DenyReads(string subject) => Google.Secrets.DeniedSubjects.Add(subject);

    public override void DenyLists() => Google.Secrets.Permissions.Remove("secretmanager.secrets.list");

    public override void ThrottleNext(TimeSpan retryAfter) =>
        Double.Faults.AnswerNext(429, GoogleSecrets.ErrorBody(429, "RESOURCE_EXHAUSTED", "Quota exceeded."), retryAfter: retryAfter);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }
}
