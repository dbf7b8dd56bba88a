using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using SecretFunctions.Testing.CloudDoubles.Federation;

namespace SecretFunctions.Testing.CloudDoubles.Conjur;

/// <summary>
/// Conjur with the standard authenticator and JWT ones. Checks key, token, privilege and the whole of Accept-Encoding as Conjur does; 401 and 403
/// have empty bodies.
/// </summary>
public sealed class ConjurDouble(TimeProvider time) : CloudDouble(https: false)
{
    /// <inheritdoc cref="ConjurTokens.Payload"/>
    public const string TokenPayload = ConjurTokens.Payload;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, List<byte[]>> _variables = new(StringComparer.Ordinal);
    private readonly ConjurTokens _tokens = new(time);

    public string Account { get; set; } = "acme";

    public string Login { get; set; } = "host/data/secretfunctions";

    public string ApiKey { get; set; } = "canary-api-key-3fb1";

    public ConjurJwtAuthenticator Jwt { get; } = new(new FederatedTokens(time));

    public int Logins => _tokens.Count;

    public bool DenyReads { get; set; }

    /// <summary>These logins may read no value.</summary>
    public ISet<string> DeniedLogins { get; } = new HashSet<string>(StringComparer.Ordinal);

    public bool DenyLists { get; set; }

    /// <summary>Older servers do not have it.</summary>
    public bool HasWhoami { get; set; } = true;

    /// <summary>As behind a proxy that removes Accept-Encoding.</summary>
    public bool DropsAcceptEncoding { get; set; }

    /// <summary>The most a listing may ask for; null: any number.</summary>
    public int? ListLimit { get; set; }

    public void Put(string id, string value) => Put(id, Encoding.UTF8.GetBytes(value));

    public void Put(string id, byte[] value)
    {
        lock (_gate)
        {
            Versions(id).Add(value);
        }
    }

    /// <summary>A variable that policy declares and nobody has set.</summary>
    public void Declare(string id)
    {
        lock (_gate)
        {
            Versions(id);
        }
    }

    /// <summary>As after the signing key was rotated.</summary>
    public void RevokeTokens() => _tokens.Revoke();

    protected override async Task HandleAsync(HttpContext context)
    {
        // The raw target, since ids are one segment with their slashes escaped.
        var target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget.Split('?')[0];
        string[] segments = [.. target.TrimStart('/').Split('/').Select(Uri.UnescapeDataString)];
        if (segments is ["authn", var account, var login, "authenticate"] && HttpMethods.IsPost(context.Request.Method))
        {
            await LogInAsync(context, account, login);
            return;
        }

        if (segments is ["authn-jwt", var service, var ofService, "authenticate"] && HttpMethods.IsPost(context.Request.Method))
        {
            await LogInWithTokenAsync(context, service, ofService);
            return;
        }

        if (_tokens.Caller(context.Request.Headers.Authorization.ToString()) is not { } caller)
        {
            Record($"refused {target}");
            context.Response.StatusCode = 401;
            return;
        }

        await (segments switch
        {
            ["whoami"] when HasWhoami => JsonAsync(context, 200, new JsonObject { ["account"] = Account, ["username"] = caller }),
            ["secrets"] => BatchAsync(context, MayRead(caller)),
            ["secrets", var of, "variable", var id] when of == Account => ReadAsync(context, id, MayRead(caller)),
            ["resources", var of, "variable"] when of == Account => ListAsync(context),
            ["resources", var of, "variable", var id] when of == Account => ResourceAsync(context, id),
            _ => NotFoundAsync(context, "no route"),
        });
    }

    private async Task LogInAsync(HttpContext context, string account, string login)
    {
        using var reader = new StreamReader(context.Request.Body);
        var key = await reader.ReadToEndAsync();
        Record($"login {login}");
        if (account != Account || login != Login || key != ApiKey)
        {
            context.Response.StatusCode = 401;
            return;
        }

        await JsonAsync(context, 200, _tokens.Issue(login));
    }

    private async Task LogInWithTokenAsync(HttpContext context, string service, string account)
    {
        var form = await context.Request.ReadFormAsync();
        Record($"login authn-jwt/{service}");
        var (login, status) = account == Account ? await Jwt.LogInAsync(service, form["jwt"].ToString()) : (null, 401);
        context.Response.StatusCode = status;
        if (login is not null)
        {
            await JsonAsync(context, 200, _tokens.Issue(login));
        }
    }

    private bool MayRead(string login) => !DenyReads && !DeniedLogins.Contains(login);

    private async Task ReadAsync(HttpContext context, string id, bool mayRead)
    {
        Record($"read {id}");
        byte[]? value;
        lock (_gate)
        {
            _variables.TryGetValue(id, out var versions);
            var number = context.Request.Query["version"] is [{ } text] ? int.Parse(text, CultureInfo.InvariantCulture) : versions?.Count ?? 0;
            value = number > 0 && number <= versions?.Count ? versions[number - 1] : null;
        }

        if (!mayRead)
        {
            context.Response.StatusCode = 403;
        }
        else if (value is null)
        {
            await NotFoundAsync(context, $"CONJ00076E Variable {Account}:variable:{id} is empty or not found.");
        }
        else
        {
            context.Response.ContentType = "application/octet-stream";
            await context.Response.Body.WriteAsync(value);
        }
    }

    private Task BatchAsync(HttpContext context, bool mayRead)
    {
        // Decoded first and split then: that is why an id with a comma cannot be in a batch.
        var ids = context.Request.Query["variable_ids"].ToString().Split(',');
        Record($"batch {ids.Length}");
        var inBase64 = !DropsAcceptEncoding && string.Equals(context.Request.Headers.AcceptEncoding.ToString(), "base64", StringComparison.OrdinalIgnoreCase);
        if (ids.Contains(""))
        {
            return ErrorAsync(context, 422, "argument_error", "variable_ids");
        }

        if (!mayRead)
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        }

        var answer = new JsonObject();
        lock (_gate)
        {
            foreach (var id in ids)
            {
                if (!_variables.TryGetValue(id.Replace($"{Account}:variable:", "", StringComparison.Ordinal), out var versions) || versions.Count == 0 || answer.ContainsKey(id))
                {
                    return NotFoundAsync(context, $"CONJ00076E Variable {id} is empty or not found.");
                }

                answer[id] = inBase64 ? WithLineBreaks(versions[^1]) : Encoding.UTF8.GetString(versions[^1]);
                if (!inBase64 && answer[id]!.GetValue<string>().Contains('\uFFFD', StringComparison.Ordinal))
                {
                    return ErrorAsync(context, 406, "not_acceptable", "CONJ00074E Issue encoding secret into JSON format");
                }
            }
        }

        if (inBase64)
        {
            context.Response.Headers.ContentEncoding = "base64";
        }

        return JsonAsync(context, 200, answer);
    }

    private Task ListAsync(HttpContext context)
    {
        var limit = int.Parse(context.Request.Query["limit"].ToString(), CultureInfo.InvariantCulture);
        var offset = int.Parse(context.Request.Query["offset"].ToString(), CultureInfo.InvariantCulture);
        Record($"list {offset}");
        if (DenyLists)
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        }

        if (limit > ListLimit)
        {
            return ErrorAsync(context, 422, "unprocessable_entity", $"'Limit' parameter must not exceed {ListLimit}");
        }

        lock (_gate)
        {
            return JsonAsync(context, 200, new JsonArray([.. _variables.Skip(offset).Take(limit).Select(pair => Resource(pair.Key, pair.Value.Count))]));
        }
    }

    private Task ResourceAsync(HttpContext context, string id)
    {
        Record($"resource {id}");
        lock (_gate)
        {
            return _variables.TryGetValue(id, out var versions)
                ? JsonAsync(context, 200, Resource(id, versions.Count))
                : NotFoundAsync(context, $"Variable '{id}' not found in account '{Account}'");
        }
    }

    private JsonObject Resource(string id, int versions) => new()
    {
        ["id"] = $"{Account}:variable:{id}",
        ["owner"] = $"{Account}:policy:root",
        ["permissions"] = new JsonArray(),
        ["annotations"] = new JsonArray(),
        ["secrets"] = new JsonArray([.. Enumerable.Range(1, versions).Select(version => new JsonObject { ["version"] = version, ["expires_at"] = null })]),
    };

    private List<byte[]> Versions(string id)
    {
        if (!_variables.TryGetValue(id, out var versions))
        {
            _variables[id] = versions = [];
        }

        return versions;
    }

    private static string WithLineBreaks(byte[] value)
    {
        const int rubysLineLength = 60;
        return string.Concat(Convert.ToBase64String(value).Chunk(rubysLineLength).Select(line => new string(line) + "\n"));
    }

    private static Task NotFoundAsync(HttpContext context, string message) => ErrorAsync(context, 404, "not_found", message);

    private static Task ErrorAsync(HttpContext context, int status, string code, string message) =>
        JsonAsync(context, status, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = message } });

    private static Task JsonAsync(HttpContext context, int status, JsonNode body) => JsonAsync(context, status, body.ToJsonString());

    private static Task JsonAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }
}
