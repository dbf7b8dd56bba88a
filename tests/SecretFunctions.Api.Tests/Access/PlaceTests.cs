using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>Two teams in one organization: what lies out of somebody's projects or environments is forbidden where they name it, and not there where only it tells.</summary>
public abstract class PlaceTests(Head head) : ApiTest(head)
{
    private HttpClient _web = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var project in new[] { "web", "api" })
        {
            await Operator.ProjectAsync(project);
            await Operator.AutomationAsync($"{project}-crew", project);
            await Operator.VariableAsync($"dev/KEY?scope=project:{project}", project);
            await Operator.VariableAsync($"dev/OWN?scope=automation:{project}-crew", project);
            await Operator.AssignAsync($"{project}-crew", "dev", "KEY project", "OWN automation");
            (await Operator.PutAsync($"/v1/provider-credentials/{project}", Credential($"\"scope\":\"projects\",\"projects\":[\"{project}\"]"))).ShouldBe(201);
            (await Operator.PutAsync($"/v1/workload-identity-configs/{project}", Config($"\"scope\":\"projects\",\"projects\":[\"{project}\"]"))).ShouldBe(201);
        }

        await Operator.VariableAsync("dev/SHARED", "shared");
        (await Operator.PutAsync("/v1/provider-credentials/shared", Credential("\"scope\":\"organization\""))).ShouldBe(201);
        await Operator.RoleAsync(
            "web-admin", ["web"], null, "secret_providers: manage", "workload_identity_configs: manage", "environment_variables: manage", "secret_values: manage", "automations: manage",
            "members: manage", "api_keys: manage", "audit_events: manage", "keys: manage", "cache: manage");
        _web = await Host.MemberWithAsync("web@example.org", "web-admin");
    }

    [Fact]
    public async Task A_team_has_its_own_project()
    {
        (await _web.GetReplyAsync("/v1/projects")).Items.ShouldBe(["web"]);
        (await _web.GetReplyAsync("/v1/projects/web")).ShouldBe(200);
        (await _web.PatchAsync("/v1/projects/web", """{"description":"Ours"}""")).ShouldBe(200);
        (await _web.GetReplyAsync("/v1/automations")).Items.ShouldBe(["web-crew"]);
        (await _web.PatchAsync("/v1/automations/web-crew", """{"description":"Ours"}""")).ShouldBe(200);
        (await _web.PutAsync("/v1/automations/web-2", """{"project":"web"}""")).ShouldBe(201);
        (await _web.GetReplyAsync("/v1/variables")).Json["items"]!.AsArray().Select(static item => $"{item!["key"]} {item["scope"]}").ShouldBe(["OWN automation:web-crew", "KEY project:web"]);
        (await _web.GetReplyAsync("/v1/variables?scope=project:web")).Items.ShouldBe(["KEY"]);
        (await _web.PostAsync("/v1/variables/dev/OWN/reveal?scope=automation:web-crew")).ShouldBe(200);
        (await _web.ImportAsync("/v1/variables/dev/import?scope=automation:web-crew", "OTHER=1")).ShouldBe(200);
        await _web.AssignAsync("web-crew", "dev", "KEY project", "OWN automation", "OTHER automation");
        (await _web.ResolvedAsync("""{"automation":"web-crew"}""")).ShouldBe("KEY=web OTHER=1 OWN=web");
        (await _web.ResolvedAsync("""{"project":"web"}""")).ShouldBe("KEY=web");
        (await _web.GetReplyAsync("/v1/environments")).Items.ShouldBe(["dev", "prod", "staging"]);
        (await _web.GetReplyAsync("/v1/environments/dev")).ShouldBe(200);
        (await _web.GetReplyAsync("/v1/provider-credentials")).Items.ShouldBe(["shared", "web"]);
        (await _web.PatchAsync("/v1/provider-credentials/web", """{"cacheTtlSeconds":5}""")).ShouldBe(200);
        (await _web.GetReplyAsync("/v1/workload-identity-configs")).Items.ShouldBe(["web"]);
        (await _web.PatchAsync("/v1/workload-identity-configs/web", """{"audience":"x"}""")).ShouldBe(200);
    }

    [Fact]
    public async Task A_resolve_for_what_is_out_of_reach_is_recorded_like_any_other_that_is_refused()
    {
        (await _web.PostAsync("/v1/resolve", """{"automation":"api-crew"}""")).ShouldBeProblem(404, "automation.not_found");
        (await _web.PostAsync("/v1/resolve", """{"automation":"api-crew","snapshot":"none"}""")).ShouldBeProblem(404, "automation.not_found");
        (await Operator.GetReplyAsync("/v1/audit-events?action=variable.resolve&actor=member:web@example.org")).Json["items"]!.AsArray()
            .Select(static item => $"{item!["outcome"]} {item["code"]} {item["target"]!["automation"]}").ShouldBe(["failure automation.not_found api-crew", "failure automation.not_found api-crew"]);
    }

    [Fact]
    public async Task What_the_request_names_elsewhere_is_forbidden()
    {
        foreach (var refused in new[]
        {
            await _web.GetReplyAsync("/v1/projects/api"),
            await _web.PutAsync("/v1/projects/new", "{}"),
            await _web.DeleteReplyAsync("/v1/projects/api"),
            await _web.PutAsync("/v1/automations/stolen", """{"project":"api"}"""),
            await _web.PatchAsync("/v1/automations/web-crew", """{"project":"api"}"""),
            await _web.GetReplyAsync("/v1/variables/dev/SHARED"),
            await _web.PutAsync("/v1/variables/dev/SHARED", """{"value":"2"}"""),
            await _web.PostAsync("/v1/variables/dev/SHARED/reveal"),
            await _web.GetReplyAsync("/v1/variables/dev/KEY?scope=project:api"),
            await _web.PostAsync("/v1/variables/dev/KEY/reveal?scope=project:api"),
            await _web.GetReplyAsync("/v1/variables?scope=organization"),
            await _web.GetReplyAsync("/v1/variables?scope=project:api"),
            await _web.ImportAsync("/v1/variables/dev/import", "SHARED=2"),
            await _web.PostAsync("/v1/resolve", "{}"),
            await _web.PostAsync("/v1/resolve", """{"project":"api"}"""),
            await _web.PutAsync("/v1/provider-credentials/wide", Credential("\"scope\":\"organization\"")),
            await _web.PatchAsync("/v1/provider-credentials/web", """{"scope":"organization","projects":[]}"""),
            await _web.PatchAsync("/v1/provider-credentials/web", """{"projects":["web","api"]}"""),
            await _web.PatchAsync("/v1/provider-credentials/web", """{"default":true}"""),
            await _web.PutAsync("/v1/workload-identity-configs/wide", Config("\"scope\":\"organization\"")),
            await _web.PatchAsync("/v1/workload-identity-configs/web", """{"projects":["web","api"]}"""),
            await _web.PutAsync("/v1/environments/qa", "{}"),
            await _web.GetReplyAsync("/v1/members"),
            await _web.PutAsync("/v1/members/friend@example.org", """{"roles":["web-admin"]}"""),
            await _web.PutAsync("/v1/roles/web-admin", """{"permissions":{}}"""),
            await _web.GetReplyAsync("/v1/audit-events"),
            await _web.GetReplyAsync("/v1/keys"),
            await _web.GetReplyAsync("/v1/cache"),
            await _web.DeleteReplyAsync("/v1/cache"),
            await _web.PostAsync("/v1/events/azure-event-grid", "[]"),
            await _web.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"boss@example.org"}}"""),
        })
        {
            refused.ShouldBeProblem(403, "access.project_not_allowed");
        }

        (await _web.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"service","name":"wide"},"permissions":{"automations":"view"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
    }

    [Fact]
    public async Task What_only_the_thing_itself_tells_is_answered_like_what_is_not_there()
    {
        var snapshot = (string)(await Operator.PostAsync("/v1/automations/api-crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        var key = (string)(await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"api-crew"}}""")).ShouldBe(201).Json["id"]!;
        (await Operator.PutAsync("/v1/trusted-issuers/api", Issuer("api-crew"))).ShouldBe(201);
        foreach (var (exists, missing) in new (Func<Task<Reply>>, Func<Task<Reply>>)[]
        {
            (() => _web.GetReplyAsync("/v1/automations/api-crew"), () => _web.GetReplyAsync("/v1/automations/no-crew")),
            (() => _web.PatchAsync("/v1/automations/api-crew", "{}"), () => _web.PatchAsync("/v1/automations/no-crew", "{}")),
            (() => _web.DeleteReplyAsync("/v1/automations/api-crew?release=true"), () => _web.DeleteReplyAsync("/v1/automations/no-crew?release=true")),
            (() => _web.GetReplyAsync("/v1/automations/api-crew/assignments"), () => _web.GetReplyAsync("/v1/automations/no-crew/assignments")),
            (() => _web.PutAsync("/v1/automations/api-crew/assignments", """{"items":[]}"""), () => _web.PutAsync("/v1/automations/no-crew/assignments", """{"items":[]}""")),
            (() => _web.GetReplyAsync("/v1/automations/api-crew/snapshots"), () => _web.GetReplyAsync("/v1/automations/no-crew/snapshots")),
            (() => _web.PostAsync("/v1/automations/api-crew/snapshots", "{}"), () => _web.PostAsync("/v1/automations/no-crew/snapshots", "{}")),
            (() => _web.GetReplyAsync($"/v1/automations/api-crew/snapshots/{snapshot}"), () => _web.GetReplyAsync($"/v1/automations/no-crew/snapshots/{snapshot}")),
            (() => _web.DeleteReplyAsync($"/v1/automations/api-crew/snapshots/{snapshot}"), () => _web.DeleteReplyAsync($"/v1/automations/no-crew/snapshots/{snapshot}")),
            (() => _web.GetReplyAsync("/v1/variables/dev/OWN?scope=automation:api-crew"), () => _web.GetReplyAsync("/v1/variables/dev/OWN?scope=automation:no-crew")),
            (() => _web.PutAsync("/v1/variables/dev/OWN?scope=automation:api-crew", """{"value":"2"}"""), () => _web.PutAsync("/v1/variables/dev/OWN?scope=automation:no-crew", """{"value":"2"}""")),
            (() => _web.DeleteReplyAsync("/v1/variables/dev/OWN?scope=automation:api-crew"), () => _web.DeleteReplyAsync("/v1/variables/dev/OWN?scope=automation:no-crew")),
            (() => _web.PostAsync("/v1/variables/dev/OWN/reveal?scope=automation:api-crew"), () => _web.PostAsync("/v1/variables/dev/OWN/reveal?scope=automation:no-crew")),
            (() => _web.GetReplyAsync("/v1/variables/dev/OWN/versions?scope=automation:api-crew"), () => _web.GetReplyAsync("/v1/variables/dev/OWN/versions?scope=automation:no-crew")),
            (() => _web.PostAsync("/v1/variables/dev/OWN/versions/1/restore?scope=automation:api-crew"), () => _web.PostAsync("/v1/variables/dev/OWN/versions/1/restore?scope=automation:no-crew")),
            (() => _web.ImportAsync("/v1/variables/dev/import?scope=automation:api-crew&dryRun=true", "OWN=api"), () => _web.ImportAsync("/v1/variables/dev/import?scope=automation:no-crew&dryRun=true", "OWN=api")),
            (() => _web.PostAsync("/v1/resolve", """{"automation":"api-crew"}"""), () => _web.PostAsync("/v1/resolve", """{"automation":"no-crew"}""")),
            (() => _web.PostAsync("/v1/resolve", """{"automation":"api-crew","snapshot":"none"}"""), () => _web.PostAsync("/v1/resolve", """{"automation":"no-crew","snapshot":"none"}""")),
            (() => _web.PostAsync("/v1/resolve", """{"automation":"api-crew","environment":"none"}"""), () => _web.PostAsync("/v1/resolve", """{"automation":"no-crew","environment":"none"}""")),
            (() => _web.PostAsync("/v1/resolve", $$"""{"automation":"api-crew","snapshot":"{{snapshot}}"}"""), () => _web.PostAsync("/v1/resolve", $$"""{"automation":"no-crew","snapshot":"{{snapshot}}"}""")),
            (() => _web.PostAsync("/v1/render", """{"automation":"api-crew","templates":{}}"""), () => _web.PostAsync("/v1/render", """{"automation":"no-crew","templates":{}}""")),
            (() => _web.GetReplyAsync("/v1/provider-credentials/api"), () => _web.GetReplyAsync("/v1/provider-credentials/no")),
            (() => _web.PatchAsync("/v1/provider-credentials/api", "{}"), () => _web.PatchAsync("/v1/provider-credentials/no", "{}")),
            (() => _web.DeleteReplyAsync("/v1/provider-credentials/api?force=true"), () => _web.DeleteReplyAsync("/v1/provider-credentials/no?force=true")),
            (() => _web.PostAsync("/v1/provider-credentials/api/test", "{}"), () => _web.PostAsync("/v1/provider-credentials/no/test", "{}")),
            (() => _web.GetReplyAsync("/v1/provider-credentials/api/secrets"), () => _web.GetReplyAsync("/v1/provider-credentials/no/secrets")),
            (() => _web.GetReplyAsync("/v1/workload-identity-configs/api"), () => _web.GetReplyAsync("/v1/workload-identity-configs/no")),
            (() => _web.PatchAsync("/v1/workload-identity-configs/api", "{}"), () => _web.PatchAsync("/v1/workload-identity-configs/no", "{}")),
            (() => _web.DeleteReplyAsync("/v1/workload-identity-configs/api"), () => _web.DeleteReplyAsync("/v1/workload-identity-configs/no")),
            (() => _web.PostAsync("/v1/workload-identity-configs/api/test", "{}"), () => _web.PostAsync("/v1/workload-identity-configs/no/test", "{}")),
            (() => _web.GetReplyAsync("/v1/workload-identity-configs/api/trust-policy"), () => _web.GetReplyAsync("/v1/workload-identity-configs/no/trust-policy")),
            (() => _web.GetReplyAsync("/v1/workload-identity-configs/web/trust-policy?automation=api-crew"), () => _web.GetReplyAsync("/v1/workload-identity-configs/web/trust-policy?automation=no-crew")),
            (() => _web.GetReplyAsync("/v1/workload-identity-configs/web/trust-policy?project=api"), () => _web.GetReplyAsync("/v1/workload-identity-configs/web/trust-policy?project=no")),
            (() => _web.PutAsync("/v1/variables/dev/REF?scope=project:web", """{"reference":{"credential":"api","secret":"s"}}"""), () => _web.PutAsync("/v1/variables/dev/REF?scope=project:web", """{"reference":{"credential":"no","secret":"s"}}""")),
            (() => _web.GetReplyAsync($"/v1/api-keys/{key}"), () => _web.GetReplyAsync($"/v1/api-keys/{new string('a', 20)}")),
            (() => _web.DeleteReplyAsync($"/v1/api-keys/{key}"), () => _web.DeleteReplyAsync($"/v1/api-keys/{new string('a', 20)}")),
            (() => _web.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"api-crew"}}"""), () => _web.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"no-crew"}}""")),
            (() => _web.GetReplyAsync("/v1/trusted-issuers/api"), () => _web.GetReplyAsync("/v1/trusted-issuers/no")),
            (() => _web.DeleteReplyAsync("/v1/trusted-issuers/api"), () => _web.DeleteReplyAsync("/v1/trusted-issuers/no")),
            (() => _web.PutAsync("/v1/trusted-issuers/new", Issuer("api-crew")), () => _web.PutAsync("/v1/trusted-issuers/new", Issuer("no-crew"))),
            (() => _web.GetReplyAsync("/v1/whoami?explain=secret_values:view:dev:automation:api-crew"), () => _web.GetReplyAsync("/v1/whoami?explain=secret_values:view:dev:automation:no-crew")),
        })
        {
            var (there, notThere) = (await exists(), await missing());
            (there.Status, Anonymous(there)).ShouldBe((notThere.Status, Anonymous(notThere)));
            notThere.Status.ShouldBeOneOf(200, 400, 404);
        }

        (await _web.PutAsync("/v1/automations/api-crew", """{"project":"web"}""")).ShouldBeProblem(404, "automation.not_found");
        (await _web.PutAsync("/v1/provider-credentials/api", Credential("\"scope\":\"projects\",\"projects\":[\"web\"]"))).ShouldBeProblem(404, "credential.not_found");
        (await _web.PutAsync("/v1/workload-identity-configs/api", Config("\"scope\":\"projects\",\"projects\":[\"web\"]"))).ShouldBeProblem(404, "workload_identity.not_found");
        (await _web.PutAsync("/v1/trusted-issuers/api", Issuer("web-crew"))).ShouldBeProblem(404, "trusted_issuer.not_found");
        (await Operator.ResolvedAsync("""{"automation":"api-crew"}""")).ShouldBe("KEY=api OWN=api");

        static string Anonymous(Reply reply)
        {
            var body = reply.Json.AsObject();
            body.Remove("traceId");
            return body.ToJsonString().Replace("api-crew", "no-crew", StringComparison.Ordinal).Replace("'api'", "'no'", StringComparison.Ordinal)
                .Replace("\\u0027api\\u0027", "\\u0027no\\u0027", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_team_makes_keys_for_its_own_machines()
    {
        var made = (await _web.PostAsync("/v1/api-keys", """{"name":"ci","principal":{"type":"service","name":"ci"},"permissions":{"automations":"manage"},"projects":["web"]}""")).ShouldBe(201);
        var service = Host.Client((string)made.Json["key"]!);
        (await service.GetReplyAsync("/v1/automations")).Items.ShouldBe(["web-crew"]);
        (await service.GetReplyAsync("/v1/automations/api-crew")).ShouldBeProblem(404, "automation.not_found");
        (await _web.GetReplyAsync($"/v1/api-keys/{made.Json["id"]}")).ShouldBe(200);
        (await _web.PostAsync("/v1/api-keys", """{"name":"ci","principal":{"type":"service","name":"ci"},"permissions":{"automations":"view"},"projects":["web","api"]}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        var crew = await Host.KeyMadeByAsync(_web, "automation", "web-crew");
        (await crew.ResolvedAsync("{}")).ShouldBe("KEY=web OWN=web");
        (await _web.PutAsync("/v1/trusted-issuers/web", Issuer("web-crew"))).ShouldBe(201);
        (await _web.GetReplyAsync("/v1/trusted-issuers")).Items.ShouldBe(["web"]);
    }

    [Fact]
    public async Task What_is_assigned_anew_must_be_seen_and_what_was_assigned_before_stays()
    {
        (await _web.PutAsync("/v1/automations/web-crew/assignments", """{"items":[{"key":"KEY","scope":"project"},{"key":"SHARED"}]}""")).ShouldBeProblem(403, "assignment.not_allowed")
            .Errors.ShouldBe(["access.project_not_allowed SHARED"]);
        await Operator.AssignAsync("web-crew", "dev", "KEY project", "SHARED");
        (await _web.PutAsync("/v1/automations/web-crew/assignments", """{"items":[{"key":"SHARED"}]}""")).ShouldBe(200);
        (await _web.ResolvedAsync("""{"automation":"web-crew"}""")).ShouldBe("SHARED=shared");
        (await _web.PutAsync("/v1/automations/web-crew/assignments", """{"items":[]}""")).ShouldBe(200);
        (await _web.PutAsync("/v1/automations/web-crew/assignments", """{"items":[{"key":"SHARED"}]}""")).ShouldBeProblem(403, "assignment.not_allowed");
    }

    [Fact]
    public async Task Whoever_moves_an_automation_sees_the_variables_it_then_has()
    {
        await Operator.RoleAsync("mover", ["web", "api"], null, "automations: manage", "secret_values: view");
        await Operator.RoleAsync("api-reader", ["api"], null, "environment_variables: view");
        var mover = await Host.MemberWithAsync("mover@example.org", "mover");
        (await mover.PatchAsync("/v1/automations/web-crew", """{"project":"api"}""")).ShouldBeProblem(403, "access.permission_missing");
        (await Operator.PatchAsync("/v1/members/mover@example.org", """{"roles":["mover","api-reader"]}""")).ShouldBe(200);
        (await mover.PatchAsync("/v1/automations/web-crew", """{"project":"api"}""")).ShouldBe(200);
        (await _web.GetReplyAsync("/v1/automations/web-crew")).ShouldBeProblem(404, "automation.not_found");
        (await mover.PatchAsync("/v1/automations/web-crew", """{"project":"web"}""")).ShouldBeProblem(403, "access.project_not_allowed");
    }

    [Fact]
    public async Task A_limit_to_environments_shows_what_is_about_none_and_changes_nothing_that_reaches_all()
    {
        await Operator.RoleAsync("dev-admin", null, ["dev"], "automations: manage", "environment_variables: manage", "secret_values: manage", "secret_providers: manage", "members: manage", "api_keys: manage", "audit_events: view", "cache: manage");
        var dev = await Host.MemberWithAsync("dev@example.org", "dev-admin");
        foreach (var path in new[] { "/v1/projects", "/v1/automations/web-crew", "/v1/provider-credentials/shared", "/v1/members", "/v1/cache", "/v1/automations/web-crew/assignments", "/v1/variables" })
        {
            (await dev.GetReplyAsync(path)).ShouldBe(200);
        }

        await dev.VariableAsync("dev/NEW", "1");
        await dev.AssignAsync("web-crew", "dev", "NEW");
        (await dev.GetReplyAsync("/v1/environments")).Items.ShouldBe(["dev"]);
        foreach (var refused in new[]
        {
            await dev.PutAsync("/v1/projects/new", "{}"),
            await dev.PutAsync("/v1/automations/new", """{"project":"web"}"""),
            await dev.DeleteReplyAsync("/v1/automations/web-crew"),
            await dev.PatchAsync("/v1/provider-credentials/shared", """{"cacheTtlSeconds":1}"""),
            await dev.PutAsync("/v1/members/new@example.org", """{"roles":[]}"""),
            await dev.DeleteReplyAsync("/v1/cache"),
            await dev.GetReplyAsync("/v1/audit-events"),
            await dev.GetReplyAsync("/v1/environments/prod"),
            await dev.PutAsync("/v1/variables/prod/NEW", """{"value":"1"}"""),
            await dev.PutAsync("/v1/automations/web-crew/assignments?environment=prod", """{"items":[]}"""),
            await dev.PostAsync("/v1/automations/web-crew/snapshots", """{"environment":"prod"}"""),
            await dev.PostAsync("/v1/resolve", """{"automation":"web-crew","environment":"prod"}"""),
        })
        {
            refused.Status.ShouldBeOneOf(403, 404);
            refused.Code.ShouldBeOneOf("access.environment_not_allowed", "automation.not_found", "credential.not_found");
        }

        (await dev.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"web-crew"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await dev.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"web-crew"},"environments":["dev"]}""")).ShouldBe(201);
    }

    private static string Credential(string scope) =>
        $$"""{"provider":"hashicorp-vault","address":"https://vault.example.com","auth":{"type":"static","token":"hvs.made-up"}, {{scope}} }""";

    private static string Config(string scope) => $$"""{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader", {{scope}} }""";

    private static string Issuer(string automation) =>
        $$"""{"issuer":"https://issuer.example.com","audience":"us","conditions":{"sub":"x"},"principal":{"type":"automation","name":"{{automation}}" } }""";

    public sealed class Direct() : PlaceTests(Head.Direct);

    public sealed class BehindARouter() : PlaceTests(Head.BehindARouter);
}
