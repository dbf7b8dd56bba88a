using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Aws;
using SecretFunctions.Testing.CloudDoubles.Azure;
using SecretFunctions.Testing.CloudDoubles.Conjur;
using SecretFunctions.Testing.CloudDoubles.Google;
using SecretFunctions.Testing.CloudDoubles.HashiCorp;
using SecretFunctions.Testing.CloudDoubles.OnePassword;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>Doubles of all six stores, the settings that lead to them, and a credential for each that they accept.</summary>
public sealed class AllStores : IAsyncDisposable
{
    public const string AzureClient = "12345678-aaaa-bbbb-cccc-123456789012";
    public const string AzureSecret = "canary-client-secret-5d1e";
    public const string VaultToken = "hvs.canary-token-22c9";

    private AllStores(TimeProvider clock)
    {
        Aws = new AwsDouble(clock);
        Entra = new EntraDouble(clock);
        Azure = new KeyVaultDouble(Entra, clock);
        Google = new GoogleDouble(clock);
        Vault = new VaultDouble(clock);
        Conjur = new ConjurDouble(clock);
        OnePassword = new ConnectDouble();
        AwsKey = Aws.Identities.AddUser("reader");
        GoogleKey = Google.Accounts.CreateKey("reader@acme-prod.iam.gserviceaccount.com");
        Entra.AddApplication(AzureClient, AzureSecret);
        Vault.Tokens.Add(VaultToken, "token-reader");
        Credentials = new(StringComparer.Ordinal);
    }

    public AwsDouble Aws { get; }

    public EntraDouble Entra { get; }

    public KeyVaultDouble Azure { get; }

    public GoogleDouble Google { get; }

    public VaultDouble Vault { get; }

    public ConjurDouble Conjur { get; }

    public ConnectDouble OnePassword { get; }

    public AwsDoubleKey AwsKey { get; }

    public JsonObject GoogleKey { get; }

    /// <summary>The credential to write for each provider, by its wire name.</summary>
    public Dictionary<string, JsonObject> Credentials { get; }

    /// <summary>The stores, without Entra ID, which only lets in.</summary>
    public IReadOnlyList<CloudDouble> Doubles => [Aws, Azure, Google, Vault, Conjur, OnePassword];

    /// <summary>Of section SecretFunctions.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Providers:AllowedHosts", "127.0.0.1"),
        ("Providers:TrustedRootsFile", TestCertificates.RootFile),
        ("Providers:EndpointOverrides:aws-sts", $"{Aws.Address}"),
        ("Providers:EndpointOverrides:aws-secretsmanager", $"{Aws.Address}"),
        ("Providers:EndpointOverrides:google-oauth2", $"{Google.Address}"),
        ("Providers:EndpointOverrides:google-secretmanager", $"{Google.Address}"),
        ("Providers:EndpointOverrides:entra", $"{Entra.Address}"),
    ];

    /// <summary>What was asked of all stores, in no order.</summary>
    public IReadOnlyList<string> Requests => [.. Doubles.Append(Entra).SelectMany(static store => store.Requests)];

    /// <summary>What no answer, log, audit event or file may hold.</summary>
    public IReadOnlyList<string> Canaries =>
    [
        AzureSecret, VaultToken, AwsKey.SecretAccessKey, Conjur.ApiKey, OnePassword.Token, ConjurDouble.TokenPayload,
        .. Entra.Issued, .. Google.Accounts.Issued,
        .. ((string)GoogleKey["private_key"]!).Split('\n').Where(static line => line.Length > 40),
    ];

    /// <param name="clock">The service's own: the doubles compare times with it.</param>
    public static async Task<AllStores> StartAsync(TimeProvider clock)
    {
        var stores = new AllStores(clock);
        foreach (var store in stores.Doubles.Append(stores.Entra))
        {
            await store.StartAsync();
        }

        foreach (var credential in stores.Describe())
        {
            stores.Credentials.Add((string)credential["provider"]!, credential);
        }

        return stores;
    }

    /// <summary>Writes a secret, or its next version, and returns how a reference names it.</summary>
    public string Put(string provider, string name, string value)
    {
        switch (provider)
        {
            case "aws-secrets-manager":
                Aws.Secrets.Put(name, value);
                return name;
            case "azure-key-vault":
                Azure.Put(name, value);
                return name;
            case "google-secret-manager":
                Google.Secrets.Put(name, Encoding.UTF8.GetBytes(value));
                return name;
            case "hashicorp-vault":
                Vault.Kv.Put(name, new JsonObject { ["value"] = value }.ToJsonString());
                return $"{name}#value";
            case "cyberark-conjur":
                Conjur.Put(name, value);
                return name;
            default:
                OnePassword.PutPassword(name, value);
                return $"{name}#password";
        }
    }

    public void ForgetRequests()
    {
        foreach (var store in Doubles.Append(Entra))
        {
            store.ForgetRequests();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in Doubles.Append(Entra))
        {
            await store.DisposeAsync();
        }
    }

    private IEnumerable<JsonObject> Describe() =>
    [
        new()
        {
            ["provider"] = "aws-secrets-manager",
            ["region"] = Aws.Region,
            ["auth"] = new JsonObject { ["type"] = "static", ["accessKeyId"] = AwsKey.AccessKeyId, ["secretAccessKey"] = AwsKey.SecretAccessKey },
        },
        new()
        {
            ["provider"] = "azure-key-vault",
            ["vaultUrl"] = $"{Azure.Address}",
            ["auth"] = new JsonObject { ["type"] = "static", ["tenantId"] = Entra.TenantId, ["clientId"] = AzureClient, ["clientSecret"] = AzureSecret },
        },
        new()
        {
            ["provider"] = "google-secret-manager",
            ["projectId"] = Google.Secrets.Project,
            ["auth"] = new JsonObject { ["type"] = "static", ["serviceAccountKey"] = GoogleKey.DeepClone() },
        },
        new()
        {
            ["provider"] = "hashicorp-vault",
            ["address"] = $"{Vault.Address}",
            ["mount"] = "secret",
            ["kvVersion"] = 2,
            ["auth"] = new JsonObject { ["type"] = "static", ["token"] = VaultToken },
        },
        new()
        {
            ["provider"] = "cyberark-conjur",
            ["address"] = $"{Conjur.Address}",
            ["account"] = Conjur.Account,
            ["auth"] = new JsonObject { ["type"] = "static", ["login"] = Conjur.Login, ["apiKey"] = Conjur.ApiKey },
        },
        new()
        {
            ["provider"] = "1password-connect",
            ["address"] = $"{OnePassword.Address}",
            ["vault"] = ConnectDouble.VaultId,
            ["auth"] = new JsonObject { ["type"] = "static", ["token"] = OnePassword.Token },
        },
    ];
}
