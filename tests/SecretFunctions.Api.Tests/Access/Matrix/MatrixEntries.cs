using static SecretFunctions.Api.Tests.Access.Matrix.MatrixPlace;

namespace SecretFunctions.Api.Tests.Access.Matrix;

/// <summary>Who an operation is for: an entry for each, and one more for each place where the same operation asks for something else.</summary>
internal static class MatrixEntries
{
    private const int NoMatch = 412;

    /// <summary>Let in, and refused for what still hangs on it.</summary>
    private const int InUse = 409;

    private const string Ann = "ann@example.org";

    /// <summary>For whoever asks, recognized or not.</summary>
    public static IReadOnlyList<string> Public { get; } =
    [
        "GET /.well-known/jwks.json", "GET /.well-known/openid-configuration", "GET /health/live", "GET /health/ready",
    ];

    public static IReadOnlyList<MatrixEntry> All { get; } =
    [
        new("GET /v1/whoami", "/v1/whoami", null, 200) { ForAnybodyKnown = true, NamesSomething = false },

        new("GET /v1/organizations/{organization}", "/v1/organizations/default", null, 200) { ForOperator = true },
        .. Changes("/v1/organizations/{organization}", "/v1/organizations/default", "{}", hasPatch: false).Select(static entry => HangsOn(entry with { ForOperator = true })),

        Listed("GET /v1/projects", "/v1/projects", "automations"),
        Seen("GET /v1/projects/{project}", "/v1/projects/web", "automations", Web),
        .. Changed("/v1/projects/{project}", "/v1/projects/web", "{}", "automations", WebEverywhere).Select(HangsOn),

        Listed("GET /v1/environments", "/v1/environments", "environment_variables"),
        InAnyProject("GET /v1/environments/{environment}", "/v1/environments/dev", "environment_variables") with { NamesSomething = false },
        .. Changed("/v1/environments/{environment}", "/v1/environments/dev", "{}", "environment_variables", OrganizationEverywhere, hasPatch: false)
            .Select(static entry => HangsOn(entry with { Demands = [.. entry.Demands, Manage("keys", OrganizationEverywhere)] })),

        Listed("GET /v1/automations", "/v1/automations", "automations"),
        Found(Seen("GET /v1/automations/{automation}", "/v1/automations/crew", "automations", Web)),
        .. Changed("/v1/automations/{automation}", "/v1/automations/crew", """{"project":"web"}""", "automations", WebEverywhere).Select(FoundUnlessTold),
        Found(Seen("GET /v1/automations/{automation}/assignments", "/v1/automations/crew/assignments?environment=dev", "automations", WebInDev)) with { NamesTheEnvironment = true },
        // What is assigned already stays so; what is added has to be theirs to look at, wherever it lies.
        Assigned("KEY"),
        Assigned("OTHER", View("environment_variables", OrganizationInDev) with { IsTold = true }),
        Found(Seen("GET /v1/automations/{automation}/snapshots", "/v1/automations/crew/snapshots", "automations", Web)),
        Found(Seen("GET /v1/automations/{automation}/snapshots/{id}", "/v1/automations/crew/snapshots/{snapshot}", "automations", WebInDev)),
        Found(new("DELETE /v1/automations/{automation}/snapshots/{id}", "/v1/automations/crew/snapshots/{snapshot}", null, NoMatch) { Demands = [Manage("automations", WebInDev)] }),
        Found(new("POST /v1/automations/{automation}/snapshots", "/v1/automations/crew/snapshots", "{}", 201)
        {
            Demands = [Manage("automations", WebInDev), View("secret_values", WebInDev)],
            NamesTheEnvironment = true,
        }),

        .. Variables("organization", OrganizationInDev),
        .. Variables("project:web", WebInDev),
        .. Variables("automation:crew", WebInDev).Select(static entry => Found(entry) with { NamesTheEnvironment = true }),
        InAnyProject("GET /v1/variables", "/v1/variables?environment=dev", "environment_variables") with { NamesSomething = false },

        .. Stores("/v1/provider-credentials/{credential}", "/v1/provider-credentials/shared", Credential(null), "secret_providers", OrganizationEverywhere).Select(TakesIdentity),
        .. Stores("/v1/provider-credentials/{credential}", "/v1/provider-credentials/webs", Credential("web"), "secret_providers", WebEverywhere).Select(TakesIdentity),
        Listed("GET /v1/provider-credentials", "/v1/provider-credentials", "secret_providers"),
        .. Stores("/v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/shared", Config(null), "workload_identity_configs", OrganizationEverywhere),
        .. Stores("/v1/workload-identity-configs/{config}", "/v1/workload-identity-configs/webs", Config("web"), "workload_identity_configs", WebEverywhere),
        Listed("GET /v1/workload-identity-configs", "/v1/workload-identity-configs", "workload_identity_configs"),

        Found(new("POST /v1/provider-credentials/{credential}/test", "/v1/provider-credentials/shared/test?automation=crew", null, 200)
        {
            Demands = [Manage("secret_providers", OrganizationEverywhere)],
        }),
        AboutTheAutomation(Touched("GET /v1/provider-credentials/{credential}/secrets", "/v1/provider-credentials/shared/secrets?automation=crew", "secret_providers", OrganizationEverywhere)),
        Found(new("POST /v1/workload-identity-configs/{config}/test", "/v1/workload-identity-configs/shared/test?automation=crew", null, 200)
        {
            Demands = [Manage("workload_identity_configs", OrganizationEverywhere)],
        }),
        AboutTheAutomation(Touched(
            "GET /v1/workload-identity-configs/{config}/trust-policy",
            "/v1/workload-identity-configs/shared/trust-policy?automation=crew&environment=dev",
            "workload_identity_configs",
            OrganizationEverywhere)),

        new("POST /v1/resolve", "/v1/resolve", """{"automation":"crew"}""", 200) { Demands = [View("secret_values", WebInDev)], ForTheAutomation = true, IsFoundFirst = true, NamesTheEnvironment = true },
        new("POST /v1/resolve", "/v1/resolve", """{"project":"web"}""", 200) { Demands = [View("secret_values", WebInDev)], ForTheAutomation = true, NamesSomething = false },
        new("POST /v1/resolve", "/v1/resolve", "{}", 200) { Demands = [View("secret_values", OrganizationInDev)], ForTheAutomation = true, NamesSomething = false },
        new("POST /v1/render", "/v1/render", """{"automation":"crew","templates":{}}""", 200) { Demands = [View("secret_values", WebInDev)], ForTheAutomation = true, IsFoundFirst = true, NamesTheEnvironment = true },
        new("POST /v1/tokens", "/v1/tokens", """{"audience":"us"}""", 200) { ForTheAutomation = true, ForAutomationsAlone = true },

        Seen("GET /v1/cache", "/v1/cache", "cache", Organization) with { NamesSomething = false },
        new("DELETE /v1/cache", "/v1/cache", null, 200) { Demands = [Manage("cache", OrganizationEverywhere)], NamesSomething = false },
        new("POST /v1/events/{source}", "/v1/events/azure-event-grid", "[]", 200) { Demands = [Manage("cache", OrganizationEverywhere)], NamesSomething = false },
        new("OPTIONS /v1/events/{source}", "/v1/events/azure-event-grid", null, 400) { Demands = [Manage("cache", OrganizationEverywhere)], NamesSomething = false },

        Seen("GET /v1/roles", "/v1/roles", "members", Organization) with { NamesSomething = false },
        Seen("GET /v1/roles/{name}", "/v1/roles/plain", "members", Organization),
        .. Changed("/v1/roles/{name}", "/v1/roles/plain", """{"permissions":{}}""", "members", OrganizationEverywhere).Select(HangsOn),
        Seen("GET /v1/members", "/v1/members", "members", Organization) with { NamesSomething = false },
        Seen("GET /v1/members/{member}", $"/v1/members/{Ann}", "members", Organization),
        .. Changed("/v1/members/{member}", $"/v1/members/{Ann}", """{"roles":[]}""", "members", OrganizationEverywhere),

        Listed("GET /v1/api-keys", "/v1/api-keys", "api_keys") with { OwnIsEnough = true },
        Found(Seen("GET /v1/api-keys/{id}", "/v1/api-keys/{key}", "api_keys", WebInDev)) with { OwnIsEnough = true },
        Found(new("DELETE /v1/api-keys/{id}", "/v1/api-keys/{key}", null, NoMatch) { Demands = [Manage("api_keys", WebInDev)], OwnIsEnough = true }),
        new("POST /v1/api-keys", "/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"crew"},"environments":["dev"]}""", 201)
        {
            Demands = [Manage("api_keys", WebInDev), View("secret_values", WebInDev)],
            IsFoundFirst = true,
            NamesTheEnvironment = true,
        },
        new("POST /v1/api-keys", "/v1/api-keys", """{"name":"k","principal":{"type":"service","name":"s"},"permissions":{}}""", 201) { Demands = [Manage("api_keys", OrganizationEverywhere)], NamesSomething = false },
        .. Lent("/v1/api-keys/{id}/personal", "/v1/api-keys/{key}/personal"),
        .. Lent("/v1/trusted-issuers/{name}/personal", "/v1/trusted-issuers/hook/personal"),
        Listed("GET /v1/trusted-issuers", "/v1/trusted-issuers", "api_keys"),
        Found(Seen("GET /v1/trusted-issuers/{name}", "/v1/trusted-issuers/hook", "api_keys", Web)),
        Found(new("PUT /v1/trusted-issuers/{name}", "/v1/trusted-issuers/hook", Hook, NoMatch) { Demands = [Manage("api_keys", WebEverywhere), View("secret_values", WebEverywhere)] }),
        Found(new("DELETE /v1/trusted-issuers/{name}", "/v1/trusted-issuers/hook", null, NoMatch) { Demands = [Manage("api_keys", WebEverywhere)] }),

        Seen("GET /v1/audit-events", "/v1/audit-events", "audit_events", OrganizationEverywhere) with { NamesSomething = false },
        Seen("GET /v1/audit-events/export", "/v1/audit-events/export?action=nothing.of-this", "audit_events", OrganizationEverywhere) with { NamesSomething = false },
        Seen("GET /v1/audit-events/verify", "/v1/audit-events/verify", "audit_events", OrganizationEverywhere) with { NamesSomething = false },

        Seen("GET /v1/keys", "/v1/keys", "keys", Organization) with { NamesSomething = false },
        new("POST /v1/keys/{kind}/rotate", "/v1/keys/none/rotate", null, 404) { Demands = [Manage("keys", OrganizationEverywhere)], NamesSomething = false },
        new("DELETE /v1/keys/signing/{id}", "/v1/keys/signing/none", null, 404) { ForOperator = true },
        Listed("GET /v1/sealing-key", "/v1/sealing-key", "environment_variables"),
    ];

    public const string Hook =
        """{"issuer":"https://token.actions.githubusercontent.com","audience":"us","conditions":{"repository":"acme/web"},"principal":{"type":"automation","name":"crew"}}""";

    public static string Credential(string? project) => $$"""{"provider":"fake","auth":{"type":"workload-identity","config":"fake"}{{Scope(project)}}}""";

    public static string Config(string? project) => $$"""{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader"{{Scope(project)}}}""";

    private static string Scope(string? project) => project is null ? "" : $$""","scope":"projects","projects":["{{project}}"]""";

    private static MatrixEntry Assigned(string key, params MatrixDemand[] more) =>
        new("PUT /v1/automations/{automation}/assignments", "/v1/automations/crew/assignments?environment=dev", $$"""{"items":[{"key":"{{key}}"}]}""", NoMatch)
        {
            Demands = [Manage("automations", WebInDev), .. more],
            IsFoundFirst = true,
            NamesTheEnvironment = true,
        };

    private static IEnumerable<MatrixEntry> Lent(string template, string path) =>
    [
        new($"PUT {template}", path, null, 204) { ForOwnCredentials = true },
        new($"DELETE {template}", path, null, 204) { ForOwnCredentials = true },
    ];

    private static IEnumerable<MatrixEntry> Variables(string scope, MatrixPlace place)
    {
        const string one = "/v1/variables/{environment}/{key}";
        string Path(string rest) => $"/v1/variables/dev/{(scope == "organization" ? "KEY" : scope.StartsWith("project", StringComparison.Ordinal) ? "OF_WEB" : "OF_CREW")}{rest}?scope={scope}";
        return
        [
            Seen($"GET {one}", Path(""), "environment_variables", place),
            .. Changed(one, Path(""), """{"value":"2"}""", "environment_variables", place),
            new($"POST {one}/reveal", Path("/reveal"), null, 200) { Demands = [View("secret_values", place)] },
            Seen($"GET {one}/versions", Path("/versions"), "environment_variables", place),
            Seen($"GET {one}/usage", Path("/usage"), "environment_variables", place),
            new($"POST {one}/versions/{{version}}/restore", Path("/versions/1/restore"), null, NoMatch) { Demands = [Manage("environment_variables", place)] },
            new("POST /v1/variables/{environment}/import", $"/v1/variables/dev/import?dryRun=true&scope={scope}", "A=1", 200) { Demands = [Manage("environment_variables", place)], NamesSomething = scope != "organization" },
        ];
    }

    /// <summary>A credential or configuration: seen from where it serves, changed by who answers for all of that.</summary>
    private static IEnumerable<MatrixEntry> Stores(string template, string path, string body, string feature, MatrixPlace place) =>
        [Found(Touched($"GET {template}", path, feature, place)), .. Changed(template, path, body, feature, place).Select(FoundUnlessTold)];

    private static IEnumerable<MatrixEntry> Changed(string template, string path, string body, string feature, MatrixPlace place, bool hasPatch = true) =>
        Changes(template, path, body, hasPatch).Select(entry => entry with { Demands = [Manage(feature, place)] });

    private static IEnumerable<MatrixEntry> Changes(string template, string path, string body, bool hasPatch = true)
    {
        yield return new($"PUT {template}", path, body, NoMatch);
        yield return new($"DELETE {template}", path, null, NoMatch);
        if (hasPatch)
        {
            yield return new($"PATCH {template}", path, "{}", NoMatch);
        }
    }

    private static MatrixEntry Seen(string operation, string path, string feature, MatrixPlace place) => new(operation, path, null, 200) { Demands = [View(feature, place)] };

    private static MatrixEntry Touched(string operation, string path, string feature, MatrixPlace place) =>
        new(operation, path, null, 200) { Demands = [View(feature, place) with { Matches = Matching.Touches }] };

    /// <summary>A list: what lies out of reach is left out of it.</summary>
    private static MatrixEntry Listed(string operation, string path, string feature) =>
        new(operation, path, null, 200) { Demands = [new(feature, "view", Organization, Matching.Anywhere)], NamesSomething = false };

    private static MatrixEntry HangsOn(MatrixEntry entry) => entry.Operation.StartsWith("DELETE ", StringComparison.Ordinal) ? entry with { Status = InUse } : entry;

    /// <summary>A whole new state says itself where it lies.</summary>
    private static MatrixEntry FoundUnlessTold(MatrixEntry entry) => entry.Operation.StartsWith("PUT ", StringComparison.Ordinal) ? entry : Found(entry);

    /// <summary>A credential that takes its access from a configuration is written by whoever may look at that.</summary>
    private static MatrixEntry TakesIdentity(MatrixEntry entry) => entry.Operation.StartsWith("PUT ", StringComparison.Ordinal)
        ? entry with { Demands = [.. entry.Demands, View("workload_identity_configs", OrganizationEverywhere) with { Matches = Matching.Touches }] }
        : entry;

    /// <summary>What is looked at for an automation is for whoever may look at that.</summary>
    private static MatrixEntry AboutTheAutomation(MatrixEntry entry) => Found(entry with { Demands = [.. entry.Demands, entry.Demands[0] with { Place = WebInDev, Matches = Matching.Covers }], NamesTheEnvironment = true });

    private static MatrixEntry InAnyProject(string operation, string path, string feature) =>
        new(operation, path, null, 200) { Demands = [View(feature, OrganizationInDev) with { Matches = Matching.AnyProject }] };

    private static MatrixEntry Found(MatrixEntry entry) => entry with { IsFoundFirst = true };

    private static MatrixDemand View(string feature, MatrixPlace place) => new(feature, "view", place);

    private static MatrixDemand Manage(string feature, MatrixPlace place) => new(feature, "manage", place);
}
