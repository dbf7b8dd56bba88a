using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.HashiCorp;

/// <summary>
/// Vault with one key-value mount, AppRole, JWT logins and fixed tokens. Checks the request header, namespace, token, policy and path as Vault
/// does, and hides what Vault hides.
/// </summary>
public sealed class VaultDouble(TimeProvider time, bool https = true) : CloudDouble(https)
{
    private readonly VaultMount _kv = new(time);
    private readonly VaultTokens _tokens = new(time);

    public VaultTokens Tokens => _tokens;

    public VaultMount Kv => _kv;

    public VaultJwtAuth Jwt { get; } = new(new FederatedTokens(time));

    public string Mount { get; set; } = "secret";

    public int KvVersion { get; set; } = 2;

    /// <summary>Where all this is, with a slash at its end; null: the root namespace.</summary>
    public string? Namespace { get; set; }

    public bool DenyReads { get; set; }

    /// <summary>Tokens of these display names may read no value.</summary>
    public ISet<string> DeniedNames { get; } = new HashSet<string>(StringComparer.Ordinal);

    public bool DenyMetadata { get; set; }

    public bool DenyLists { get; set; }

    protected override async Task HandleAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers["X-Vault-Request"] != "true")
        {
            await ErrorsAsync(context, 412, "missing 'X-Vault-Request' header");
            return;
        }

        var path = request.Path.Value!; // Decoded, but for escaped slashes: those would not be folders.
        if (!path.StartsWith("/v1/", StringComparison.Ordinal))
        {
            await ErrorsAsync(context, 404);
            return;
        }

        path = path["/v1/".Length..];
        var inNamespace = string.Equals(request.Headers["X-Vault-Namespace"].ToString(), Namespace ?? "", StringComparison.Ordinal);
        if (HttpMethods.IsPost(request.Method) && path.StartsWith("auth/", StringComparison.Ordinal) && path.EndsWith("/login", StringComparison.Ordinal))
        {
            await LogInAsync(context, path["auth/".Length..^"/login".Length], inNamespace);
            return;
        }

        if (!inNamespace || !_tokens.TryGet(request.Headers["X-Vault-Token"].ToString(), out var displayName))
        {
            Record($"refused {path}");
            await (_tokens.SaysInvalid ? ErrorsAsync(context, 403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n") : ErrorsAsync(context, 403, "permission denied"));
            return;
        }

        await (path switch
        {
            "auth/token/lookup-self" when _tokens.DenyLookup => ErrorsAsync(context, 403, "1 error occurred:\n\t* permission denied\n\n"),
            "auth/token/lookup-self" => JsonAsync(context, 200, new JsonObject { ["data"] = new JsonObject { ["display_name"] = displayName, ["ttl"] = 3600, ["num_uses"] = 0 } }),
            _ when path.StartsWith(Mount + "/", StringComparison.Ordinal) => HandleMountAsync(context, displayName, path[(Mount.Length + 1)..]),
            _ => ErrorsAsync(context, 404, $"no handler for route \"{path}\". route entry not found."),
        });
    }

    private async Task LogInAsync(HttpContext context, string mount, bool inNamespace)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        Record($"login {mount}");
        if (inNamespace && Jwt.Issuer is not null && mount == Jwt.Mount)
        {
            var (displayName, error) = await Jwt.LogInAsync(Text(body, "role"), Text(body, "jwt"));
            await (displayName is null ? ErrorsAsync(context, 400, error!) : AdmitAsync(context, _tokens.Issue(displayName)));
            return;
        }

        if (!inNamespace || mount != _tokens.AppRoleMount)
        {
            await ErrorsAsync(context, 403, "permission denied");
            return;
        }

        var token = _tokens.LogIn(Text(body, "role_id"), Text(body, "secret_id"));
        await (token is null ? ErrorsAsync(context, 400, "invalid role or secret ID") : AdmitAsync(context, token));
    }

    private Task AdmitAsync(HttpContext context, string token) => JsonAsync(context, 200, new JsonObject
    {
        ["request_id"] = "0f1e2d3c",
        ["auth"] = new JsonObject
        {
            ["client_token"] = token,
            ["policies"] = new JsonArray("default", "reader"),
            ["lease_duration"] = _tokens.LeaseSeconds,
            ["renewable"] = true,
            ["token_type"] = "service",
        },
    });

    private static string? Text(JsonDocument body, string name) => body.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;

    private Task HandleMountAsync(HttpContext context, string displayName, string path)
    {
        var denied = DenyReads || DeniedNames.Contains(displayName);
        var list = context.Request.Method == "LIST" || context.Request.Query["list"] == "true";
        if (KvVersion == 1)
        {
            return list ? ListAsync(context, path) : ReadVersion1Async(context, path, denied);
        }

        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var (part, rest) = slash < 0 ? (path, "") : (path[..slash], path[(slash + 1)..]);
        return (part, list) switch
        {
            ("metadata", true) => ListAsync(context, rest),
            ("metadata", false) => MetadataAsync(context, rest),
            ("data", false) => ReadVersion2Async(context, rest, denied),
            _ => ErrorsAsync(context, 404), // What a version 2 mount says to the paths of version 1.
        };
    }

    private Task ReadVersion1Async(HttpContext context, string path, bool denied)
    {
        Record($"read {path}");
        return denied ? DeniedAsync(context)
            : _kv.Current(path) is { } version ? JsonAsync(context, 200, $$"""{"request_id":"a1","lease_duration":2764800,"data":{{version.Json}}}""")
            : ErrorsAsync(context, 404);
    }

    private Task ReadVersion2Async(HttpContext context, string path, bool denied)
    {
        Record($"read {path}");
        if (denied)
        {
            return DeniedAsync(context);
        }

        var version = context.Request.Query["version"] is [{ } text] ? _kv.At(path, int.Parse(text, CultureInfo.InvariantCulture)) : _kv.Current(path);
        if (version is null)
        {
            return ErrorsAsync(context, 404);
        }

        var gone = version.IsGone(time);
        return JsonAsync(context, gone ? 404 : 200,
            $$"""{"request_id":"a2","data":{"data":{{(gone ? "null" : version.Json)}},"metadata":{{version.Metadata()}} } }""");
    }

    private Task MetadataAsync(HttpContext context, string path)
    {
        Record($"metadata {path}");
        return DenyMetadata ? DeniedAsync(context)
            : _kv.Versions(path) is not { Count: > 0 } versions ? ErrorsAsync(context, 404)
            : JsonAsync(context, 200,
                $$"""{"data":{"current_version":{{versions.Count}},"oldest_version":0,"max_versions":0,"versions":{ {{string.Join(',', versions.Select(version => $"\"{version.Number}\":{version.Metadata()}"))}} } } }""");
    }

    private Task ListAsync(HttpContext context, string folder)
    {
        Record($"list {folder}");
        if (DenyLists)
        {
            return DeniedAsync(context);
        }

        var keys = _kv.Keys(folder);
        return keys.Count == 0
            ? ErrorsAsync(context, 404)
            : JsonAsync(context, 200, new JsonObject { ["data"] = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(key => JsonValue.Create(key))]) } });
    }

    private static Task DeniedAsync(HttpContext context) => ErrorsAsync(context, 403, "1 error occurred:\n\t* permission denied\n\n");

    private static Task ErrorsAsync(HttpContext context, int status, params string[] errors) =>
        JsonAsync(context, status, new JsonObject { ["errors"] = new JsonArray([.. errors.Select(error => JsonValue.Create(error))]) });

    private static Task JsonAsync(HttpContext context, int status, JsonObject body) => JsonAsync(context, status, body.ToJsonString());

    private static Task JsonAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }
}
