using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

/// <summary>A workload identity pool, whose principals have rights of their own or become a service account.</summary>
internal sealed class FederatedGoogle(TimeProvider clock, bool impersonates) : FederatedCloud
{
    private const string Account = "reader@acme-prod.iam.gserviceaccount.com";
    private const string ProviderName = "projects/123456789012/locations/global/workloadIdentityPools/secretfunctions/providers/issuer";

    private readonly GoogleDouble _google = new(clock);

    public override CloudDouble Exchange => _google;

    public override CloudDouble Store => _google;

    public override FederatedTokens Tokens => _google.Tokens;

    public override IReadOnlyList<string> Subjects => _google.Pools.Subjects;

    public override IReadOnlyList<string> Issued => _google.Accounts.Issued;

    public override IReadOnlyList<(string Name, string Value)> Settings =>
    [
        ("Providers:EndpointOverrides:google-sts", $"{_google.Address}"),
        ("Providers:EndpointOverrides:google-iamcredentials", $"{_google.Address}"),
        ("Providers:EndpointOverrides:google-secretmanager", $"{_google.Address}"),
    ];

    public override JsonObject Configuration
    {
        get
        {
            var configuration = new JsonObject { ["cloud"] = "google", ["workloadIdentityProvider"] = ProviderName };
            if (impersonates)
            {
                configuration["serviceAccount"] = Account;
            }

            return configuration;
        }
    }

    protected override JsonObject Credential => new() { ["provider"] = "google-secret-manager", ["projectId"] = _google.Secrets.Project };

    public override void Trust(string issuer, params IReadOnlyList<string> subjects)
    {
        var provider = new GooglePoolProvider(ProviderName, issuer) { Condition = claims => subjects.Contains((string?)claims["sub"]) };
        _google.Pools.SetProvider(provider);
        _google.Accounts.AddAccount(Account);
        foreach (var subject in subjects)
        {
            _google.Pools.Grant(Account, provider.Principal(subject));
        }
    }

    public override string Put(string name, string value)
    {
        _google.Secrets.Put(name, Encoding.UTF8.GetBytes(value));
        return name;
    }

    public override void DenyReads(string subject) => _google.Secrets.DeniedSubjects.Add(subject);
}
