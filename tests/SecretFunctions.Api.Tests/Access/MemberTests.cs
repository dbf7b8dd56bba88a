using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

public abstract class MemberTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task A_member_is_what_their_roles_say()
    {
        (await Operator.PutAsync("/v1/members/Ann@example.org", """{"roles":["member"],"displayName":"Ann"}""")).ShouldBe(201, """
            {"name":"ann@example.org","roles":["member"],"projects":null,"displayName":"Ann",
             "createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}
            """);
        var ann = await Host.MemberWithAsync("ann@example.org");
        (await ann.GetReplyAsync("/v1/variables")).ShouldBe(200);
        (await ann.PutAsync("/v1/variables/dev/KEY", """{"value":"1"}""")).ShouldBeProblem(403, "access.permission_missing");
        (await ann.GetReplyAsync("/v1/provider-credentials")).ShouldBeProblem(403, "access.permission_missing");
        (await ann.GetReplyAsync("/v1/members")).ShouldBeProblem(403, "access.permission_missing");
        (await ann.GetReplyAsync("/v1/members/ann@example.org")).ShouldBe(200);
        (await ann.GetReplyAsync("/v1/members/nobody@example.org")).ShouldBeProblem(403, "access.permission_missing");

        (await Operator.PatchAsync("/v1/members/ann@example.org", """{"roles":["member","admin"]}""")).ShouldBe(200);
        (await ann.PutAsync("/v1/variables/dev/KEY", """{"value":"1"}""")).ShouldBe(201);
        (await ann.GetReplyAsync("/v1/keys")).ShouldBeProblem(403, "access.permission_missing");
    }

    [Theory]
    [InlineData("""{"roles":["none"]}""", "role.not_found roles")]
    [InlineData("""{"roles":["member","member"]}""", "member.roles_invalid roles")]
    [InlineData("""{"roles":["member"],"projects":[]}""", "access.limit_empty projects")]
    [InlineData("""{"roles":["member"],"projects":["none"]}""", "project.not_found projects")]
    [InlineData("""{"roles":["member"],"projects":["A"]}""", "access.limit_invalid projects")]
    public async Task A_member_who_cannot_be_is_refused(string request, string error)
    {
        (await Operator.PutAsync("/v1/members/ann@example.org", request)).ShouldBeProblem(400, "member.invalid").Errors.ShouldBe([error]);
        (await Operator.GetReplyAsync("/v1/members/ann@example.org")).ShouldBeProblem(404, "member.not_found");
    }

    [Theory]
    [InlineData("""{"permissions":{"all":"manage"}}""", "permission.unknown_feature permissions.all")]
    [InlineData("""{"permissions":{"cache":"all"}}""", "permission.unknown_level permissions.cache")]
    [InlineData("""{"permissions":{},"projects":[]}""", "access.limit_empty projects")]
    [InlineData("""{"permissions":{},"environments":[]}""", "access.limit_empty environments")]
    [InlineData("""{"permissions":{},"environments":["none"]}""", "environment.not_found environments")]
    public async Task A_role_that_cannot_be_is_refused(string request, string error) =>
        (await Operator.PutAsync("/v1/roles/x", request)).ShouldBeProblem(400, "role.invalid").Errors.ShouldBe([error]);

    [Fact]
    public async Task Built_in_roles_stay_what_they_are()
    {
        (await Operator.GetReplyAsync("/v1/roles")).Json["items"]!.AsArray().Select(static role => $"{role!["name"]} {role["builtIn"]}").ShouldBe(["admin true", "member true", "owner true"]);
        foreach (var role in new[] { "owner", "admin", "member" })
        {
            (await Operator.PutAsync($"/v1/roles/{role}", """{"permissions":{}}""")).ShouldBeProblem(409, "role.built_in");
            (await Operator.PatchAsync($"/v1/roles/{role}", """{"permissions":{}}""")).ShouldBeProblem(409, "role.built_in");
            (await Operator.DeleteReplyAsync($"/v1/roles/{role}")).ShouldBeProblem(409, "role.built_in");
        }

        var admin = (await Operator.GetReplyAsync("/v1/roles/admin")).ShouldBe(200).Json["permissions"]!.AsObject();
        admin.Select(static level => level.Key).ShouldNotContain("keys");
        admin.ShouldAllBe(static level => (string)level.Value! == "manage");
    }

    [Fact]
    public async Task A_role_is_changed_for_all_who_have_it_and_deleted_for_nobody()
    {
        await Operator.RoleAsync("reader", null, null, "automations: view");
        var ann = await Host.MemberWithAsync("ann@example.org", "reader");
        (await ann.GetReplyAsync("/v1/projects")).ShouldBe(200);

        await Operator.RoleAsync("reader", null, null, "environment_variables: view");
        (await ann.GetReplyAsync("/v1/projects")).ShouldBeProblem(403, "access.permission_missing");
        (await ann.GetReplyAsync("/v1/variables")).ShouldBe(200);
        (await Operator.DeleteReplyAsync("/v1/roles/reader")).ShouldBeProblem(409, "role.in_use");

        (await Operator.PatchAsync("/v1/members/ann@example.org", """{"roles":[]}""")).ShouldBe(200);
        (await ann.GetReplyAsync("/v1/variables")).ShouldBeProblem(403, "access.permission_missing");
        (await ann.GetReplyAsync("/v1/members/ann@example.org")).ShouldBe(200);
        (await Operator.DeleteReplyAsync("/v1/roles/reader")).ShouldBeNothing();
    }

    [Fact]
    public async Task Nobody_gives_takes_or_touches_more_than_they_hold()
    {
        await Operator.MemberAsync("boss@example.org", "owner");
        await Operator.MemberAsync("ann@example.org", "member");
        var admin = await Host.MemberWithAsync("admin@example.org", "admin");
        (await admin.PatchAsync("/v1/members/ann@example.org", """{"roles":["admin"]}""")).ShouldBe(200);
        (await admin.PatchAsync("/v1/members/admin@example.org", """{"roles":["owner"]}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.PatchAsync("/v1/members/boss@example.org", """{"roles":["member"]}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.PatchAsync("/v1/members/boss@example.org", """{"displayName":"Bo"}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.DeleteReplyAsync("/v1/members/boss@example.org")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.PutAsync("/v1/roles/keeper", """{"permissions":{"keys":"view"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"boss@example.org"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"boss@example.org"},"permissions":{"cache":"view"}}""")).ShouldBe(201);

        await Operator.RoleAsync("keeper", null, null, "keys: manage");
        (await admin.PutAsync("/v1/roles/keeper", """{"permissions":{}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await admin.DeleteReplyAsync("/v1/roles/keeper")).ShouldBeProblem(403, "access.grant_exceeds_own");

        // Who handles members and nothing else makes more of their kind, and that is all.
        await Operator.RoleAsync("people", null, null, "members: manage");
        var people = await Host.MemberWithAsync("people@example.org", "people");
        (await people.PutAsync("/v1/members/new@example.org", """{"roles":["people"]}""")).ShouldBe(201);
        (await people.PutAsync("/v1/members/new@example.org", """{"roles":["member"]}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await people.PutAsync("/v1/roles/wide", """{"permissions":{"members":"manage","secret_values":"view"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
    }

    [Fact]
    public async Task The_last_owner_stays()
    {
        await Operator.ProjectAsync("web");
        await Operator.MemberAsync("ann@example.org", "owner");
        foreach (var attempt in new[]
        {
            await Operator.DeleteReplyAsync("/v1/members/ann@example.org"),
            await Operator.PatchAsync("/v1/members/ann@example.org", """{"roles":["admin"]}"""),
            await Operator.PatchAsync("/v1/members/ann@example.org", """{"projects":["web"]}"""),
        })
        {
            attempt.ShouldBeProblem(409, "member.last_owner");
        }

        // An owner of some projects owns nothing.
        (await Operator.PutAsync("/v1/members/bob@example.org", """{"roles":["owner"],"projects":["web"]}""")).ShouldBe(201);
        (await Operator.DeleteReplyAsync("/v1/members/ann@example.org")).ShouldBeProblem(409, "member.last_owner");
        (await Operator.PatchAsync("/v1/members/bob@example.org", """{"projects":null}""")).ShouldBe(200);
        (await Operator.DeleteReplyAsync("/v1/members/ann@example.org")).ShouldBeNothing();
        (await Operator.PatchAsync("/v1/members/bob@example.org", """{"roles":[]}""")).ShouldBeProblem(409, "member.last_owner");
    }

    [Fact]
    public async Task Of_owners_who_all_step_down_at_once_one_stays()
    {
        string[] owners = ["a@example.org", "b@example.org", "c@example.org", "d@example.org"];
        foreach (var owner in owners)
        {
            await Operator.MemberAsync(owner);
        }

        await Task.WhenAll(owners.Select((owner, i) => Task.Run(async () => await (i % 2 == 0
            ? Operator.DeleteReplyAsync($"/v1/members/{owner}")
            : Operator.PatchAsync($"/v1/members/{owner}", """{"roles":["member"]}""")))));

        var left = (await Operator.GetReplyAsync("/v1/members")).Json["items"]!.AsArray().Where(static member => member!["roles"]!.AsArray().Any(static role => (string)role! == "owner"));
        left.Count().ShouldBeGreaterThanOrEqualTo(1);
        foreach (var owner in left.Select(static member => (string)member!["name"]!).ToArray())
        {
            await Operator.DeleteReplyAsync($"/v1/members/{owner}");
        }

        (await Operator.GetReplyAsync("/v1/members")).Json["items"]!.AsArray()
            .Count(static member => member!["roles"]!.AsArray().Any(static role => (string)role! == "owner")).ShouldBe(1);
    }

    [Fact]
    public async Task People_make_see_and_delete_their_own_keys_and_nobody_elses()
    {
        var ann = await Host.MemberWithAsync("ann@example.org", "member");
        var bobs = (string)(await Operator.PostAsync("/v1/api-keys", """{"name":"ci","principal":{"type":"service","name":"ci"},"permissions":{}}""")).Json["id"]!;
        var made = (await ann.PostAsync("/v1/api-keys", """{"name":"mine","principal":{"type":"member","name":"ann@example.org"},"environments":["dev"]}""")).ShouldBe(201);
        var mine = Host.Client((string)made.Json["key"]!);

        (await mine.GetReplyAsync("/v1/variables?environment=dev")).ShouldBe(200);
        (await mine.GetReplyAsync("/v1/variables?environment=prod")).ShouldBeProblem(403, "access.environment_not_allowed");
        (await ann.GetReplyAsync("/v1/api-keys")).Json["items"]!.AsArray().Count.ShouldBe(2);
        (await ann.GetReplyAsync($"/v1/api-keys/{bobs}")).ShouldBeProblem(404, "api_key.not_found");
        (await ann.DeleteReplyAsync($"/v1/api-keys/{bobs}")).ShouldBeProblem(404, "api_key.not_found");
        (await ann.PostAsync("/v1/api-keys", """{"name":"x","principal":{"type":"service","name":"x"},"permissions":{"automations":"view"}}""")).ShouldBeProblem(403, "access.permission_missing");

        // A narrow key makes no wider one, also not for what is personal.
        (await mine.PostAsync("/v1/api-keys", """{"name":"x","principal":{"type":"member","name":"ann@example.org"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
        (await mine.PostAsync("/v1/api-keys", """{"name":"x","principal":{"type":"member","name":"ann@example.org"},"environments":["dev"]}""")).ShouldBe(201);
        (await ann.DeleteReplyAsync($"/v1/api-keys/{made.Json["id"]}")).ShouldBeNothing();
        (await mine.GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
    }

    [Fact]
    public async Task A_member_who_is_deleted_is_not_recognized_and_leaves_a_later_one_nothing()
    {
        await Operator.MemberAsync("boss@example.org");
        var ann = await Host.MemberWithAsync("ann@example.org", "owner");
        await ann.VariableAsync("dev/MINE?scope=personal", "1");
        (await Operator.DeleteReplyAsync("/v1/members/ann@example.org")).ShouldBeNothing();
        (await ann.GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        (await StoreDump.ReadAsync(Host, await StoreDump.OrganizationIdAsync(Host, "default"))).ShouldNotContain("personal|ann@example.org");

        var later = await Host.MemberWithAsync("ann@example.org", "member");
        (await ann.GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        (await later.GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBeEmpty();
        (await later.GetReplyAsync("/v1/variables/dev/MINE?scope=personal")).ShouldBeProblem(404, "variable.not_found");
        await later.VariableAsync("dev/MINE?scope=personal", "2");
        (await later.PostAsync("/v1/variables/dev/MINE/reveal?scope=personal")).ShouldBe(200, """{"value":"2","version":1}""");
    }

    [Fact]
    public async Task What_changes_holds_at_once_here_and_within_the_window_elsewhere()
    {
        await using var elsewhere = await Host.StartAnotherAsync(Head);
        await Operator.MemberAsync("boss@example.org");
        await Operator.RoleAsync("writer", null, null, "environment_variables: manage");
        await Operator.MemberAsync("ann@example.org", "writer");
        var key = await Operator.KeyAsync("""{"name":"k","principal":{"type":"member","name":"ann@example.org"}}""");
        await BothAsync(200, "");

        await Operator.RoleAsync("writer", null, ["prod"], "environment_variables: manage");
        await BothAsync(403, "access.environment_not_allowed");
        (await Operator.PatchAsync("/v1/members/ann@example.org", """{"roles":["admin"]}""")).ShouldBe(200);
        await BothAsync(200, "");
        (await Operator.PatchAsync("/v1/members/ann@example.org", """{"roles":["member"]}""")).ShouldBe(200);
        await BothAsync(403, "access.permission_missing");
        (await Operator.DeleteReplyAsync("/v1/members/ann@example.org")).ShouldBeNothing();
        await BothAsync(401, "auth.invalid");

        async Task BothAsync(int status, string code)
        {
            var here = await Host.Client(key).PutAsync("/v1/variables/dev/KEY", """{"value":"1"}""");
            Host.Clock.Advance(TimeSpan.FromSeconds(1));
            foreach (var reply in new[] { here, await elsewhere.Client(key).PutAsync("/v1/variables/dev/KEY", """{"value":"1"}""") })
            {
                (reply.Status == 201 ? 200 : reply.Status).ShouldBe(status);
                (status == 200 ? "" : reply.Code).ShouldBe(code);
            }
        }
    }

    public sealed class Direct() : MemberTests(Head.Direct);

    public sealed class BehindARouter() : MemberTests(Head.BehindARouter);
}
