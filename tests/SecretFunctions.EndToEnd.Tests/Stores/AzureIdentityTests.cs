using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.EndToEnd.Tests.Stores;

/// <summary>Whatever the service runs as in Azure, found by the vendor's own chain.</summary>
public sealed class AzureIdentityTests() : AmbientTest("azure-key-vault")
{
    private const string ClientId = "00000000-aaaa-bbbb-cccc-000000000001";
    private const string Identity = $"application {ClientId} (object 99999999-aaaa-bbbb-cccc-000000000001)";

    private TunnelDouble Tunnel { get; set; } = null!;

    private ManagedIdentityDouble Platform { get; set; } = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Stores.Entra.AddApplication(ClientId);
        Tunnel = new TunnelDouble(new Dictionary<string, Uri> { [EntraDouble.Host] = Stores.Entra.Address });
        Platform = new ManagedIdentityDouble(Stores.Entra, ClientId);
        await Platform.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await Platform.DisposeAsync();
        await Tunnel.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task The_managed_identity_of_an_app_service()
    {
        await using var server = await StartAsync(("IDENTITY_ENDPOINT", Platform.AppServiceAddress), ("IDENTITY_HEADER", ManagedIdentityDouble.Header));

        await ShouldReadAsync(server, Identity);
    }

    [Fact]
    public async Task An_app_service_that_refuses()
    {
        await using var server = await StartAsync(("IDENTITY_ENDPOINT", Platform.AppServiceAddress), ("IDENTITY_HEADER", "canary-wrong"));

        await ShouldBeRefusedAsync(server);
        Platform.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task The_managed_identity_of_a_virtual_machine()
    {
        // At an address of its own, which no variable moves in earnest.
        await using var server = await StartAsync(("HTTP_PROXY", $"{Platform.Address}"));

        await ShouldReadAsync(server, Identity);
    }

    [Fact]
    public async Task The_application_of_a_pod_by_its_service_account()
    {
        await using var server = await PodAsync(PodSubject);

        await ShouldReadAsync(server, Identity);
        Stores.Entra.Subjects.ShouldBe([PodSubject]);
    }

    [Fact]
    public async Task A_pod_that_the_application_does_not_trust()
    {
        await using var server = await PodAsync(StrangerSubject);

        await ShouldBeRefusedAsync(server);
        Stores.Entra.Requests.ShouldContain($"token {ClientId}");
    }

    [Theory]
    [InlineData(AllStores.AzureSecret, true)]
    [InlineData("canary-wrong", false)]
    public async Task An_application_by_a_secret_in_the_environment(string secret, bool works)
    {
        Stores.Entra.AddApplication(ClientId, AllStores.AzureSecret);
        await using var server = await StartAsync([.. Application(), ("AZURE_CLIENT_SECRET", secret)]);

        await (works ? ShouldReadAsync(server, Identity) : ShouldBeRefusedAsync(server));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_application_by_a_certificate_in_a_file(bool isItsOwn)
    {
        using var key = RSA.Create(2048);
        using var another = RSA.Create(2048);
        Stores.Entra.AddApplication(ClientId, isItsOwn ? key : another);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=acme", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = await WriteAsync("certificate.pem", $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        await using var server = await StartAsync([.. Application(), ("AZURE_CLIENT_CERTIFICATE_PATH", file)]);

        await (isItsOwn ? ShouldReadAsync(server, Identity) : ShouldBeRefusedAsync(server));
        Stores.Entra.Requests.ShouldContain($"token {ClientId}");
    }

    [Fact]
    public async Task Keys_in_a_vault_wrap_and_sign_for_it()
    {
        Stores.Azure.Keys.Add("root");
        Stores.Azure.Keys.Add("issuer");
        const string audience = "https://api.example.org";
        await using var server = await StartAsync(
            ("IDENTITY_ENDPOINT", Platform.AppServiceAddress),
            ("IDENTITY_HEADER", ManagedIdentityDouble.Header),
            ("SecretFunctions__Root__KeyVaultKey", $"{Stores.Azure.Address}keys/root"),
            ("SecretFunctions__SigningKeys__KeyVaultKey", $"{Stores.Azure.Address}keys/issuer"));

        (await Answer.OfAsync(server.Operator, HttpMethod.Put, "v1/organizations/default", new JsonObject { ["tokenAudiences"] = new JsonArray(audience) })).ShouldSucceed();
        using var crew = await server.AutomationAsync();
        (await Answer.OfAsync(crew, HttpMethod.Post, "v1/tokens", new JsonObject { ["audience"] = audience })).ShouldBe(200);

        new[] { "wrapkey", "sign" }.ShouldBeSubsetOf(Stores.Azure.Requests.Select(static request => request.Split('/')[^1]));
    }

    /// <summary>What the workload identity webhook puts into a pod's environment, for an application that trusts one service account of the cluster.</summary>
    private async Task<StoresServer> PodAsync(string subject)
    {
        const string audience = "api://AzureADTokenExchange";
        Stores.Entra.AddFederatedCredential(ClientId, ClusterIssuer, PodSubject, audience);
        return await StartAsync([.. Application(), ("AZURE_FEDERATED_TOKEN_FILE", await WriteTokenAsync(subject, audience))]);
    }

    /// <summary>The vendor's library takes no authority it does not know, and finds none in our settings: Entra ID stands where the real one does.</summary>
    private (string Name, string? Value)[] Application() =>
    [
        ("SecretFunctions__Providers__EndpointOverrides__entra", null),
        ("HTTPS_PROXY", Tunnel.Address),
        ("SSL_CERT_FILE", TestCertificates.RootFile),
        ("AZURE_TENANT_ID", Stores.Entra.TenantId),
        ("AZURE_CLIENT_ID", ClientId),
    ];
}
