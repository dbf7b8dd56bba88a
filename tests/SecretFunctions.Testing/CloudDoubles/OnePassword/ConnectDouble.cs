using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace SecretFunctions.Testing.CloudDoubles.OnePassword;

/// <summary>
/// 1Password Connect with one token and a few vaults. Summaries have no fields; filters are parsed as strictly as their grammar is; ids are
/// ids and nothing else.
/// </summary>
public sealed partial class ConnectDouble() : CloudDouble(https: false)
{
    private readonly Lock _gate = new();
    private readonly List<JsonObject> _items = [];
    private readonly List<(string Id, string Name)> _vaults = [(VaultId, VaultName)];
    private int _ids;

    public const string VaultId = "vaultaaaaaaaaaaaaaaaaaaaaa";

    public const string VaultName = "Automations \"prod\" \\ 1";

    public string Token { get; set; } = "canary-connect-token-90ce";

    public bool DenyVault { get; set; }

    /// <summary>What /health says of the sync service; ACTIVE where all is well.</summary>
    public string SyncStatus { get; set; } = "ACTIVE";

    public void AddVault(string id, string name)
    {
        lock (_gate)
        {
            _vaults.Add((id, name));
        }
    }

    /// <summary>A login item with a password, or the same with a new password and the next version.</summary>
    public void PutPassword(string title, string value)
    {
        lock (_gate)
        {
            var item = _items.Find(item => item["title"]!.GetValue<string>() == title);
            if (item is null)
            {
                _items.Add(item = Item(title));
            }
            else
            {
                item["version"] = item["version"]!.GetValue<int>() + 1;
            }

            item["fields"] = new JsonArray(
                new JsonObject { ["id"] = "username", ["type"] = "STRING", ["purpose"] = "USERNAME", ["label"] = "username", ["value"] = "app" },
                new JsonObject { ["id"] = "password", ["type"] = "CONCEALED", ["purpose"] = "PASSWORD", ["label"] = "password", ["value"] = value });
        }
    }

    /// <summary>An item of any form.</summary>
    /// <param name="title">Need not be unique.</param>
    /// <param name="parts">Fields and sections, as the API writes them.</param>
    /// <param name="state">ARCHIVED or DELETED.</param>
    /// <returns>Its id.</returns>
    public string Add(string title, JsonObject? parts = null, string? state = null)
    {
        lock (_gate)
        {
            var item = Item(title);
            foreach (var (name, value) in parts ?? [])
            {
                item[name] = value?.DeepClone();
            }

            if (state is not null)
            {
                item["state"] = state;
            }

            _items.Add(item);
            return item["id"]!.GetValue<string>();
        }
    }

    protected override Task HandleAsync(HttpContext context)
    {
        var segments = context.Request.Path.Value!.TrimStart('/').Split('/');
        if (segments is ["health"])
        {
            Record("health");
            return JsonAsync(context, 200, new JsonObject
            {
                ["name"] = "1Password Connect API",
                ["version"] = "1.7.2",
                ["dependencies"] = new JsonArray(
                    new JsonObject { ["service"] = "sqlite", ["status"] = "ACTIVE" },
                    new JsonObject { ["service"] = "sync", ["status"] = SyncStatus }),
            });
        }

        if (segments is not ["v1", ..])
        {
            return ErrorAsync(context, 404, "not found");
        }

        if (context.Request.Headers.Authorization != $"Bearer {Token}")
        {
            Record("refused");
            return ErrorAsync(context, 401, "Invalid token signature");
        }

        lock (_gate)
        {
            return segments[1..] switch
            {
                ["vaults"] => VaultsAsync(context),
                ["vaults", var vault, ..] when DenyVault || _vaults.TrueForAll(known => known.Id != vault) =>
                    ErrorAsync(context, DenyVault ? 403 : 404, DenyVault ? $"vault {vault} is not in scope" : $"Vault {vault} not found"),
                ["vaults", _, "items"] => ItemsAsync(context),
                ["vaults", _, "items", var item] => ItemAsync(context, item),
                _ => ErrorAsync(context, 404, "not found"),
            };
        }
    }

    private Task VaultsAsync(HttpContext context)
    {
        Record("vaults");
        return Filter(context, "name", out var name)
            ? JsonAsync(context, 200, new JsonArray([.. _vaults.Where(vault => name is null || vault.Name == name)
                .Select(vault => new JsonObject { ["id"] = vault.Id, ["name"] = vault.Name, ["contentVersion"] = 7 })]))
            : ErrorAsync(context, 400, "invalid filter");
    }

    private Task ItemsAsync(HttpContext context)
    {
        if (!Filter(context, "title", out var title))
        {
            return ErrorAsync(context, 400, "invalid filter");
        }

        Record(title is null ? "items" : $"find {title}");
        return JsonAsync(context, 200, new JsonArray([.. _items
            .Where(item => title is null || item["title"]!.GetValue<string>() == title)
            .Select(item => new JsonObject(item.Where(part => part.Key is not ("fields" or "sections" or "files"))
                .Select(part => KeyValuePair.Create(part.Key, part.Value?.DeepClone()))))]));
    }

    private Task ItemAsync(HttpContext context, string id)
    {
        var item = _items.Find(item => item["id"]!.GetValue<string>() == id);
        Record($"read {item?["title"]?.GetValue<string>() ?? id}");
        return !IdForm().IsMatch(id) ? ErrorAsync(context, 400, "Invalid Item UUID")
            : item is null ? ErrorAsync(context, 404, $"Item {id} not found")
            : JsonAsync(context, 200, item);
    }

    private JsonObject Item(string title) => new()
    {
        ["id"] = $"item{_ids++.ToString("d22", System.Globalization.CultureInfo.InvariantCulture)}",
        ["title"] = title,
        ["vault"] = new JsonObject { ["id"] = VaultId },
        ["category"] = "LOGIN",
        ["version"] = 1,
        ["updatedAt"] = "2026-01-01T00:00:00Z",
    };

    /// <returns>False where the filter is none; without any, the text is null.</returns>
    private static bool Filter(HttpContext context, string attribute, out string? text)
    {
        text = null;
        if (context.Request.Query["filter"] is not [{ } filter])
        {
            return true;
        }

        var match = FilterForm().Match(filter);
        text = Escape().Replace(match.Groups["text"].Value, "$1");
        return match.Success && match.Groups["attribute"].Value == attribute;
    }

    private static Task ErrorAsync(HttpContext context, int status, string message) =>
        JsonAsync(context, status, new JsonObject { ["status"] = status, ["message"] = message });

    private static Task JsonAsync(HttpContext context, int status, JsonNode body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    [GeneratedRegex("""^(?<attribute>[a-z]+) eq "(?<text>(?:[^"\\]|\\["\\])*)"$""")]
    private static partial Regex FilterForm();

    [GeneratedRegex("""\\(["\\])""")]
    private static partial Regex Escape();

    [GeneratedRegex("^[0-9a-z]{26}$")]
    private static partial Regex IdForm();
}
