using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Events;

public abstract class EventAdmissionTests(Head head) : EventTest(head)
{
    [Fact]
    public async Task A_key_may_come_in_either_header_and_for_Event_Grid_in_the_query()
    {
        (await Host.Anonymous.PostAsync($"/v1/events/{Aws}", Deliveries.PutSecretValue(), ("X-Api-Key", Key))).ShouldBe(200, """{"dropped":1}""");
        (await Host.Anonymous.PostAsync($"/v1/events/{Azure}?key={Key}", Deliveries.EventGrid())).ShouldBe(200, """{"dropped":1}""");
        (await Host.Anonymous.PostAsync($"/v1/events/{Google}?key={Key}", Deliveries.PubSub())).ShouldBeProblem(401, "auth.missing");
        (await Host.Anonymous.PostAsync($"/v1/events/{Azure}?key={Key}x", Deliveries.EventGrid())).ShouldBeProblem(401, "auth.invalid");
    }

    [Fact]
    public async Task A_key_in_the_query_is_in_no_log_at_any_level()
    {
        (await Host.Anonymous.PostAsync($"/v1/events/{Azure}?key={Key}", Deliveries.EventGrid())).ShouldBe(200);
        (await Host.Anonymous.PostAsync($"/v1/events/{Azure}?key={Key}", "not json")).ShouldBe(400);
        Host.Logs.Lines.ShouldNotContain(line => line.Text.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_needs_the_permission()
    {
        var viewer = await Host.ServiceAsync("viewer", "cache: view", "secret_values: view");
        await Host.Operator.AutomationAsync("crew");
        var crew = await Host.AutomationAsync("crew");

        (await viewer.PostAsync($"/v1/events/{Aws}", Deliveries.PutSecretValue())).ShouldBeProblem(403, "access.permission_missing");
        (await crew.PostAsync($"/v1/events/{Aws}", Deliveries.PutSecretValue())).ShouldBeProblem(403, "access.automation_only_itself");
        (await Host.Anonymous.PostAsync($"/v1/events/{Aws}", Deliveries.PutSecretValue())).ShouldBeProblem(401, "auth.missing");
        (await CachedAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task Clouds_sign_tokens_of_their_own()
    {
        var v1 = EntraClaims();
        v1["iss"] = $"https://sts.windows.net/{Tenant}/";
        v1.Remove("azp");
        v1["appid"] = "event-grid";

        (await SendWithTokenAsync(Azure, Deliveries.EventGrid(), Issuer.Sign(EntraClaims()))).ShouldBe(200, """{"dropped":1}""");
        (await SendWithTokenAsync(Azure, Deliveries.EventGrid(), Issuer.Sign(v1))).ShouldBe(200, """{"dropped":0}""");
        (await SendWithTokenAsync(Google, Deliveries.PubSub(), Issuer.Sign(GoogleClaims()))).ShouldBe(200, """{"dropped":1}""");

        (await RotationsAsync()).Select(static entry => (string?)entry["actor"]!["name"]).ShouldBe([Google, Azure]);
        Issuer.Requests.ShouldBe([$"/{Tenant}/discovery/v2.0/keys", "/oauth2/v3/certs"]);
    }

    [Fact]
    public async Task Tokens_that_are_not_quite_right_are_refused_and_change_nothing()
    {
        using var foreign = RSA.Create(2048);
        var good = GoogleClaims();
        var token = Issuer.Sign(GoogleClaims());
        var parts = token.Split('.');
        var publicKey = Issuer.Key("key-1").ExportSubjectPublicKeyInfo();
        foreach (var (code, forged) in new (string, string)[]
        {
            ("token.signature", TestJwt.Sign(Header("RS256"), good, foreign)),
            ("token.signature", $"{parts[0]}.{Part(With("sub", "someone-else"))}.{parts[2]}"),
            ("token.algorithm", $"{Part(Header("none"))}.{parts[1]}."),
            ("token.algorithm", WithMac($"{Part(Header("HS256"))}.{parts[1]}", publicKey)),
            ("token.algorithm", WithMac($"{Part(Header("HS256"))}.{parts[1]}", Encoding.ASCII.GetBytes(Issuer.Key("key-1").ExportSubjectPublicKeyInfoPem()))),
            ("token.key_unknown", TestJwt.Sign(new JsonObject { ["alg"] = "RS256", ["kid"] = "made-up" }, good, foreign)),
            ("token.key_unknown", TestJwt.Sign(new JsonObject { ["alg"] = "RS256" }, good, Issuer.Key("key-1"))),
            ("token.algorithm", TestJwt.Sign(new JsonObject { ["alg"] = "RS256", ["kid"] = "key-1", ["crit"] = new JsonArray("b64") }, good, Issuer.Key("key-1"))),
            ("token.issuer", Issuer.Sign(With("iss", "https://accounts.example.org"))),
            ("token.audience", Issuer.Sign(With("aud", "https://another.example.org"))),
            ("token.expired", Issuer.Sign(With("exp", Host.Clock.GetUtcNow().ToUnixTimeSeconds() - 61))),
            ("token.expired", Issuer.Sign(With("exp", null))),
            ("token.not_yet_valid", Issuer.Sign(With("nbf", Host.Clock.GetUtcNow().ToUnixTimeSeconds() + 120))),
            ("token.claims", Issuer.Sign(With("email", "somebody@example.org"))),
            ("token.claims", Issuer.Sign(With("email", null))),
            ("token.claims", Issuer.Sign(With("email_verified", false))),
            ("token.malformed", $"{token}.a.b"),
            ("token.malformed", "a.b.c"),
            ("token.malformed", $"{token}{new string('A', 16 * 1024)}"),
            ("auth.invalid", new string('x', 64)),
        })
        {
            (await SendWithTokenAsync(Google, Deliveries.PubSub(), forged)).ShouldBeProblem(401, code);
        }

        var other = EntraClaims();
        other["azp"] = "another-application";
        (await SendWithTokenAsync(Azure, Deliveries.EventGrid(), Issuer.Sign(other))).ShouldBeProblem(401, "token.claims");
        (await SendWithTokenAsync(Azure, Deliveries.EventGrid(), token)).ShouldBeProblem(401, "token.audience");
        (await SendWithTokenAsync(Aws, Deliveries.PutSecretValue(), token)).ShouldBeProblem(401, "auth.issuer_not_trusted");
        (await CachedAsync()).ShouldBe(3);
        (await RotationsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cloud_s_token_is_good_for_its_events_and_nothing_else()
    {
        var google = Host.Client(Issuer.Sign(GoogleClaims()));
        (await google.GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.issuer_not_trusted");
        (await google.DeleteReplyAsync("/v1/cache")).ShouldBeProblem(401, "auth.issuer_not_trusted");
    }

    [Fact]
    public async Task Another_subscription_is_refused()
    {
        var another = Deliveries.PubSub(subscription: "projects/acme-prod/subscriptions/another");
        (await SendWithTokenAsync(Google, another, Issuer.Sign(GoogleClaims()))).ShouldBeProblem(403, "event.subscription_unexpected");
        (await SendAsync(Google, another)).ShouldBeProblem(403, "event.subscription_unexpected");
        (await CachedAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task A_new_signing_key_is_found_at_once_and_the_next_after_a_minute()
    {
        (await SendWithTokenAsync(Google, Deliveries.PubSub(), Issuer.Sign(GoogleClaims()))).ShouldBe(200);
        (await SendWithTokenAsync(Google, Deliveries.PubSub(), Issuer.Sign(GoogleClaims(), "key-2"))).ShouldBe(200);
        var renewed = Issuer.Sign(GoogleClaims(), "key-3");
        for (var i = 0; i < 3; i++)
        {
            (await SendWithTokenAsync(Google, Deliveries.PubSub(), renewed)).ShouldBeProblem(401, "token.key_unknown");
        }

        Issuer.Requests.Count.ShouldBe(2);
        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        (await SendWithTokenAsync(Google, Deliveries.PubSub(), renewed)).ShouldBe(200);
        Issuer.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_issuer_that_cannot_be_reached_is_told_apart_from_a_wrong_token()
    {
        var token = Issuer.Sign(GoogleClaims());
        await Issuer.DisposeAsync();
        (await SendWithTokenAsync(Google, Deliveries.PubSub(), token)).ShouldBeProblem(503, "token.keys_unavailable");
    }

    [Fact]
    public async Task Event_Grid_is_answered_its_code_for_a_vault_we_read_from()
    {
        var header = ("aeg-event-type", "SubscriptionValidation");
        (await SendAsync(Azure, Deliveries.Validation(), header)).ShouldBe(200, """{"validationResponse":"512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}""");
        (await Host.Anonymous.PostAsync($"/v1/events/{Azure}?key={Key}", Deliveries.Validation(), header)).ShouldBe(200);
        (await Host.Client(Issuer.Sign(EntraClaims())).PostAsync($"/v1/events/{Azure}", Deliveries.Validation(), header)).ShouldBe(200);

        (await Host.Anonymous.PostAsync($"/v1/events/{Azure}", Deliveries.Validation(), header)).ShouldBeProblem(401, "auth.missing");
        (await SendAsync(Azure, Deliveries.Validation("/subscriptions/1/resourceGroups/r/providers/Microsoft.KeyVault/vaults/another"), header)).ShouldBeProblem(403, "event.topic_unexpected");
        (await SendAsync(Azure, Deliveries.Validation("/subscriptions/1/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/acme"), header)).ShouldBeProblem(403, "event.topic_unexpected");
        (await SendAsync(Azure, Deliveries.EventGrid(), header)).ShouldBeProblem(400, "event.malformed");
    }

    [Fact]
    public async Task CloudEvents_are_agreed_to_in_advance()
    {
        var reply = await Host.Anonymous.SendAsync(
            HttpMethod.Options, $"/v1/events/{Azure}?key={Key}", null, ("WebHook-Request-Origin", "eventgrid.azure.net"), ("WebHook-Request-Rate", "120"));
        reply.ShouldBe(200);
        reply.Headers.GetValues("WebHook-Allowed-Origin").ShouldBe(["eventgrid.azure.net"]);
        reply.Headers.GetValues("WebHook-Allowed-Rate").ShouldBe(["*"]);

        (await Host.Anonymous.SendAsync(HttpMethod.Options, $"/v1/events/{Azure}", null, ("WebHook-Request-Origin", "eventgrid.azure.net"))).ShouldBeProblem(401, "auth.missing");
        (await Sender.SendAsync(HttpMethod.Options, $"/v1/events/{Azure}", null)).ShouldBeProblem(400, "event.origin_missing");
        (await Sender.SendAsync(HttpMethod.Options, $"/v1/events/{Aws}", null, ("WebHook-Request-Origin", "x"))).ShouldBeProblem(400, "event.origin_missing");
    }

    private JsonObject With(string claim, JsonNode? value)
    {
        var claims = GoogleClaims();
        claims.Remove(claim);
        if (value is not null)
        {
            claims[claim] = value;
        }

        return claims;
    }

    private static JsonObject Header(string algorithm) => new() { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = "key-1" };

    private static string Part(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string WithMac(string signed, byte[] key) => $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";

    public sealed class Direct() : EventAdmissionTests(Head.Direct);

    public sealed class BehindARouter() : EventAdmissionTests(Head.BehindARouter);
}
