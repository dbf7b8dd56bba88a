using System.Text;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Aws;
using SecretFunctions.Testing.CloudDoubles.Azure;
using SecretFunctions.Testing.CloudDoubles.Conjur;
using SecretFunctions.Testing.CloudDoubles.Google;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>
/// Doubles of all clouds that take our tokens. Each verifies them as the real one does, by what it fetches from the issuer's public address, and
/// trusts what an admin told it, no more.
/// </summary>
internal sealed class FederatedClouds : IAsyncDisposable
{
    public const string Crew = "org:default:project:default:environment:dev:automation:crew";

    /// <summary>What Entra ID is told: one federated credential for each automation would be too many.</summary>
    public const string Dev = "org:default:project:default:environment:dev";

    private const string AzureClient = "12345678-aaaa-bbbb-cccc-123456789012";
    private const string Account = "reader@acme-prod.iam.gserviceaccount.com";
    private const string Pool = "projects/123456789012/locations/global/workloadIdentityPools/secretfunctions/providers/issuer";

    private string _azurePrincipal = "";

    private FederatedClouds()
    {
        Aws = new AwsDouble(Clock);
        Entra = new EntraDouble(Clock);
        KeyVault = new KeyVaultDouble(Entra, Clock);
        Google = new GoogleDouble(Clock);
        Vault = new VaultDouble(Clock);
        Conjur = new ConjurDouble(Clock);
    }

    public TestClock Clock { get; } = new() { SkipsPausesUpTo = TimeSpan.FromSeconds(5) };

    public IssuerFront Front { get; } = new();

    public AwsDouble Aws { get; }

    public EntraDouble Entra { get; }

    public KeyVaultDouble KeyVault { get; }

    public GoogleDouble Google { get; }

    public VaultDouble Vault { get; }

    public ConjurDouble Conjur { get; }

    /// <summary>Of section SecretFunctions.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Issuer", Front.Issuer),
        ("Providers:AllowedHosts", "127.0.0.1"),
        ("Providers:TrustedRootsFile", TestCertificates.RootFile),
        ("Providers:EndpointOverrides:aws-sts", $"{Aws.Address}"),
        ("Providers:EndpointOverrides:aws-secretsmanager", $"{Aws.Address}"),
        ("Providers:EndpointOverrides:google-sts", $"{Google.Address}"),
        ("Providers:EndpointOverrides:google-iamcredentials", $"{Google.Address}"),
        ("Providers:EndpointOverrides:google-secretmanager", $"{Google.Address}"),
        ("Providers:EndpointOverrides:entra", $"{Entra.Address}"),
    ];

    private IReadOnlyList<CloudDouble> All => [Front, Aws, Entra, KeyVault, Google, Vault, Conjur];

    public static async Task<FederatedClouds> StartAsync()
    {
        var clouds = new FederatedClouds();
        foreach (var one in clouds.All)
        {
            one.Dates = clouds.Clock;
            await one.StartAsync();
        }

        clouds._azurePrincipal = clouds.Entra.AddApplication(AzureClient);
        clouds.Google.Accounts.AddAccount(Account);
        clouds.Vault.Jwt.Issuer = clouds.Front.Issuer;
        clouds.Conjur.Jwt.ServiceId = "secretfunctions";
        (clouds.Conjur.Jwt.Issuer, clouds.Conjur.Jwt.Audience) = (clouds.Front.Issuer, $"{clouds.Conjur.Address}");
        return clouds;
    }

    /// <summary>Does at a cloud what its guide tells an admin to do, for this subject.</summary>
    public void Trust(string cloud, string? subject = null, string? issuer = null)
    {
        (issuer, subject) = (issuer ?? Front.Issuer, subject ?? SubjectAt(cloud));
        switch (cloud)
        {
            case "aws":
                Aws.Identities.SetIdentityProvider(issuer, "sts.amazonaws.com");
                Aws.Identities.AddRole("reader", new AwsDoubleWebTrust(issuer, [subject], "sts.amazonaws.com"));
                break;
            case "google":
                Google.Pools.SetProvider(new GooglePoolProvider(Pool, issuer) { Condition = claims => (string?)claims["sub"] == subject });
                Google.Pools.Grant(Account, new GooglePoolProvider(Pool, issuer).Principal(subject));
                break;
            case "azure":
                Entra.AddFederatedCredential(AzureClient, issuer, subject);
                break;
            case "vault":
                Vault.Jwt.SetRole("reader", new VaultJwtRole([$"{Vault.Address}"], subject));
                break;
            default:
                Conjur.Jwt.SetHost(subject, new ConjurJwtHost(new Dictionary<string, string>()));
                break;
        }
    }

    /// <summary>A configuration for it.</summary>
    public string Config(string cloud, string more = "") => $"{{\"cloud\":\"{cloud}\",{(cloud switch
    {
        "aws" => "\"roleArn\":\"arn:aws:iam::123456789012:role/reader\"",
        "google" => $"\"workloadIdentityProvider\":\"{Pool}\",\"serviceAccount\":\"{Account}\"",
        "azure" => $"\"tenantId\":\"{Entra.TenantId}\",\"clientId\":\"{AzureClient}\"",
        "vault" => $"\"address\":\"{Vault.Address}\",\"role\":\"reader\"",
        _ => $"\"address\":\"{Conjur.Address}\",\"account\":\"{Conjur.Account}\",\"serviceId\":\"secretfunctions\"",
    })}{more}}}";

    /// <summary>A credential through the configuration of the cloud's name.</summary>
    public string Credential(string cloud) => $"{{{(cloud switch
    {
        "aws" => $"\"provider\":\"aws-secrets-manager\",\"region\":\"{Aws.Region}\"",
        "google" => $"\"provider\":\"google-secret-manager\",\"projectId\":\"{Google.Secrets.Project}\"",
        "azure" => $"\"provider\":\"azure-key-vault\",\"vaultUrl\":\"{KeyVault.Address}\"",
        "vault" => $"\"provider\":\"hashicorp-vault\",\"address\":\"{Vault.Address}\"",
        _ => $"\"provider\":\"cyberark-conjur\",\"address\":\"{Conjur.Address}\",\"account\":\"{Conjur.Account}\"",
    })},\"auth\":{{\"type\":\"workload-identity\",\"config\":\"{cloud}\"}}}}";

    /// <summary>Writes a secret; how a reference names it.</summary>
    public string Put(string cloud, string value)
    {
        const string name = "openai";
        switch (cloud)
        {
            case "aws":
                Aws.Secrets.Put(name, value);
                return name;
            case "google":
                Google.Secrets.Put(name, Encoding.UTF8.GetBytes(value));
                return name;
            case "azure":
                KeyVault.Put(name, value);
                return name;
            case "vault":
                Vault.Kv.Put(name, $"{{\"value\":\"{value}\"}}");
                return $"{name}#value";
            default:
                Conjur.Put(name, value);
                return name;
        }
    }

    /// <summary>Whom it sees, if all is well.</summary>
    public string IdentityAt(string cloud) => cloud switch
    {
        "aws" => "arn:aws:sts::123456789012:assumed-role/reader/crew-",
        "google" => Account,
        "azure" => $"application {AzureClient} (object {_azurePrincipal})",
        "vault" => Vault.Jwt.DisplayName(Crew),
        _ => Conjur.Jwt.LoginOf(Crew),
    };

    public static string SubjectAt(string cloud) => cloud == "azure" ? Dev : Crew;

    /// <summary>Where it exchanges tokens.</summary>
    public CloudDouble ExchangeOf(string cloud) => cloud switch
    {
        "aws" => Aws,
        "google" => Google,
        "azure" => Entra,
        "vault" => Vault,
        _ => Conjur,
    };

    public async ValueTask DisposeAsync()
    {
        foreach (var one in All)
        {
            await one.DisposeAsync();
        }
    }
}
