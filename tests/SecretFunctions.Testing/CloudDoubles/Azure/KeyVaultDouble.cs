using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Azure;

/// <summary>How a vault decides who may do what.</summary>
public enum VaultAccess
{
    Allowed,
    NoRole,
    NoPolicy,
}

/// <summary>
/// One vault: challenges, verifies <see cref="EntraDouble"/>'s tokens, pages its lists. As at a real one, a get of an expired or not yet valid
/// secret succeeds and one of a disabled secret does not.
/// </summary>
public sealed class KeyVaultDouble(EntraDouble entra, TimeProvider clock, bool https = true) : CloudDouble(https)
{
    private readonly Lock _gate = new();

    // Names are compared without case.
    private readonly SortedDictionary<string, List<SecretVersion>> _secrets = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What the challenge names, and tokens must be for.</summary>
    public string Resource { get; set; } = "https://vault.azure.net";

    public VaultAccess Reads { get; set; }

    public VaultAccess Lists { get; set; }

    /// <summary>
    /// Tokens that were given for assertions of these subjects may read nothing. A real vault knows no subjects, only applications; tests tell by
    /// this which token came.
    /// </summary>
    public ISet<string> DeniedSubjects { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The caller's address is in no network rule.</summary>
    public bool Firewall { get; set; }

    public int PageSize { get; set; } = 25;

    public KeyVaultKeysDouble Keys { get; } = new();

    /// <summary>Creates the secret or its next version.</summary>
    /// <returns>The version.</returns>
    public string Put(string name, string value, DateTimeOffset? expires = null, DateTimeOffset? notBefore = null)
    {
        var version = new SecretVersion(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), value, clock.GetUtcNow(), expires, notBefore);
        lock (_gate)
        {
            if (!_secrets.TryGetValue(name, out var versions))
            {
                _secrets[name] = versions = [];
            }

            versions.Add(version);
        }

        return version.Id;
    }

    /// <summary>Disables the newest version.</summary>
    public void Disable(string name)
    {
        lock (_gate)
        {
            _secrets[name][^1] = _secrets[name][^1] with { Enabled = false };
        }
    }

    /// <summary>The body of a refusal, for rows that no state of this double leads to.</summary>
    public static string ErrorBody(string code, string message, string? inner = null) => Error(code, message, inner).ToJsonString();

    protected override Task HandleAsync(HttpContext context)
    {
        if (context.BearerToken() is not { } token)
        {
            return ChallengeAsync(context, "AKV10000: Request is missing a Bearer or PoP token.");
        }

        if (entra.Verify(token, Resource) is not { } caller)
        {
            return ChallengeAsync(context, "AKV10022: Invalid audience, issuer or lifetime.");
        }

        if (!context.Request.Query.ContainsKey("api-version"))
        {
            return context.AnswerAsync(400, Error("BadParameter", "api-version must be specified"));
        }

        if (Firewall)
        {
            return context.AnswerAsync(403, Error("Forbidden", "Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.7", "ForbiddenByFirewall"));
        }

        var segments = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (context.Request.Method, segments) switch
        {
            ("GET", ["secrets"]) => ListAsync(context, caller),
            ("GET", ["secrets", var name, "versions"]) => VersionsAsync(context, caller, name),
            ("GET", ["secrets", var name]) => ReadAsync(context, caller, name, null),
            ("GET", ["secrets", var name, var version]) => ReadAsync(context, caller, name, version),
            (_, ["keys", ..]) => HandleKeyAsync(context, segments),
            _ => context.AnswerAsync(404, Error("NotFound", "Not found.")),
        };
    }

    private Task HandleKeyAsync(HttpContext context, string[] segments)
    {
        Record($"{context.Request.Method} {string.Join('/', segments)}");
        return Keys.HandleAsync(context, Address, segments);
    }

    private Task ChallengeAsync(HttpContext context, string message)
    {
        Record("challenge");
        context.Response.Headers.WWWAuthenticate =
            $"Bearer authorization=\"https://login.microsoftonline.com/{entra.TenantId}\", resource=\"{Resource}\"";
        return context.AnswerAsync(401, Error("Unauthorized", message));
    }

    private Task ReadAsync(HttpContext context, JsonObject caller, string name, string? version)
    {
        Record($"get {name}" + (version is null ? "" : $" {version}"));
        var reads = entra.SubjectOf(caller) is { } subject && DeniedSubjects.Contains(subject) ? VaultAccess.NoRole : Reads;
        if (Refuse(reads, caller, "get") is { } refused)
        {
            return context.AnswerAsync(403, refused);
        }

        if (!IsName(name))
        {
            return context.AnswerAsync(400, Error("BadParameter", "The request URI contains an invalid name: " + name));
        }

        SecretVersion? found;
        lock (_gate)
        {
            found = _secrets.GetValueOrDefault(name) is { } versions
                ? version is null ? versions[^1] : versions.Find(candidate => candidate.Id == version)
                : null;
        }

        if (found is null)
        {
            return context.AnswerAsync(404, Error("SecretNotFound", $"A secret with (name/id) {name}{(version is null ? "" : "/" + version)} was not found in this key vault."));
        }

        if (!found.Enabled)
        {
            return context.AnswerAsync(403, Error("Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled"));
        }

        var answer = Describe(name, found, withVersion: true);
        answer["value"] = found.Value;
        return context.AnswerAsync(200, answer);
    }

    private Task ListAsync(HttpContext context, JsonObject caller)
    {
        Record("list");
        if (Refuse(Lists, caller, "list") is { } refused)
        {
            return context.AnswerAsync(403, refused);
        }

        lock (_gate)
        {
            return PageAsync(context, [.. _secrets.Select(secret => Describe(secret.Key, secret.Value[^1], withVersion: false))]);
        }
    }

    private Task VersionsAsync(HttpContext context, JsonObject caller, string name)
    {
        Record($"versions {name}");
        if (Refuse(Lists, caller, "list") is { } refused)
        {
            return context.AnswerAsync(403, refused);
        }

        lock (_gate)
        {
            // In no order of time: ids are random, and real vaults promise none.
            var versions = _secrets.GetValueOrDefault(name) ?? [];
            return PageAsync(context, [.. versions.OrderBy(version => version.Id, StringComparer.Ordinal).Select(version => Describe(name, version, withVersion: true))]);
        }
    }

    private Task PageAsync(HttpContext context, IReadOnlyList<JsonObject> all)
    {
        var skip = int.Parse(context.Request.Query["$skiptoken"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        var more = skip + PageSize < all.Count;
        return context.AnswerAsync(200, new JsonObject
        {
            ["value"] = new JsonArray([.. all.Skip(skip).Take(PageSize)]),
            ["nextLink"] = more
                ? $"{Address}{context.Request.Path.Value!.TrimStart('/')}?api-version={context.Request.Query["api-version"]}&$skiptoken={skip + PageSize}"
                : null,
        });
    }

    private JsonObject Describe(string name, SecretVersion version, bool withVersion)
    {
        var attributes = new JsonObject
        {
            ["enabled"] = version.Enabled,
            ["created"] = version.Created.ToUnixTimeSeconds(),
            ["updated"] = version.Created.ToUnixTimeSeconds(),
            ["recoveryLevel"] = "Recoverable+Purgeable",
            ["recoverableDays"] = 90,
        };
        if (version.Expires is { } expires)
        {
            attributes["exp"] = expires.ToUnixTimeSeconds();
        }

        if (version.NotBefore is { } notBefore)
        {
            attributes["nbf"] = notBefore.ToUnixTimeSeconds();
        }

        return new JsonObject
        {
            ["id"] = $"{Address}secrets/{name}" + (withVersion ? "/" + version.Id : ""),
            ["attributes"] = attributes,
        };
    }

    private static JsonObject? Refuse(VaultAccess access, JsonObject caller, string operation) => access switch
    {
        VaultAccess.NoRole => Error("Forbidden", $"Caller is not authorized to perform action on resource.\r\nAction: 'Microsoft.KeyVault/vaults/secrets/{operation}'", "ForbiddenByRbac"),
        VaultAccess.NoPolicy => Error("Forbidden", $"The user, group or application 'appid={caller["appid"]};oid={caller["oid"]}' does not have secrets {operation} permission on key vault 'double'.", "AccessDenied"),
        _ => null,
    };

    private static bool IsName(string name) => name.Length <= 127 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-');

    private static JsonObject Error(string code, string message, string? inner = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (inner is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = inner };
        }

        return new JsonObject { ["error"] = error };
    }

    private sealed record SecretVersion(string Id, string Value, DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? NotBefore)
    {
        public bool Enabled { get; init; } = true;
    }
}
