using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.Google;

/// <summary>
/// Secret Manager v1 of one project. As at Google, <c>latest</c> is the newest version whatever its state, and who lacks a
/// permission is not told whether the secret exists.
/// </summary>
public sealed class GoogleSecrets(GoogleAccounts accounts, Action<string> record)
{
    private const string ProjectNumber = "123456789012";

    private readonly Lock _gate = new();

    // By parent (projects/P[/locations/L]/secrets/S), newest last.
    private readonly SortedDictionary<string, List<SecretVersion>> _secrets = new(StringComparer.Ordinal);

    public string Project { get; } = "acme-prod";

    /// <summary>What the caller may do; by default all that we ever ask for.</summary>
    public ISet<string> Permissions { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "secretmanager.versions.access", "secretmanager.versions.get", "secretmanager.secrets.list",
    };

    /// <summary>Whose access came of a token with one of these subjects may do nothing: a condition in an IAM binding.</summary>
    public ISet<string> DeniedSubjects { get; } = new HashSet<string>(StringComparer.Ordinal);

    public bool ApiDisabled { get; set; }

    /// <summary>Sends checksums that do not match.</summary>
    public bool Corrupts { get; set; }

    public int PageSize { get; set; } = 25_000;

    /// <returns>The number of the new version.</returns>
    public string Put(string id, ReadOnlySpan<byte> value, string? location = null)
    {
        lock (_gate)
        {
            var key = Key(id, location);
            if (!_secrets.TryGetValue(key, out var versions))
            {
                _secrets[key] = versions = [];
            }

            versions.Add(new SecretVersion(value.ToArray()));
            return versions.Count.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>ENABLED, DISABLED or DESTROYED, of the newest version.</summary>
    public void SetState(string id, string state) => Change(id, version => version.State = state);

    /// <summary>Names the newest version.</summary>
    public void SetAlias(string id, string alias) => Change(id, version => version.Alias = alias);

    /// <summary>The body of a refusal, for rows that no state of this double leads to.</summary>
    public static string ErrorBody(int code, string status, string message, string? reason = null) =>
        Error(code, status, message, reason).ToJsonString();

    internal Task HandleAsync(HttpContext context, string path)
    {
        if (context.BearerToken() is not { } token || accounts.Caller(token) is not { } caller)
        {
            record("refused");
            return context.AnswerAsync(401, Error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED"));
        }

        if (ApiDisabled)
        {
            return context.AnswerAsync(403, Error(
                403, "PERMISSION_DENIED", $"Secret Manager API has not been used in project {ProjectNumber} before or it is disabled.", "SERVICE_DISABLED"));
        }

        if (caller.Subject is not null && DeniedSubjects.Contains(caller.Subject))
        {
            record($"denied {caller.Name}");
            return context.AnswerAsync(403, Error(
                403, "PERMISSION_DENIED", $"Permission 'secretmanager.versions.access' denied for resource '{path}' (or it may not exist).", "IAM_PERMISSION_DENIED"));
        }

        if (path.EndsWith("/secrets", StringComparison.Ordinal))
        {
            return ListAsync(context, path);
        }

        var verb = path.EndsWith(":access", StringComparison.Ordinal) ? "access" : "get";
        var name = verb == "access" ? path[..^":access".Length] : path;
        var versions = name.LastIndexOf("/versions/", StringComparison.Ordinal);
        return versions < 0
            ? context.AnswerAsync(404, Error(404, "NOT_FOUND", "Method not found."))
            : VersionAsync(context, verb, name[..versions], name[(versions + "/versions/".Length)..]);
    }

    private Task VersionAsync(HttpContext context, string verb, string secret, string version)
    {
        record($"{verb} {secret} {version}");
        if (Refuse($"secretmanager.versions.{verb}", $"{secret}/versions/{version}") is { } refused)
        {
            return context.AnswerAsync(403, refused);
        }

        lock (_gate)
        {
            if (!_secrets.TryGetValue(secret, out var versions))
            {
                return context.AnswerAsync(404, Error(404, "NOT_FOUND", $"Secret [{secret}] not found or has no versions."));
            }

            var index = Find(versions, version);
            if (index < 0)
            {
                return context.AnswerAsync(404, Error(404, "NOT_FOUND", $"Secret Version [{secret}/versions/{version}] not found."));
            }

            var found = versions[index];
            var name = $"{secret.Replace(Project, ProjectNumber, StringComparison.Ordinal)}/versions/{(index + 1).ToString(CultureInfo.InvariantCulture)}";
            if (verb == "get")
            {
                return context.AnswerAsync(200, new JsonObject { ["name"] = name, ["createTime"] = "2026-01-15T12:00:00Z", ["state"] = found.State });
            }

            return found.State == "ENABLED"
                ? context.AnswerAsync(200, Payload(name, found.Value))
                : context.AnswerAsync(400, Error(400, "FAILED_PRECONDITION", $"Secret Version [{name}] is in {found.State} state."));
        }
    }

    private Task ListAsync(HttpContext context, string path)
    {
        record($"list {path}");
        if (Refuse("secretmanager.secrets.list", path) is { } refused)
        {
            return context.AnswerAsync(403, refused);
        }

        var query = context.Request.Query;
        var filter = query["filter"].ToString();
        var text = filter.StartsWith("name:", StringComparison.Ordinal) ? filter["name:".Length..] : "";
        var skip = int.Parse(query["pageToken"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        var size = Math.Min(PageSize, int.Parse(query["pageSize"].FirstOrDefault() ?? "25000", CultureInfo.InvariantCulture));
        lock (_gate)
        {
            var found = _secrets.Keys
                .Where(key => key.StartsWith(path + "/", StringComparison.Ordinal) && key[(path.Length + 1)..].Contains(text, StringComparison.Ordinal))
                .ToList();
            var answer = new JsonObject
            {
                ["secrets"] = new JsonArray([.. found.Skip(skip).Take(size).Select(key => new JsonObject { ["name"] = key.Replace(Project, ProjectNumber, StringComparison.Ordinal) })]),
                ["totalSize"] = found.Count,
            };
            if (skip + size < found.Count)
            {
                answer["nextPageToken"] = (skip + size).ToString(CultureInfo.InvariantCulture);
            }

            return context.AnswerAsync(200, answer);
        }
    }

    private static int Find(List<SecretVersion> versions, string version) =>
        version == "latest" ? versions.Count - 1
        : int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (number <= versions.Count ? number - 1 : -1)
        : versions.FindIndex(candidate => candidate.Alias == version);

    private JsonObject Payload(string name, byte[] value)
    {
        var payload = new JsonObject { ["dataCrc32c"] = (Checksum(value) + (Corrupts ? 1 : 0)).ToString(CultureInfo.InvariantCulture) };
        if (value.Length > 0)
        {
            // proto3: a default value is left out.
            payload["data"] = Convert.ToBase64String(value);
        }

        return new JsonObject { ["name"] = name, ["payload"] = payload };
    }

    private static long Checksum(byte[] value) => ~value.Aggregate(uint.MaxValue, BitOperations.Crc32C);

    private JsonObject? Refuse(string permission, string resource) => Permissions.Contains(permission)
        ? null
        : Error(403, "PERMISSION_DENIED", $"Permission '{permission}' denied for resource '{resource}' (or it may not exist).", "IAM_PERMISSION_DENIED");

    private void Change(string id, Action<SecretVersion> change)
    {
        lock (_gate)
        {
            change(_secrets[Key(id, null)][^1]);
        }
    }

    private string Key(string id, string? location) =>
        $"projects/{Project}{(location is null ? "" : $"/locations/{location}")}/secrets/{id}";

    internal static JsonObject Error(int code, string status, string message, string? reason = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message, ["status"] = status };
        if (reason is not null)
        {
            error["details"] = new JsonArray(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
                ["reason"] = reason,
                ["domain"] = "googleapis.com",
            });
        }

        return new JsonObject { ["error"] = error };
    }

    private sealed class SecretVersion(byte[] value)
    {
        public byte[] Value { get; } = value;

        public string State { get; set; } = "ENABLED";

        public string? Alias { get; set; }
    }
}
