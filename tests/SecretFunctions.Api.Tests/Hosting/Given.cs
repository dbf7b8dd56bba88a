using System.Text.Json.Nodes;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>What a test starts from, made through the API as anyone would.</summary>
public static class Given
{
    public static async Task OrganizationAsync(this ApiHost host, string name) =>
        (await host.Operator.PutAsync($"/v1/organizations/{name}", "{}")).ShouldBe(201);

    /// <summary>The operator, working in this organization.</summary>
    public static HttpClient OperatorOf(this ApiHost host, string organization) => host.Client(ApiHost.OperatorKey, organization);

    /// <summary>A key of a member, who is an owner unless there already is one of this e-mail, for all permissions or just these: <c>"automations: view"</c>.</summary>
    public static Task<HttpClient> MemberAsync(this ApiHost host, string email, params string[] permissions) =>
        host.KeyHolderAsync("member", email, permissions);

    /// <summary>A member with these roles, where there is none of this e-mail; without any, an owner.</summary>
    public static async Task MemberAsync(this HttpClient client, string email, params string[] roles) =>
        (await client.PutAsync($"/v1/members/{email}", new JsonObject { ["roles"] = Strings(roles.Length == 0 ? ["owner"] : roles) }.ToJsonString(), ("If-None-Match", "*")))
            .Status.ShouldBeOneOf(201, 412);

    public static Task<HttpClient> ServiceAsync(this ApiHost host, string name, params string[] permissions) =>
        host.KeyHolderAsync("service", name, permissions);

    public static Task<HttpClient> AutomationAsync(this ApiHost host, string name) => host.KeyHolderAsync("automation", name, []);

    /// <summary>A key. A member whom it is for is made an owner, where there is none of this e-mail.</summary>
    public static async Task<string> KeyAsync(this HttpClient maker, string json)
    {
        if (JsonNode.Parse(json)!["principal"] is { } principal && (string?)principal["type"] == "member")
        {
            await maker.MemberAsync((string)principal["name"]!);
        }

        return (string)(await maker.PostAsync("/v1/api-keys", json)).ShouldBe(201).Json["key"]!;
    }

    public static async Task ProjectAsync(this HttpClient client, string name) => (await client.PutAsync($"/v1/projects/{name}", "{}")).ShouldBe(201);

    public static async Task AutomationAsync(this HttpClient client, string name, string project = "default", string? owner = null) =>
        (await client.PutAsync($"/v1/automations/{name}", new JsonObject { ["project"] = project, ["owner"] = owner }.ToJsonString())).ShouldBe(201);

    /// <param name="place">Environment and key, with a scope where it is not the organization's: <c>dev/KEY?scope=personal</c>.</param>
    public static async Task<Reply> VariableAsync(this HttpClient client, string place, string value, params string[] tags)
    {
        var reply = await client.PutAsync($"/v1/variables/{place}", new JsonObject { ["value"] = value, ["tags"] = Strings(tags) }.ToJsonString());
        reply.Status.ShouldBeOneOf(200, 201);
        return reply;
    }

    /// <param name="items">Keys of the organization's variables, or <c>KEY project</c>.</param>
    public static async Task AssignAsync(this HttpClient client, string automation, string environment, params string[] items)
    {
        var list = items.Select(static item => item.Split(' ')).Select(
            static item => (JsonNode)new JsonObject { ["key"] = item[0], ["scope"] = item.Length > 1 ? item[1] : null });
        (await client.PutAsync($"/v1/automations/{automation}/assignments?environment={environment}", new JsonObject { ["items"] = new JsonArray([.. list]) }.ToJsonString()))
            .Status.ShouldBeOneOf(200, 201);
    }

    /// <summary>An automation that is given these variables of the organization in dev.</summary>
    public static async Task AutomationWithAsync(this HttpClient client, string name, params (string Key, string Value)[] variables)
    {
        await client.AutomationAsync(name);
        foreach (var (key, value) in variables)
        {
            await client.VariableAsync($"dev/{key}", value);
        }

        await client.AssignAsync(name, "dev", [.. variables.Select(static variable => variable.Key)]);
    }

    /// <summary>What a resolve hands out, as <c>KEY=value</c>.</summary>
    public static async Task<string> ResolvedAsync(this HttpClient client, string json) =>
        string.Join(' ', (await client.PostAsync("/v1/resolve", json)).ShouldBe(200).Json["variables"]!.AsObject().Select(static pair => $"{pair.Key}={pair.Value}"));

    public static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(static text => (JsonNode)JsonValue.Create(text)!)]);

    private static async Task<HttpClient> KeyHolderAsync(this ApiHost host, string type, string name, string[] permissions)
    {
        var levels = new JsonObject(permissions.Select(static permission => permission.Split(": ")).Select(
            static parts => KeyValuePair.Create(parts[0], (JsonNode?)JsonValue.Create(parts[1]))));
        var request = new JsonObject
        {
            ["name"] = name,
            ["principal"] = new JsonObject { ["type"] = type, ["name"] = name },
            ["permissions"] = permissions.Length == 0 ? null : levels,
        };
        return host.Client(await host.Operator.KeyAsync(request.ToJsonString()));
    }
}
