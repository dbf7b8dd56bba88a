using System.Text.Json.Nodes;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Conjur;

/// <summary>A host that logs in with tokens.</summary>
/// <param name="Claims">Its annotations <c>authn-jwt/SERVICE/CLAIM</c>, compared exactly.</param>
/// <param name="MayAuthenticate">Whether it has the privilege on the webservice.</param>
public sealed record ConjurJwtHost(IReadOnlyDictionary<string, string> Claims, bool MayAuthenticate = true);

/// <summary>
/// One JWT authenticator. A token's host is the one under <see cref="IdentityPath"/> that is named as its claim <see cref="TokenAppProperty"/>
/// says. Whatever is wrong is 401 with nothing more; only a known host without the privilege is 403. Safe for concurrent use.
/// </summary>
public sealed class ConjurJwtAuthenticator(FederatedTokens tokens)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ConjurJwtHost> _hosts = new(StringComparer.Ordinal);
    private readonly List<string> _subjects = [];

    /// <summary>Null: not enabled.</summary>
    public string? ServiceId { get; set; }

    public string Issuer { get; set; } = "";

    public string Audience { get; set; } = "";

    public string TokenAppProperty { get; set; } = "sub";

    public string IdentityPath { get; set; } = "data/secretfunctions";

    /// <summary>The subjects that logged in, oldest first.</summary>
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

    public void SetHost(string name, ConjurJwtHost host)
    {
        lock (_gate)
        {
            _hosts[name] = host;
        }
    }

    /// <summary>What <c>whoami</c> says of a host.</summary>
    public string LoginOf(string name) => $"host/{IdentityPath}/{name}";

    /// <summary>Who logged in, or null and the status.</summary>
    internal async Task<(string? Login, int Status)> LogInAsync(string service, string jwt)
    {
        if (service != ServiceId)
        {
            return (null, 401);
        }

        var verdict = await tokens.VerifyAsync(jwt, Issuer, [Audience], TokenLeeway.None);
        if (verdict.Flaw != TokenFlaw.None || verdict.Claims[TokenAppProperty] is not JsonValue property)
        {
            return (null, 401);
        }

        lock (_gate)
        {
            if (!_hosts.TryGetValue(property.ToString(), out var host) || host.Claims.Any(claim => (string?)verdict.Claims[claim.Key] != claim.Value))
            {
                return (null, 401);
            }

            if (!host.MayAuthenticate)
            {
                return (null, 403);
            }

            _subjects.Add(verdict.Subject);
            return (LoginOf(property.ToString()), 200);
        }
    }
}
