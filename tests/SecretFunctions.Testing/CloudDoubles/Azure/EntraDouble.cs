using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Azure;

/// <summary>
/// Entra ID's token endpoint for one tenant: client credentials are compared, errors carry AADSTS numbers, and the tokens are
/// signed ones that <see cref="KeyVaultDouble"/> verifies.
/// </summary>
public sealed class EntraDouble(TimeProvider clock, bool https = true) : CloudDouble(https)
{
    // One for all doubles of a test run: making one takes longer than most tests.
    private static readonly Lazy<RSA> Signing = new(() => RSA.Create(2048));

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly string[] Resources = ["https://vault.azure.net", "https://vault.azure.cn", "https://management.azure.com"];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Application> _applications = [];
    private readonly List<string> _issued = [];

    public string TenantId { get; } = "11111111-2222-3333-4444-555555555555";

    /// <summary>Also names the tenant.</summary>
    public string TenantDomain { get; } = "acme.onmicrosoft.example";

    /// <summary>Every token handed out, which no log may hold.</summary>
    public IReadOnlyList<string> Issued
    {
        get
        {
            lock (_gate)
            {
                return [.. _issued];
            }
        }
    }

    public string Issuer => $"https://sts.windows.net/{TenantId}/";

    /// <returns>The id of its service principal, which tokens name as <c>oid</c>.</returns>
    public string AddApplication(string clientId, string clientSecret, DateTimeOffset? secretExpires = null)
    {
        var principal = "99999999" + clientId[8..];
        lock (_gate)
        {
            _applications[clientId] = new Application(principal, clientSecret, secretExpires);
        }

        return principal;
    }

    /// <summary>The body of a refusal, for rows that no state of this double leads to.</summary>
    public static string ErrorBody(string error, int number, string text) => Error(error, number, text).ToJsonString();

    /// <summary>The claims of a token of ours for this audience, now; else null.</summary>
    internal JsonObject? Verify(string token, string audience)
    {
        if (TestJwt.Read(token) is not var (header, claims) || (string?)header["alg"] != "RS256" || !TestJwt.IsSignedBy(token, Signing.Value))
        {
            return null;
        }

        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        return (string?)claims["aud"] == audience && (string?)claims["iss"] == Issuer && (long)claims["nbf"]! <= now && now < (long)claims["exp"]!
            ? claims
            : null;
    }

    protected override async Task HandleAsync(HttpContext context)
    {
        var segments = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (context.Request.Method != "POST" || segments is not [var tenant, "oauth2", "v2.0", "token"])
        {
            context.Response.StatusCode = 404;
            return;
        }

        var form = await context.Request.ReadFormAsync();
        Record($"token {form["client_id"]}");
        if (tenant != TenantId && tenant != TenantDomain)
        {
            await context.AnswerAsync(400, Error("invalid_request", 90002, $"Tenant '{tenant}' not found."));
            return;
        }

        Application? application;
        lock (_gate)
        {
            _applications.TryGetValue(form["client_id"].ToString(), out application);
        }

        if (application is null)
        {
            await context.AnswerAsync(400, Error("unauthorized_client", 700016, $"Application with identifier '{form["client_id"]}' was not found in the directory."));
        }
        else if (form["grant_type"] != "client_credentials")
        {
            await context.AnswerAsync(400, Error("unsupported_grant_type", 70003, "The app requested an unsupported grant type."));
        }
        else if (CheckProof(application, form) is { } refused)
        {
            await context.AnswerAsync(401, refused);
        }
        else if (!form["scope"].ToString().EndsWith("/.default", StringComparison.Ordinal)
            || !Resources.Contains(form["scope"].ToString()[..^"/.default".Length]))
        {
            await context.AnswerAsync(400, Error("invalid_resource", 500011, "The resource principal was not found in the tenant."));
        }
        else
        {
            await context.AnswerAsync(200, Issue(form, application));
        }
    }

    private JsonObject? CheckProof(Application application, IFormCollection form)
    {
        if (form.ContainsKey("client_assertion"))
        {
            return Error("invalid_client", 70025, "The client has no configured federated identity credentials.");
        }

        if (!CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(form["client_secret"].ToString()), Encoding.UTF8.GetBytes(application.Secret)))
        {
            return Error("invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.");
        }

        return application.SecretExpires <= clock.GetUtcNow()
            ? Error("invalid_client", 7000222, "The provided client secret keys for app are expired.")
            : null;
    }

    private JsonObject Issue(IFormCollection form, Application application)
    {
        var now = clock.GetUtcNow();
        var token = TestJwt.Sign(
            new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256" },
            new JsonObject
            {
                ["aud"] = form["scope"].ToString()[..^"/.default".Length],
                ["iss"] = Issuer,
                ["tid"] = TenantId,
                ["appid"] = form["client_id"].ToString(),
                ["oid"] = application.Principal,
                ["nbf"] = now.ToUnixTimeSeconds(),
                ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
                ["uti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
            },
            Signing.Value);
        lock (_gate)
        {
            _issued.Add(token);
        }

        return new JsonObject
        {
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)Lifetime.TotalSeconds,
            ["ext_expires_in"] = (int)Lifetime.TotalSeconds,
            ["access_token"] = token,
        };
    }

    private static JsonObject Error(string error, int number, string text) => new()
    {
        ["error"] = error,
        ["error_description"] = $"AADSTS{number}: {text} Trace ID: 0f0e0d0c-0000-0000-0000-000000000000",
        ["error_codes"] = new JsonArray(number),
        ["timestamp"] = "2026-01-15 12:00:00Z",
        ["trace_id"] = "0f0e0d0c-0000-0000-0000-000000000000",
        ["correlation_id"] = "0a0b0c0d-0000-0000-0000-000000000000",
        ["error_uri"] = $"https://login.microsoftonline.com/error?code={number}",
    };

    private sealed record Application(string Principal, string Secret, DateTimeOffset? SecretExpires);
}
