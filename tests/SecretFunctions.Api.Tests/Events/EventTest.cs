using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Events;

/// <summary>A deployment with a store of each cloud that sends events, one secret cached of each, and an issuer for the clouds' own tokens.</summary>
public abstract class EventTest(Head head) : IAsyncLifetime
{
    protected const string Aws = "aws-eventbridge";
    protected const string Azure = "azure-event-grid";
    protected const string Google = "gcp-pubsub";
    protected const string Tenant = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    protected const string Subscription = "projects/acme-prod/subscriptions/secretfunctions";

    private readonly FakeProvider[] _providers =
    [
        new("aws-secrets-manager", FakeAbilities.None, "region"),
        new("azure-key-vault", FakeAbilities.None, "vaultUrl"),
        new("google-secret-manager", FakeAbilities.None, "projectId", "location"),
    ];

    protected ApiHost Host { get; private set; } = null!;

    protected JwksDouble Issuer { get; } = new();

    /// <summary>A service that may do nothing but send events, with its key.</summary>
    protected HttpClient Sender { get; private set; } = null!;

    protected string Key { get; private set; } = "";

    public async Task InitializeAsync()
    {
        await Issuer.StartAsync();
        Host = await ApiHost.StartAsync(
            head,
            services => services.AddSingleton(new ProviderCatalog(_providers)),
            ("Providers:EndpointOverrides:entra", Issuer.Address.AbsoluteUri),
            ("Providers:EndpointOverrides:google-oauth2", Issuer.Address.AbsoluteUri),
            ("Events:EntraTenantId", Tenant),
            ("Events:EntraAudience", "api://secretfunctions"),
            ("Events:EntraClientId", "event-grid"),
            ("Events:PubSubAudience", "https://secretfunctions.example.org"),
            ("Events:PubSubServiceAccount", "push@acme-prod.iam.gserviceaccount.com"),
            ("Events:PubSubSubscription", Subscription));
        Key = await Host.Operator.KeyAsync("""{"name":"events","principal":{"type":"service","name":"events"},"permissions":{"cache":"manage"}}""");
        Sender = Host.Client(Key);
        await CacheAsync("AWS", _providers[0], "aws", """ "region": "eu-west-1" """, "app/db");
        await CacheAsync("AZURE", _providers[1], "azure", """ "vaultUrl": "https://acme.vault.azure.net" """, "db_password");
        await CacheAsync("GOOGLE", _providers[2], "google", """ "projectId": "acme-prod" """, "stripe");
        await ResolveAsync();
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Issuer.DisposeAsync();
    }

    /// <summary>Changes every secret at its store, which nobody here notices.</summary>
    protected void RotateAll()
    {
        _providers[0].Put("app/db", "new");
        _providers[1].Put("db_password", "new");
        _providers[2].Put("stripe", "new");
    }

    /// <summary>The names of the variables whose new value a kickoff gets.</summary>
    protected async Task<string[]> RenewedAsync() => [.. (await ResolveAsync()).Where(static pair => (string?)pair.Value == "new").Select(static pair => pair.Key)];

    protected async Task<JsonNode[]> RotationsAsync() =>
        [.. (await Host.Operator.GetReplyAsync("/v1/audit-events?limit=200")).ShouldBe(200).Json["items"]!.AsArray().Where(static entry => (string?)entry!["action"] == "cache.rotated").Select(static entry => entry!)];

    protected async Task<int> CachedAsync() =>
        (await Host.Operator.GetReplyAsync("/v1/cache")).ShouldBe(200).Json["items"]!.AsArray().Sum(static item => (int)item!["entries"]!);

    protected Task<Reply> SendAsync(string source, string json, params (string Name, string Value)[] headers) => Sender.PostAsync($"/v1/events/{source}", json, headers);

    protected Task<Reply> SendWithTokenAsync(string source, string json, string token) => Host.Client(token).PostAsync($"/v1/events/{source}", json);

    protected JsonObject EntraClaims() => Claims($"https://login.microsoftonline.com/{Tenant}/v2.0", "api://secretfunctions", ("azp", "event-grid"));

    protected JsonObject GoogleClaims() => Claims(
        "https://accounts.google.com", "https://secretfunctions.example.org", ("email", "push@acme-prod.iam.gserviceaccount.com"), ("email_verified", true));

    private JsonObject Claims(string issuer, string audience, params (string Name, JsonNode Value)[] more)
    {
        var now = Host.Clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject { ["iss"] = issuer, ["aud"] = audience, ["sub"] = "sender", ["iat"] = now, ["nbf"] = now, ["exp"] = now + 3600 };
        foreach (var (name, value) in more)
        {
            claims[name] = value;
        }

        return claims;
    }

    private async Task CacheAsync(string key, FakeProvider provider, string credential, string setting, string secret)
    {
        provider.Put(secret, "old");
        (await Host.Operator.PutAsync(
            $"/v1/provider-credentials/{credential}", $$"""{ "provider": "{{provider.Name}}", {{setting}}, "auth": { "type": "ambient" } }""")).ShouldBe(201);
        (await Host.Operator.PutAsync(
            $"/v1/variables/dev/{key}", $$"""{ "reference": { "credential": "{{credential}}", "secret": "{{secret}}" } }""")).ShouldBe(201);
    }

    /// <summary>Returns once what was read is stored, which a kickoff does not wait for.</summary>
    private async Task<JsonObject> ResolveAsync()
    {
        var values = (await Host.Operator.PostAsync("/v1/resolve", "{}")).ShouldBe(200).Json["variables"]!.AsObject();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await CachedAsync() < _providers.Length)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        return values;
    }
}
