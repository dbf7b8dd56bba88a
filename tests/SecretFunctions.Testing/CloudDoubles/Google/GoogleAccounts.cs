using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Google;

/// <summary>What an access token is good for.</summary>
/// <param name="Name">A service account's e-mail address, or a federated principal.</param>
/// <param name="Scope">One is all we ever ask for.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="Subject">Of the token that was exchanged for it; null where a key was used.</param>
internal sealed record GoogleAccess(string Name, string Scope, DateTimeOffset Expires, string? Subject);

/// <summary>Service accounts, their keys, and the token endpoint that verifies what the keys sign (RFC 7523).</summary>
public sealed class GoogleAccounts(TimeProvider clock)
{
    /// <summary>Whatever address the request came to: Google's own is what an assertion must be for.</summary>
    private const string Audience = "https://oauth2.googleapis.com/token";

    internal const string Scope = "https://www.googleapis.com/auth/cloud-platform";
    private static readonly Lazy<RSA> Stranger = new(() => RSA.Create(2048));
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, RSA>> _accounts = [];
    private readonly Dictionary<string, GoogleAccess> _tokens = [];

    /// <summary>Every token handed out, which no log may hold.</summary>
    public IReadOnlyList<string> Issued
    {
        get
        {
            lock (_gate)
            {
                return [.. _tokens.Keys];
            }
        }
    }

    /// <summary>Creates the account where there is none, and a key of it.</summary>
    /// <returns>The key file. It names a foreign token endpoint, which nobody may honour.</returns>
    public JsonObject CreateKey(string email)
    {
        var key = RSA.Create(2048);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        lock (_gate)
        {
            if (!_accounts.TryGetValue(email, out var keys))
            {
                _accounts[email] = keys = [];
            }

            keys[id] = key;
        }

        return KeyFile(email, id, key);
    }

    /// <summary>A key file that looks right and was never issued.</summary>
    public static JsonObject ForgeKey(string email)
    {
        return KeyFile(email, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)), Stranger.Value);
    }

    /// <summary>An account without a key.</summary>
    public void AddAccount(string email)
    {
        lock (_gate)
        {
            _accounts.TryAdd(email, []);
        }
    }

    public void DeleteAccount(string email)
    {
        lock (_gate)
        {
            _accounts.Remove(email);
        }
    }

    /// <summary>Makes every token handed out so far worthless.</summary>
    public void RevokeTokens()
    {
        lock (_gate)
        {
            foreach (var token in _tokens.Keys)
            {
                _tokens[token] = _tokens[token] with { Expires = DateTimeOffset.MinValue };
            }
        }
    }

    /// <summary>Whose token this is; null where it is nobody's, has expired, or is for something else.</summary>
    internal GoogleAccess? Caller(string token, string scope = Scope)
    {
        lock (_gate)
        {
            return _tokens.TryGetValue(token, out var known) && clock.GetUtcNow() < known.Expires && known.Scope == scope ? known : null;
        }
    }

    internal (string Token, DateTimeOffset Expires) Issue(string name, string scope = Scope, string? subject = null)
    {
        var token = "ya29.double-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var expires = clock.GetUtcNow() + Lifetime;
        lock (_gate)
        {
            _tokens[token] = new GoogleAccess(name, scope, expires, subject);
        }

        return (token, expires);
    }

    internal bool Exists(string email)
    {
        lock (_gate)
        {
            return _accounts.ContainsKey(email);
        }
    }

    /// <summary>Answers a request for a token.</summary>
    public async Task AnswerTokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (form["grant_type"] != "urn:ietf:params:oauth:grant-type:jwt-bearer")
        {
            await context.AnswerAsync(400, Error("unsupported_grant_type", "Invalid grant_type: " + form["grant_type"]));
            return;
        }

        if (Verify(form["assertion"].ToString(), out var email) is { } refused)
        {
            await context.AnswerAsync(400, refused);
            return;
        }

        var (token, _) = Issue(email);
        await context.AnswerAsync(200, new JsonObject
        {
            ["access_token"] = token,
            ["expires_in"] = (int)Lifetime.TotalSeconds - 1,
            ["token_type"] = "Bearer",
        });
    }

    private JsonObject? Verify(string assertion, out string email)
    {
        email = "";
        if (TestJwt.Read(assertion) is not var (header, claims) || (string?)header["alg"] != "RS256")
        {
            return Error("invalid_grant", "Bad Request");
        }

        email = (string?)claims["iss"] ?? "";
        lock (_gate)
        {
            if (!_accounts.TryGetValue(email, out var keys))
            {
                return Error("invalid_grant", "Invalid grant: account not found");
            }

            if (!keys.TryGetValue((string?)header["kid"] ?? "", out var key) || !TestJwt.IsSignedBy(assertion, key))
            {
                return Error("invalid_grant", "Invalid JWT Signature.");
            }
        }

        if ((string?)claims["aud"] != Audience)
        {
            return Error("invalid_grant", "Invalid JWT: Failed audience check. The right audience is " + Audience);
        }

        if ((string?)claims["scope"] != Scope)
        {
            return Error("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
        }

        var now = clock.GetUtcNow();
        var issued = DateTimeOffset.FromUnixTimeSeconds((long)claims["iat"]!);
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!);
        return issued > now + Skew || expires <= now - Skew || expires - issued > Lifetime
            ? Error("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.")
            : null;
    }

    private static JsonObject KeyFile(string email, string id, RSA key) => new()
    {
        ["type"] = "service_account",
        ["project_id"] = "acme-prod",
        ["private_key_id"] = id,
        ["private_key"] = key.ExportPkcs8PrivateKeyPem() + "\n",
        ["client_email"] = email,
        ["client_id"] = "123456789012345678901",
        ["token_uri"] = "https://tokens.attacker.example/token",
        ["universe_domain"] = "attacker.example",
    };

    private static JsonObject Error(string error, string description) => new() { ["error"] = error, ["error_description"] = description };
}
