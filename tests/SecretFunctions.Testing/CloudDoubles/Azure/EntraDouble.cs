using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Azure;

/// <summary>
/// Entra ID's token endpoint for one tenant: client secrets are compared, client assertions held against federated credentials and verified, errors
/// carry AADSTS numbers, and the tokens are signed ones that <see cref="KeyVaultDouble"/> verifies.
/// </summary>
public sealed class EntraDouble(TimeProvider clock, bool https = true) : CloudDouble(https)
{
    /// <summary>Where the real one is.</summary>
    public const string Host = "login.microsoftonline.com";

    // One for all doubles of a test run: making one takes longer than most tests.
    private static readonly Lazy<RSA> Signing = new(() => RSA.Create(2048));

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly string[] Resources = ["https://vault.azure.net", "https://vault.azure.cn", "https://management.azure.com"];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Application> _applications = [];
    private readonly List<string> _issued = [];
    private readonly List<EntraFederatedCredential> _federated = [];
    private readonly EntraAssertions _assertions = new(new FederatedTokens(clock));
    private readonly Dictionary<string, string> _subjects = []; // by the unique id of a token
    private readonly HashSet<string> _ended = [];

    /// <summary>The assertions that somebody came with.</summary>
    public FederatedTokens Tokens => _assertions.Tokens;

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

    /// <summary>An application that has no secret, until federated credentials are added.</summary>
    public string AddApplication(string clientId) => AddApplication(clientId, clientSecret: "");

    /// <summary>An application with a certificate instead of a secret.</summary>
    public void AddApplication(string clientId, RSA certificateKey)
    {
        AddApplication(clientId);
        lock (_gate)
        {
            _applications[clientId] = _applications[clientId] with { CertificateKey = certificateKey };
        }
    }

    public void AddFederatedCredential(string clientId, string issuer, string subject, string audience = "api://AzureADTokenExchange")
    {
        lock (_gate)
        {
            _federated.Add(new EntraFederatedCredential(clientId, issuer, subject, audience));
        }
    }

    public void RemoveFederatedCredentials()
    {
        lock (_gate)
        {
            _federated.Clear();
        }
    }

    /// <summary>The subjects that assertions were exchanged for, oldest first.</summary>
    public IReadOnlyList<string> Subjects
    {
        get
        {
            lock (_gate)
            {
                return [.. _subjects.Values];
            }
        }
    }

    /// <summary>A token that the platform asked for, in the name of what runs on it.</summary>
    /// <param name="clientId">Of an application.</param>
    /// <param name="resource">What it is for.</param>
    internal (string Token, DateTimeOffset Expires) Issue(string clientId, string resource)
    {
        lock (_gate)
        {
            return (Issue(clientId, _applications[clientId].Principal, resource, assertion: null), clock.GetUtcNow() + Lifetime);
        }
    }

    /// <summary>Vaults refuse from now on the tokens handed out so far.</summary>
    public void EndTokens()
    {
        lock (_gate)
        {
            _ended.UnionWith(_issued);
        }
    }

    /// <summary>Of the assertion that a token with these claims was given for; null where it was a secret.</summary>
    internal string? SubjectOf(JsonObject claims)
    {
        lock (_gate)
        {
            return _subjects.GetValueOrDefault((string)claims["uti"]!);
        }
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

        lock (_gate)
        {
            if (_ended.Contains(token))
            {
                return null;
            }
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
        else if (await CheckProofAsync(application, form) is { } refused)
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

    private async Task<JsonObject?> CheckProofAsync(Application application, IFormCollection form)
    {
        if (form.ContainsKey("client_assertion") && application.CertificateKey is { } key)
        {
            return EntraAssertions.IsSigned(form["client_assertion"].ToString(), form["client_id"].ToString(), key, clock)
                ? null
                : Error("invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application.");
        }

        if (form.ContainsKey("client_assertion"))
        {
            EntraFederatedCredential[] trusted;
            lock (_gate)
            {
                trusted = [.. _federated.Where(credential => credential.ClientId == form["client_id"])];
            }

            return form["client_assertion_type"] != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
                ? Error("invalid_request", 900144, "The request body must contain the following parameter: 'client_assertion_type'.")
                : await _assertions.CheckAsync(form["client_assertion"].ToString(), trusted) is var (error, number, text) ? Error(error, number, text) : null;
        }

        if (application.Secret.Length == 0)
        {
            return Error("invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.");
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

    private JsonObject Issue(IFormCollection form, Application application) => new()
    {
        ["token_type"] = "Bearer",
        ["expires_in"] = (int)Lifetime.TotalSeconds,
        ["ext_expires_in"] = (int)Lifetime.TotalSeconds,
        ["access_token"] = Issue(
            form["client_id"].ToString(),
            application.Principal,
            form["scope"].ToString()[..^"/.default".Length],
            form.TryGetValue("client_assertion", out var assertion) ? assertion.ToString() : null),
    };

    private string Issue(string clientId, string principal, string resource, string? assertion)
    {
        var now = clock.GetUtcNow();
        var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        var token = TestJwt.Sign(
            new JsonObject { ["typ"] = "JWT", ["alg"] = "RS256" },
            new JsonObject
            {
                ["aud"] = resource,
                ["iss"] = Issuer,
                ["tid"] = TenantId,
                ["appid"] = clientId,
                ["oid"] = principal,
                ["nbf"] = now.ToUnixTimeSeconds(),
                ["exp"] = (now + Lifetime).ToUnixTimeSeconds(),
                ["uti"] = id,
            },
            Signing.Value);
        lock (_gate)
        {
            _issued.Add(token);
            if (assertion is not null)
            {
                _subjects[id] = FederatedTokens.Peek(assertion).Subject;
            }
        }

        return token;
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

    private sealed record Application(string Principal, string Secret, DateTimeOffset? SecretExpires, RSA? CertificateKey = null);
}
