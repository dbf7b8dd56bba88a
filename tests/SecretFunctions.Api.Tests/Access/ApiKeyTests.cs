using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

public abstract class ApiKeyTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task A_key_is_shown_once_and_described_ever_after()
    {
        var made = (await Operator.PostAsync(
            "/v1/api-keys",
            """{"name":"ci","principal":{"type":"service","name":"ci"},"permissions":{"secret_values":"view"},"environments":["dev"],"expiresAt":"2026-06-01T00:00:00+02:00"}"""))
            .ShouldBe(201);
        made.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var id = (string)made.Json["id"]!;
        var key = (string)made.Json["key"]!;
        key.ShouldMatch($"^sfk_{id}_[A-Za-z0-9_-]{{43}}$");

        var described = $$"""
            {"id":"{{id}}","name":"ci","principal":{"type":"service","name":"ci"},"permissions":{"secret_values":"view"},"projects":null,"environments":["dev"],
             "expiresAt":"2026-05-31T22:00:00Z","createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}
            """;
        (await Operator.GetReplyAsync($"/v1/api-keys/{id}")).ShouldBe(200, described);
        (await Operator.GetReplyAsync("/v1/api-keys")).ShouldBe(200, $$"""{"items":[{{described}}],"nextCursor":null}""");
        (await Host.Client(key).GetReplyAsync("/v1/whoami")).ShouldBe(
            200,
            """
            {"principal":{"type":"service","name":"ci"},"organization":"default","permissions":{"secret_values":"view"},"environments":["dev"],
             "grants":[{"rule":"the API key","permissions":{"secret_values":"view"},"projects":null,"environments":["dev"]}]}
            """);
    }

    [Fact]
    public async Task A_key_does_what_it_was_given_and_no_more()
    {
        var viewer = await Host.MemberAsync("ann@example.org", "environment_variables: view");
        (await viewer.GetReplyAsync("/v1/variables")).ShouldBe(200);
        (await viewer.PutAsync("/v1/variables/dev/KEY", """{"value":"1"}""")).ShouldBeProblem(403, "access.permission_missing");
        (await viewer.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(403, "access.permission_missing");
        (await viewer.GetReplyAsync("/v1/projects")).ShouldBeProblem(403, "access.permission_missing");
        (await viewer.GetReplyAsync("/v1/audit-events")).ShouldBeProblem(403, "access.permission_missing");
    }

    [Fact]
    public async Task A_key_for_some_environments_reaches_no_other_by_any_way()
    {
        await Operator.AutomationWithAsync("crew", ("KEY", "1"));
        var snapshot = (string)(await Operator.PostAsync("/v1/automations/crew/snapshots", "{}")).Json["id"]!;
        await Operator.MemberAsync("ann@example.org");
        var prod = Host.Client(await Operator.KeyAsync("""{"name":"prod","principal":{"type":"member","name":"ann@example.org"},"environments":["prod"]}"""));

        await Operator.VariableAsync("prod/OTHER", "1");
        (await prod.GetReplyAsync("/v1/variables?environment=prod")).ShouldBe(200);
        (await prod.GetReplyAsync("/v1/variables")).Items.ShouldBe(["OTHER"]);
        (await prod.GetReplyAsync("/v1/automations/crew/assignments?environment=prod")).ShouldBe(200);
        (await prod.PostAsync("/v1/resolve", """{"environment":"prod"}""")).ShouldBe(200);
        (await prod.GetReplyAsync("/v1/automations/crew/snapshots")).Items.ShouldBeEmpty();
        foreach (var refused in new[]
        {
            await prod.GetReplyAsync("/v1/variables?environment=dev"),
            await prod.GetReplyAsync("/v1/variables/dev/KEY"),
            await prod.PutAsync("/v1/variables/dev/KEY", """{"value":"2"}"""),
            await prod.PostAsync("/v1/variables/dev/KEY/reveal"),
            await prod.ImportAsync("/v1/variables/dev/import", "KEY=2"),
            await prod.GetReplyAsync("/v1/automations/crew/assignments"),
            await prod.PutAsync("/v1/automations/crew/assignments", """{"items":[]}"""),
            await prod.PostAsync("/v1/automations/crew/snapshots", "{}"),
            await prod.PostAsync("/v1/resolve", "{}"),
            await prod.PostAsync("/v1/render", """{"templates":{}}"""),
        })
        {
            refused.ShouldBeProblem(403, "access.environment_not_allowed");
        }

        // Which environment it is of is not to be told.
        (await prod.GetReplyAsync($"/v1/automations/crew/snapshots/{snapshot}")).ShouldBeProblem(404, "snapshot.not_found");
        (await prod.DeleteReplyAsync($"/v1/automations/crew/snapshots/{snapshot}")).ShouldBeProblem(404, "snapshot.not_found");
        (await Operator.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe("KEY=1");
    }

    [Fact]
    public async Task Nobody_hands_out_more_than_they_hold()
    {
        var maker = Host.Client(await Operator.KeyAsync(
            """{"name":"m","principal":{"type":"service","name":"m"},"permissions":{"api_keys":"manage","automations":"view"},"environments":["dev"]}"""));
        await Operator.MemberAsync("ann@example.org");
        const string service = "\"name\":\"x\",\"principal\":{\"type\":\"service\",\"name\":\"x\"}";
        (await maker.PostAsync("/v1/api-keys", $$"""{ {{service}},"permissions":{"automations":"view"},"environments":["dev"]}""")).ShouldBe(201);
        (await maker.PostAsync("/v1/api-keys", $$"""{ {{service}},"permissions":{"automations":"manage"},"environments":["dev"]}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await maker.PostAsync("/v1/api-keys", $$$"""{ {{{service}}},"permissions":{"automations":"view"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await maker.PostAsync("/v1/api-keys", """{"name":"x","principal":{"type":"member","name":"ann@example.org"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
    }

    [Fact]
    public async Task A_key_ends_when_it_expires()
    {
        await Operator.MemberAsync("ann@example.org");
        var key = Host.Client(await Operator.KeyAsync("""{"name":"k","principal":{"type":"member","name":"ann@example.org"},"expiresAt":"2026-01-02T04:04:05Z"}"""));
        Host.Clock.Advance(TimeSpan.FromMinutes(59));
        (await key.GetReplyAsync("/v1/whoami")).ShouldBe(200);
        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        (await key.GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.expired");
    }

    [Fact]
    public async Task A_revoked_key_ends_at_once_here_and_within_the_window_elsewhere()
    {
        await using var elsewhere = await Host.StartAnotherAsync(Head);
        await Operator.MemberAsync("ann@example.org");
        var made = await Operator.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"ann@example.org"}}""");
        var key = (string)made.Json["key"]!;
        (await elsewhere.Client(key).GetReplyAsync("/v1/whoami")).ShouldBe(200);

        (await Operator.DeleteReplyAsync($"/v1/api-keys/{made.Json["id"]}")).ShouldBeNothing();

        (await Host.Client(key).GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await elsewhere.Client(key).GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
    }

    [Theory]
    [InlineData("""{"name":"k","principal":{"type":"robot","name":"r"}}""", "principal.invalid")]
    [InlineData("""{"name":"k","principal":{"type":"member","name":"not an e-mail"}}""", "principal.invalid")]
    [InlineData("""{"name":"k","principal":{"type":"service","name":"operator"},"permissions":{}}""", "principal.reserved")]
    [InlineData("""{"name":"k","principal":{"type":"service","name":"ci"}}""", "api_key.permissions_required")]
    [InlineData("""{"name":"k","principal":{"type":"service","name":"ci"},"permissions":{"everything":"manage"}}""", "api_key.permissions_invalid")]
    [InlineData("""{"name":"k","principal":{"type":"automation","name":"nobody"}}""", "automation.not_found")]
    [InlineData("""{"name":"k","principal":{"type":"member","name":"nobody@example.org"}}""", "member.not_found")]
    [InlineData("""{"name":"k","principal":{"type":"service","name":"ci"},"permissions":{},"environments":[]}""", "access.limit_empty")]
    [InlineData("""{"name":"k","principal":{"type":"service","name":"ci"},"permissions":{},"projects":[]}""", "access.limit_empty")]
    [InlineData("""{"name":"k","principal":{"type":"service","name":"ci"},"permissions":{},"projects":["nowhere"]}""", "project.not_found")]
    [InlineData("""{"name":"","principal":{"type":"member","name":"a@example.org"}}""", "name.invalid")]
    [InlineData("""{"name":"k","principal":{"type":"member","name":"a@example.org"},"expiresAt":"2020-01-01T00:00:00Z"}""", "api_key.expires_in_the_past")]
    public async Task A_key_that_cannot_be_is_refused(string request, string code)
    {
        (await Operator.PostAsync("/v1/api-keys", request)).ShouldBeProblem(400, code);
        (await Operator.GetReplyAsync("/v1/api-keys")).Items.ShouldBeEmpty();
    }

    public sealed class Direct() : ApiKeyTests(Head.Direct);

    public sealed class BehindARouter() : ApiKeyTests(Head.BehindARouter);
}
