using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Google;
using SecretFunctions.Providers.Http;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;
using SecretFunctions.Testing.CloudDoubles.Google;

namespace SecretFunctions.Providers.Tests.Google;

/// <summary>A running double and the provider pointed at it.</summary>
internal sealed class GoogleFixture : SecretProviderFixture
{
    public const string Email = "reader@acme-prod.iam.gserviceaccount.com";

    private readonly JsonObject _forged = GoogleAccounts.ForgeKey(Email);
    private readonly ProviderHttp _http;

    private GoogleFixture(GoogleDouble google, TestClock clock)
    {
        Google = google;
        Clock = clock;
        Key = google.Accounts.CreateKey(Email);
        var options = new ProviderHttpOptions { EndpointOverrides = { ["google-oauth2"] = google.Address, ["google-secretmanager"] = google.Address } };
        _http = new ProviderHttp(options);
        Provider = new GoogleSecretManagerProvider(_http, clock);
    }

    public GoogleDouble Google { get; }

    public TestClock Clock { get; }

    public JsonObject Key { get; }

    public override CloudDouble Double => Google;

    public override ISecretProvider Provider { get; }

    public override IReadOnlyList<string> Canaries =>
        [.. Google.Accounts.Issued, .. PrivateLines(Key), .. PrivateLines(_forged)];

    public override IReadOnlyDictionary<string, string> ProviderCodes { get; } = new Dictionary<string, string>
    {
        [ProviderFailure.AuthenticationFailed] = "invalid_grant",
        [ProviderFailure.PermissionDenied] = "IAM_PERMISSION_DENIED",
        [ProviderFailure.SecretNotFound] = "NOT_FOUND",
        [ProviderFailure.VersionNotFound] = "NOT_FOUND",
        [ProviderFailure.Throttled] = "RESOURCE_EXHAUSTED",
    };

    public override string? MissingVersion => "99";

    public override string? Identity => Email;

    public override int? Logins => Google.Requests.Count(request => request == "token");

    public static async Task<GoogleFixture> StartAsync(TestClock clock)
    {
        var google = new GoogleDouble(clock);
        await google.StartAsync();
        return new GoogleFixture(google, clock);
    }

    public override ProviderConnection Connect(bool authentic = true) => Connect(authentic ? Key : _forged);

    public ProviderConnection Connect(JsonObject key, string? location = null)
    {
        var settings = new Dictionary<string, string> { ["projectId"] = Google.Secrets.Project };
        if (location is not null)
        {
            settings["location"] = location;
        }

        return new ProviderConnection("google-prod", settings, new ProviderAuth.Static(new Dictionary<string, SecretValue>
        {
            ["serviceAccountKey"] = new(Encoding.UTF8.GetBytes(key.ToJsonString())),
        }));
    }

    public override void Put(string name, string value) => Google.Secrets.Put(name, Encoding.UTF8.GetBytes(value));

    public override void DenyReads() => Google.Secrets.Permissions.Remove("secretmanager.versions.access");

    public override void DenyLists() => Google.Secrets.Permissions.Remove("secretmanager.secrets.list");

    public override void ThrottleNext(TimeSpan retryAfter) =>
        Double.Faults.AnswerNext(429, GoogleSecrets.ErrorBody(429, "RESOURCE_EXHAUSTED", "Quota exceeded."), retryAfter: retryAfter);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }

    private static IEnumerable<string> PrivateLines(JsonObject key) =>
        ((string)key["private_key"]!).Split('\n').Where(line => line.Length > 40);
}
