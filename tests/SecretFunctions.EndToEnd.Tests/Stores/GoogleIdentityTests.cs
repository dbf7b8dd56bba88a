using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.EndToEnd.Tests.Stores;

/// <summary>Whatever the service runs as at Google, found by the vendor's own chain.</summary>
public sealed class GoogleIdentityTests() : AmbientTest("google-secret-manager")
{
    private const string Account = "secretfunctions@acme-prod.iam.gserviceaccount.com";
    private const string Pool = "projects/123456789012/locations/global/workloadIdentityPools/acme/providers/cluster";

    [Fact]
    public async Task The_service_account_of_a_machine_by_its_metadata_server()
    {
        Stores.Google.Accounts.AddAccount(Account);
        await using var metadata = new GoogleMetadataDouble(Stores.Google.Accounts, Account);
        await metadata.StartAsync();
        await using var server = await StartAsync(("GCE_METADATA_HOST", metadata.Address.Authority));

        // The metadata server gives a token and no name.
        await ShouldReadAsync(server, identity: null);
    }

    [Fact]
    public async Task A_service_account_by_a_key_file()
    {
        await using var server = await ByFileAsync(KeyFile());

        await ShouldReadAsync(server, Account);
    }

    [Fact]
    public async Task A_key_file_whose_account_was_deleted()
    {
        await using var server = await ByFileAsync(KeyFile());
        Stores.Google.Accounts.DeleteAccount(Account);

        await ShouldBeRefusedAsync(server, "invalid_grant");
    }

    [Fact]
    public async Task A_principal_of_a_pool_by_the_token_of_a_pod()
    {
        await using var server = await ByFileAsync(await PodAsync(PodSubject));

        await ShouldReadAsync(server, identity: null);
        Stores.Google.Pools.Subjects.ShouldBe([PodSubject]);
    }

    [Fact]
    public async Task A_service_account_that_a_pod_may_become()
    {
        Stores.Google.Accounts.AddAccount(Account);
        Stores.Google.Pools.Grant(Account, new GooglePoolProvider(Pool, ClusterIssuer).Principal(PodSubject));
        var file = await PodAsync(PodSubject);
        file["service_account_impersonation_url"] = $"{Stores.Google.Address}v1/projects/-/serviceAccounts/{Account}:generateAccessToken";
        await using var server = await ByFileAsync(file);

        await ShouldReadAsync(server, identity: null);
        Stores.Google.Requests.ShouldContain($"generateAccessToken {Account}");
    }

    [Fact]
    public async Task A_pod_that_the_pool_does_not_admit()
    {
        await using var server = await ByFileAsync(await PodAsync(StrangerSubject));

        await ShouldBeRefusedAsync(server, "unauthorized_client");
    }

    /// <summary>As the operator downloads it. Theirs is followed where it names a token endpoint; a tenant's never is.</summary>
    private JsonObject KeyFile()
    {
        var file = Stores.Google.Accounts.CreateKey(Account);
        file["token_uri"] = $"{Stores.Google.Address}token";
        file["universe_domain"] = "googleapis.com";
        return file;
    }

    /// <summary>What <c>gcloud iam workload-identity-pools create-cred-config</c> writes, beside the token it names.</summary>
    private async Task<JsonObject> PodAsync(string subject)
    {
        Stores.Google.Pools.SetProvider(new GooglePoolProvider(Pool, ClusterIssuer) { Condition = static claims => (string?)claims["sub"] == PodSubject });
        return new JsonObject
        {
            ["type"] = "external_account",
            ["audience"] = $"//iam.googleapis.com/{Pool}",
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["token_url"] = $"{Stores.Google.Address}v1/token",
            ["credential_source"] = new JsonObject
            {
                ["file"] = await WriteTokenAsync(subject, $"https://iam.googleapis.com/{Pool}"),
                ["format"] = new JsonObject { ["type"] = "text" },
            },
        };
    }

    private async Task<StoresServer> ByFileAsync(JsonObject file) =>
        await StartAsync(("GOOGLE_APPLICATION_CREDENTIALS", await WriteAsync("google.json", file.ToJsonString())));
}
