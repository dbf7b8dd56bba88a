using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles;

namespace SecretFunctions.Api.Tests.Access.Trust;

/// <summary>A deployment and a platform whose tokens it can be told to believe, on loopback, which the operator allowed.</summary>
public abstract class TrustTest(Head head) : IAsyncLifetime
{
    protected const string Audience = "secretfunctions";
    protected const string OurName = "https://secrets.example.org";

    protected ApiHost Host { get; private set; } = null!;

    protected HttpClient Operator => Host.Operator;

    protected ForeignIssuer Issuer { get; } = new();

    protected Head Head => head;

    public virtual async Task InitializeAsync()
    {
        await Issuer.StartAsync();
        Host = await ApiHost.StartAsync(head, configure: null, ("Issuer", OurName), ("Providers:AllowedHosts", Issuer.Address.Authority));
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Issuer.DisposeAsync();
    }

    /// <summary>Trusts <see cref="Issuer"/>, or another with its keys, for this principal.</summary>
    protected async Task TrustAsync(string name, string principal, string conditions, string? issuer = null, string audience = Audience) =>
        (await PutAsync(Operator, name, principal, conditions, issuer, audience)).Status.ShouldBeOneOf(200, 201);

    protected Task<Reply> PutAsync(HttpClient client, string name, string principal, string conditions, string? issuer = null, string audience = Audience) =>
        client.PutAsync($"/v1/trusted-issuers/{name}", new JsonObject
        {
            ["issuer"] = issuer ?? Issuer.Name,
            ["audience"] = audience,
            ["conditions"] = JsonNode.Parse(conditions),
            ["principal"] = new JsonObject { ["type"] = principal.Split(':')[0], ["name"] = principal.Split(':')[1] },
            ["jwksUri"] = issuer is null ? null : Issuer.KeysAddress,
        }.ToJsonString());

    /// <summary>The automation <c>deploy</c>, assigned <c>DB=postgres</c> in dev, for tokens of <c>repository: acme/web</c>.</summary>
    protected async Task DeployAsync()
    {
        await Operator.AutomationWithAsync("deploy", ("DB", "postgres"));
        await TrustAsync("ci", "automation:deploy", """{"repository":"acme/web"}""");
    }

    /// <summary>Claims as <see cref="DeployAsync"/> wants them, changed.</summary>
    protected JsonObject Claims(params (string Name, JsonNode? Value)[] changed)
    {
        var now = Host.Clock.GetUtcNow().ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Issuer.Name,
            ["aud"] = Audience,
            ["sub"] = "repo:acme/web:ref:refs/heads/main",
            ["repository"] = "acme/web",
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + 300,
            ["jti"] = "4b5c",
        };
        foreach (var (name, value) in changed)
        {
            claims.Remove(name);
            if (value is not null)
            {
                claims[name] = value;
            }
        }

        return claims;
    }

    protected Task<Reply> WhoamiAsync(string token, string? organization = null) => Host.Client(token, organization).GetReplyAsync("/v1/whoami");

    protected Task<Reply> WhoamiAsync(JsonObject claims) => WhoamiAsync(Issuer.Sign(claims));
}
