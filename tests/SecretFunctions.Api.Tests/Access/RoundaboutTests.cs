using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>What somebody who is limited to a project or an environment could reach by way of something that is theirs.</summary>
public abstract class RoundaboutTests(Head head) : ApiTest(head)
{
    private static readonly string[] Everything =
    [
        "secret_providers: manage", "workload_identity_configs: manage", "environment_variables: manage", "secret_values: manage", "automations: manage", "members: manage",
        "api_keys: manage", "audit_events: manage", "keys: manage", "cache: manage",
    ];

    private HttpClient _web = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Operator.ProjectAsync("web");
        await Operator.ProjectAsync("billing");
        await Operator.AutomationAsync("web-crew", "web");
        await Operator.AutomationAsync("billing-crew", "billing");
        await Operator.RoleAsync("web-admin", ["web"], null, Everything);
        _web = await Host.MemberWithAsync("web@example.org", "web-admin");
    }

    [Fact]
    public async Task A_configuration_is_managed_by_who_holds_all_that_its_subject_stands_for()
    {
        const string organizations = """{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader","scope":"projects","projects":["web"],"subjectScope":"organization"}""";
        (await _web.PutAsync("/v1/workload-identity-configs/wide", organizations)).ShouldBeProblem(403, "access.project_not_allowed");
        (await _web.PutAsync("/v1/workload-identity-configs/web", organizations.Replace("organization", "project", StringComparison.Ordinal))).ShouldBe(201);
        (await _web.PatchAsync("/v1/workload-identity-configs/web", """{"subjectScope":"organization"}""")).ShouldBeProblem(403, "access.project_not_allowed");

        // What the organization's people wrote for this project is seen, and nothing more.
        (await Operator.PutAsync("/v1/workload-identity-configs/shared", organizations)).ShouldBe(201);
        (await _web.GetReplyAsync("/v1/workload-identity-configs")).Items.ShouldBe(["shared", "web"]);
        (await _web.PatchAsync("/v1/workload-identity-configs/shared", """{"subjectScope":"project"}""")).ShouldBeProblem(404, "workload_identity.not_found");
        (await _web.PostAsync("/v1/workload-identity-configs/shared/test", "{}")).ShouldBeProblem(404, "workload_identity.not_found");
        (await _web.DeleteReplyAsync("/v1/workload-identity-configs/shared")).ShouldBeProblem(404, "workload_identity.not_found");
    }

    [Fact]
    public async Task A_configuration_for_some_environments_says_so_in_its_subject_or_is_not_for_who_is_limited_to_them()
    {
        await Operator.RoleAsync("dev-admin", null, ["dev"], Everything);
        var dev = await Host.MemberWithAsync("dev@example.org", "dev-admin");
        const string config = """{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader","scope":"organization","environments":["dev"],"subjectScope":"environment"}""";
        (await dev.PutAsync("/v1/workload-identity-configs/dev", config)).ShouldBe(201);
        foreach (var scope in new[] { "project", "organization" })
        {
            (await dev.PutAsync("/v1/workload-identity-configs/wide", config.Replace("\"environment\"", $"\"{scope}\"", StringComparison.Ordinal))).ShouldBeProblem(403, "access.environment_not_allowed");
            (await dev.PatchAsync("/v1/workload-identity-configs/dev", $$"""{"subjectScope":"{{scope}}"}""")).ShouldBeProblem(403, "access.environment_not_allowed");
        }
    }

    [Fact]
    public async Task Whoever_moves_an_automation_may_see_the_values_of_both_projects_since_its_keys_and_snapshots_go_along()
    {
        await Operator.RoleAsync("mover", ["web", "billing"], null, "automations: manage", "environment_variables: view");
        await Operator.RoleAsync("web-values", ["web"], null, "secret_values: view");
        await Operator.RoleAsync("billing-values", ["billing"], ["dev", "prod"], "secret_values: view");
        await Operator.RoleAsync("billing-all-values", ["billing"], null, "secret_values: view");
        var mover = await Host.MemberWithAsync("mover@example.org", "mover", "web-values");
        foreach (var (automation, project) in new[] { ("web-crew", "billing"), ("billing-crew", "web") })
        {
            (await mover.PatchAsync($"/v1/automations/{automation}", $$"""{"project":"{{project}}"}""")).ShouldBeProblem(403, "access.project_not_allowed");
        }

        (await Operator.PatchAsync("/v1/members/mover@example.org", """{"roles":["mover","web-values","billing-values"]}""")).ShouldBe(200);
        (await mover.PatchAsync("/v1/automations/web-crew", """{"project":"billing"}""")).ShouldBeProblem(403, "access.environment_not_allowed");
        (await Operator.PatchAsync("/v1/members/mover@example.org", """{"roles":["mover","web-values","billing-all-values"]}""")).ShouldBe(200);
        (await mover.PatchAsync("/v1/automations/web-crew", """{"project":"billing"}""")).ShouldBe(200);
        (await mover.PatchAsync("/v1/automations/billing-crew", """{"project":"web"}""")).ShouldBe(200);
    }

    [Fact]
    public async Task A_name_is_given_free_by_the_organizations_people_alone()
    {
        (await _web.DeleteReplyAsync("/v1/automations/web-crew?release=true")).ShouldBeProblem(403, "access.project_not_allowed");
        (await Operator.GetReplyAsync("/v1/automations/web-crew")).ShouldBe(200);
        (await _web.DeleteReplyAsync("/v1/automations/web-crew")).ShouldBeNothing();
        (await _web.DeleteReplyAsync("/v1/automations/web-crew?release=true")).ShouldBeProblem(403, "access.project_not_allowed");
        (await _web.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeProblem(403, "access.project_not_allowed");
        (await _web.DeleteReplyAsync("/v1/projects/web")).ShouldBeNothing();
        (await _web.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeProblem(403, "access.project_not_allowed");
        (await Operator.DeleteReplyAsync("/v1/automations/web-crew?release=true")).ShouldBeNothing();
    }

    [Fact]
    public async Task A_name_is_not_given_free_while_something_is_limited_to_it()
    {
        (await Operator.PutAsync("/v1/provider-credentials/vault", Credential("web", "\"automations\":[\"web-crew\"]"))).ShouldBe(201);
        (await Operator.PutAsync("/v1/workload-identity-configs/aws", """{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader","automations":["web-crew"]}""")).ShouldBe(201);
        (await Operator.DeleteReplyAsync("/v1/automations/web-crew?release=true")).ShouldBeProblem(409, "name.in_use").Details.ShouldBe(["Credential 'vault'.", "Workload identity configuration 'aws'."]);
        (await Operator.DeleteReplyAsync("/v1/automations/web-crew")).ShouldBeNothing();
        (await Operator.DeleteReplyAsync("/v1/automations/web-crew?release=true")).ShouldBeProblem(409, "name.in_use");
        (await Operator.PatchAsync("/v1/provider-credentials/vault", """{"automations":[]}""")).ShouldBe(200);
        (await Operator.PatchAsync("/v1/workload-identity-configs/aws", """{"automations":[]}""")).ShouldBe(200);
        (await Operator.DeleteReplyAsync("/v1/automations/web-crew?release=true")).ShouldBeNothing();

        (await Operator.PutAsync("/v1/workload-identity-configs/aws", """{"cloud":"aws","roleArn":"arn:aws:iam::123456789012:role/reader","scope":"projects","projects":["web"]}""")).ShouldBe(200);
        var key = await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"service","name":"s"},"permissions":{"automations":"view"},"projects":["web"]}""");
        (await Operator.PutAsync("/v1/members/limited@example.org", """{"roles":["member"],"projects":["web"]}""")).ShouldBe(201);
        (await Operator.DeleteReplyAsync("/v1/projects/web")).ShouldBeNothing();
        foreach (var (what, remove) in new (string, Func<Task<Reply>>)[]
        {
            ("Role 'web-admin'.", async () => { (await Operator.DeleteReplyAsync("/v1/members/web@example.org")).ShouldBeNothing(); return await Operator.DeleteReplyAsync("/v1/roles/web-admin"); }),
            ("Member 'limited@example.org'.", () => Operator.DeleteReplyAsync("/v1/members/limited@example.org")),
            ($"API key '{key.Json["id"]}'.", () => Operator.DeleteReplyAsync($"/v1/api-keys/{key.Json["id"]}")),
            ("Credential 'vault'.", () => Operator.DeleteReplyAsync("/v1/provider-credentials/vault")),
            ("Workload identity configuration 'aws'.", () => Operator.DeleteReplyAsync("/v1/workload-identity-configs/aws")),
        })
        {
            (await Operator.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeProblem(409, "name.in_use").Details[0].ShouldBe(what);
            (await remove()).ShouldBeNothing();
        }

        (await Operator.DeleteReplyAsync("/v1/projects/web?release=true")).ShouldBeNothing();
    }

    [Fact]
    public async Task A_providers_default_is_taken_away_by_the_organizations_people_alone()
    {
        (await Operator.PutAsync("/v1/provider-credentials/vault", Credential("web", "\"default\":true"))).ShouldBe(201);
        (await _web.PatchAsync("/v1/provider-credentials/vault", """{"cacheTtlSeconds":5}""")).ShouldBe(200);
        foreach (var refused in new[]
        {
            await _web.PatchAsync("/v1/provider-credentials/vault", """{"default":false}"""),
            await _web.PutAsync("/v1/provider-credentials/vault", Credential("web", "\"default\":false")),
            await _web.PutAsync("/v1/provider-credentials/vault", """{"provider":"cyberark-conjur","address":"https://conjur.example.com","account":"a","auth":{"type":"static","login":"host/x","apiKey":"made-up"},"scope":"projects","projects":["web"]}"""),
            await _web.PutAsync("/v1/provider-credentials/vault", """{"provider":"cyberark-conjur","address":"https://conjur.example.com","account":"a","auth":{"type":"static","login":"host/x","apiKey":"made-up"},"scope":"projects","projects":["web"],"default":true}"""),
            await _web.DeleteReplyAsync("/v1/provider-credentials/vault"),
            await _web.DeleteReplyAsync("/v1/provider-credentials/vault?force=true"),
        })
        {
            refused.ShouldBeProblem(403, "access.project_not_allowed");
        }

        (await Operator.DeleteReplyAsync("/v1/provider-credentials/vault")).ShouldBeNothing();
    }

    [Fact]
    public async Task A_key_makes_none_that_outlives_it()
    {
        await Operator.MemberAsync("ann@example.org");
        var ann = Host.Client(await Operator.KeyAsync("""{"name":"short","principal":{"type":"member","name":"ann@example.org"},"expiresAt":"2026-02-01T00:00:00Z"}"""));
        foreach (var principal in new[]
        {
            "\"principal\":{\"type\":\"member\",\"name\":\"ann@example.org\"}",
            "\"principal\":{\"type\":\"member\",\"name\":\"web@example.org\"}",
            "\"principal\":{\"type\":\"service\",\"name\":\"ci\"},\"permissions\":{\"automations\":\"view\"}",
            "\"principal\":{\"type\":\"automation\",\"name\":\"web-crew\"}",
        })
        {
            (await ann.PostAsync("/v1/api-keys", $$"""{"name":"k",{{principal}}}""")).ShouldBeProblem(403, "access.expiry_exceeds_own");
            (await ann.PostAsync("/v1/api-keys", $$"""{"name":"k",{{principal}},"expiresAt":"2026-02-01T00:00:01Z"}""")).ShouldBeProblem(403, "access.expiry_exceeds_own");
            (await ann.PostAsync("/v1/api-keys", $$"""{"name":"k",{{principal}},"expiresAt":"2026-02-01T00:00:00Z"}""")).ShouldBe(201);
        }
    }

    [Fact]
    public async Task A_project_does_not_write_a_trusted_issuer_that_would_lock_out_whom_it_does_not_reach()
    {
        (await Operator.PutAsync("/v1/members/ann@example.org", """{"roles":["owner"]}""")).ShouldBe(201);
        (await Operator.PutAsync("/v1/trusted-issuers/people", Issuer("member", "ann@example.org"))).ShouldBe(201);
        (await Operator.PutAsync("/v1/trusted-issuers/billing", Issuer("automation", "billing-crew", "billing"))).ShouldBe(201);
        foreach (var audience in new[] { "us", "billing" })
        {
            (await _web.PutAsync("/v1/trusted-issuers/web", Issuer("automation", "web-crew", audience))).ShouldBeProblem(403, "trusted_issuer.audience_taken");
        }

        (await _web.PutAsync("/v1/trusted-issuers/web", Issuer("automation", "web-crew", "web"))).ShouldBe(201);
        (await _web.PutAsync("/v1/trusted-issuers/web-2", Issuer("automation", "web-crew", "web"))).ShouldBe(201);
        (await _web.PutAsync("/v1/trusted-issuers/web", Issuer("automation", "web-crew"))).ShouldBeProblem(403, "trusted_issuer.audience_taken");
        (await Operator.PutAsync("/v1/trusted-issuers/web", Issuer("automation", "web-crew"))).ShouldBe(200);
    }

    [Fact]
    public async Task A_project_leaves_room_for_the_trusted_issuers_of_others()
    {
        foreach (var number in Enumerable.Range(0, 50))
        {
            (await _web.PutAsync($"/v1/trusted-issuers/web-{number}", Issuer("automation", "web-crew", "web"))).ShouldBe(201);
        }

        (await _web.PutAsync("/v1/trusted-issuers/one-more", Issuer("automation", "web-crew", "web"))).ShouldBeProblem(409, "trusted_issuer.too_many");
        (await _web.PutAsync("/v1/trusted-issuers/web-7", Issuer("automation", "web-crew", "web-7"))).ShouldBe(200);
        (await Operator.PutAsync("/v1/trusted-issuers/billing", Issuer("automation", "billing-crew"))).ShouldBe(201);
    }

    [Fact]
    public async Task An_owners_trusted_issuer_is_closed_by_who_manages_keys_and_not_turned_to_somebody_else()
    {
        (await Operator.PutAsync("/v1/members/boss@example.org", """{"roles":["owner"]}""")).ShouldBe(201);
        (await Operator.PutAsync("/v1/trusted-issuers/boss", Issuer("member", "boss@example.org"))).ShouldBe(201);
        var admin = await Host.MemberWithAsync("admin@example.org", "admin");
        (await admin.PutAsync("/v1/trusted-issuers/boss", Issuer("member", "admin@example.org"))).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.DeleteReplyAsync("/v1/trusted-issuers/boss")).ShouldBeNothing();
        (await admin.PutAsync("/v1/trusted-issuers/boss", Issuer("member", "admin@example.org"))).ShouldBe(201);
    }

    [Fact]
    public async Task A_limit_names_nothing_twice() =>
        (await Operator.PutAsync("/v1/roles/twice", """{"permissions":{},"environments":["dev","dev"]}""")).ShouldBeProblem(400, "role.invalid").Errors.ShouldBe(["access.limit_invalid environments"]);

    private static string Credential(string project, string more) =>
        $$"""{"provider":"hashicorp-vault","address":"https://vault.example.com","auth":{"type":"static","token":"hvs.made-up"},"scope":"projects","projects":["{{project}}"], {{more}} }""";

    private static string Issuer(string type, string name, string audience = "us") =>
        $$"""{"issuer":"https://issuer.example.com","audience":"{{audience}}","conditions":{"sub":"x"},"principal":{"type":"{{type}}","name":"{{name}}" } }""";

    public sealed class Direct() : RoundaboutTests(Head.Direct);

    public sealed class BehindARouter() : RoundaboutTests(Head.BehindARouter);
}
