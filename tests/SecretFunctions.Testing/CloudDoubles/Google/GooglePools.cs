using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Google;

/// <summary>A provider of a workload identity pool, with google.subject mapped from <c>sub</c>.</summary>
/// <param name="Name">projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.</param>
/// <param name="Issuer">Its issuer-uri.</param>
public sealed record GooglePoolProvider(string Name, string Issuer)
{
    /// <summary>Empty: the provider's own name, with https:// or nothing before its host.</summary>
    public IReadOnlyList<string> AllowedAudiences { get; init; } = [];

    /// <summary>The attribute condition, about a token's claims.</summary>
    public Func<JsonObject, bool> Condition { get; init; } = static _ => true;

    public bool Disabled { get; init; }

    internal IReadOnlyList<string> Audiences => AllowedAudiences.Count > 0
        ? AllowedAudiences
        : [$"https://iam.googleapis.com/{Name}", $"//iam.googleapis.com/{Name}"];

    public string Principal(string subject) => $"principal://iam.googleapis.com/{Name.Split("/providers/")[0]}/subject/{subject}";
}

/// <summary>Workload identity pools: the Security Token Service, and IAM's tokens of service accounts. Safe for concurrent use.</summary>
public sealed class GooglePools(GoogleAccounts accounts, FederatedTokens tokens, TimeProvider clock, Action<string> record)
{
    internal const string AccountsPath = "/v1/projects/-/serviceAccounts/";

    private const string IamScope = "https://www.googleapis.com/auth/iam";
    private const int LongestSubject = 127;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, GooglePoolProvider> _providers = new(StringComparer.Ordinal);
    private readonly HashSet<(string Email, string Principal)> _users = [];
    private readonly List<string> _subjects = [];

    /// <summary>The subjects that tokens were exchanged for, oldest first.</summary>
    public IReadOnlyList<string> Subjects
    {
        get
        {
            lock (_gate)
            {
                return [.. _subjects];
            }
        }
    }

    public void SetProvider(GooglePoolProvider provider)
    {
        lock (_gate)
        {
            _providers[provider.Name] = provider;
        }
    }

    /// <summary>roles/iam.workloadIdentityUser on the service account.</summary>
    public void Grant(string email, string principal)
    {
        lock (_gate)
        {
            _users.Add((email, principal));
        }
    }

    public void RevokeGrants()
    {
        lock (_gate)
        {
            _users.Clear();
        }
    }

    internal async Task ExchangeAsync(HttpContext context)
    {
        const string host = "//iam.googleapis.com/";
        var form = await context.Request.ReadFormAsync();
        var audience = form["audience"].ToString();
        record($"exchange {audience}");
        if (form["grant_type"] != "urn:ietf:params:oauth:grant-type:token-exchange"
            || form["requested_token_type"] != "urn:ietf:params:oauth:token-type:access_token"
            || form["subject_token_type"] != "urn:ietf:params:oauth:token-type:jwt"
            || form["scope"].ToString() is not (IamScope or GoogleAccounts.Scope))
        {
            await RefuseAsync(context, "invalid_request", "Invalid value for \"grant_type\", \"scope\" or a token type.");
        }
        else if (!audience.StartsWith(host, StringComparison.Ordinal) || !audience.Contains("/providers/", StringComparison.Ordinal)
            || !long.TryParse(audience[host.Length..].Split('/')[1], NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            await RefuseAsync(context, "invalid_request", "Invalid value for \"audience\". This value should be the full resource name of the Identity Provider.");
        }
        else if (Find(audience[host.Length..]) is not { Disabled: false } provider)
        {
            await RefuseAsync(context, "invalid_target", "The target service indicated by the \"audience\" parameters is invalid. This might either be because the pool or provider is disabled or deleted or because it doesn't exist.");
        }
        else
        {
            await ExchangeAsync(context, provider, form["subject_token"].ToString(), form["scope"].ToString());
        }
    }

    private async Task ExchangeAsync(HttpContext context, GooglePoolProvider provider, string token, string scope)
    {
        var verdict = await tokens.VerifyAsync(token, provider.Issuer, provider.Audiences, TokenLeeway.None);
        if (Refusal(verdict, provider) is var (error, description))
        {
            await RefuseAsync(context, error, description);
            return;
        }

        lock (_gate)
        {
            _subjects.Add(verdict.Subject);
        }

        var (access, expires) = accounts.Issue(provider.Principal(verdict.Subject), scope, verdict.Subject);
        await context.AnswerAsync(200, new JsonObject
        {
            ["access_token"] = access,
            ["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token",
            ["token_type"] = "Bearer",
            ["expires_in"] = (int)(expires - clock.GetUtcNow()).TotalSeconds,
        });
    }

    /// <summary>IAM's generateAccessToken.</summary>
    internal async Task ImpersonateAsync(HttpContext context, string rest)
    {
        var email = rest.Split(':')[0];
        record($"generateAccessToken {email}");
        if (!rest.EndsWith(":generateAccessToken", StringComparison.Ordinal))
        {
            await context.AnswerAsync(404, GoogleSecrets.Error(404, "NOT_FOUND", "Method not found."));
            return;
        }

        if (context.BearerToken() is not { } token || accounts.Caller(token, IamScope) is not { } caller)
        {
            await context.AnswerAsync(401, GoogleSecrets.Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "ACCESS_TOKEN_TYPE_UNSUPPORTED"));
            return;
        }

        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        if (body.RootElement.GetProperty("scope") is not { ValueKind: JsonValueKind.Array } scopes || scopes[0].GetString() != GoogleAccounts.Scope)
        {
            await context.AnswerAsync(400, GoogleSecrets.Error(400, "INVALID_ARGUMENT", "Invalid scope."));
            return;
        }

        bool granted;
        lock (_gate)
        {
            granted = _users.Contains((email, caller.Name)) && accounts.Exists(email);
        }

        if (!granted)
        {
            await context.AnswerAsync(403, GoogleSecrets.Error(
                403, "PERMISSION_DENIED", "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist).", "IAM_PERMISSION_DENIED"));
            return;
        }

        var (access, expires) = accounts.Issue(email, GoogleAccounts.Scope, caller.Subject);
        await context.AnswerAsync(200, new JsonObject
        {
            ["accessToken"] = access,
            ["expireTime"] = expires.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });
    }

    private static (string Error, string Description)? Refusal(TokenVerdict verdict, GooglePoolProvider provider) => verdict.Flaw switch
    {
        TokenFlaw.Malformed or TokenFlaw.Algorithm => ("invalid_grant", "Unable to parse the ID Token."),
        TokenFlaw.Issuer => ("invalid_grant", $"The issuer in ID Token {verdict.Issuer} does not match the expected ones: {provider.Issuer}."),
        TokenFlaw.Unreachable => ("invalid_grant", "Error connecting to the given credential's issuer."),
        TokenFlaw.KeyUnknown or TokenFlaw.Signature => ("invalid_grant", "Invalid signature of the ID Token."),
        TokenFlaw.Expired => ("invalid_grant", "ID Token issued at 0 is stale to sign-in."),
        TokenFlaw.NotYetValid => ("invalid_grant", "ID Token issued in the future."),
        TokenFlaw.Audience => ("invalid_grant", $"The audience in ID Token [{verdict.Audience}] does not match the expected audience."),
        _ when verdict.Subject.Length is 0 or > LongestSubject => ("invalid_request", "The size of mapped attribute google.subject exceeds the 127 bytes limit."),
        _ when !provider.Condition(verdict.Claims) => ("unauthorized_client", "The given credential is rejected by the attribute condition."),
        _ => null,
    };

    private static Task RefuseAsync(HttpContext context, string error, string description) =>
        context.AnswerAsync(400, new JsonObject { ["error"] = error, ["error_description"] = description });

    private GooglePoolProvider? Find(string name)
    {
        lock (_gate)
        {
            return _providers.GetValueOrDefault(name);
        }
    }
}
