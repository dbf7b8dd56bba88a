using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

/// <summary>
/// What is personal opens for its member's own credentials, and for those the member made or lent it to. Everybody who holds everything tries all the
/// ways there are.
/// </summary>
public abstract class PersonalTests(Head head) : ApiTest(head)
{
    private const string Secret = "ann's own and nobody else's";
    private const string Name = "A_NAME_OF_ANNS_OWN";

    private HttpClient _ann = null!;
    private HttpClient _owner = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _owner = await Host.MemberWithAsync("owner@example.org", "owner");
        _ann = await Host.MemberWithAsync("ann@example.org", "admin");
        await _ann.AutomationAsync("crew");
        await _ann.VariableAsync($"dev/{Name}?scope=personal", Secret);
        await _ann.AssignAsync("crew", "dev", $"{Name} personal");
    }

    [Fact]
    public async Task It_is_the_last_fallback_of_its_members_kickoffs()
    {
        (await _ann.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe($"{Name}={Secret}");
        (await _ann.ResolvedAsync("""{"automation":"crew","kickoff":{"triggeredBy":"ann@example.org"}}""")).ShouldBe($"{Name}={Secret}");
        (await (await Host.KeyMadeByAsync(_ann, "automation", "crew")).ResolvedAsync("{}")).ShouldBe($"{Name}={Secret}");
        (await (await Host.KeyMadeByAsync(_ann, "member", "ann@example.org")).ResolvedAsync("""{"automation":"crew"}""")).ShouldBe($"{Name}={Secret}");
        await Operator.VariableAsync($"dev/{Name}", "the organization's");
        await Operator.AssignAsync("crew", "dev", $"{Name} personal", Name);
        (await _ann.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe($"{Name}=the organization's");
    }

    [Fact]
    public async Task No_owner_and_no_operator_reads_it_by_any_route()
    {
        await _ann.PostAsync("/v1/automations/crew/snapshots", "{}");
        var snapshot = (string)(await _ann.GetReplyAsync("/v1/automations/crew/snapshots")).Json["items"]![0]!["id"]!;
        foreach (var attacker in new[] { _owner, Operator, await Host.MemberWithAsync("admin@example.org", "admin") })
        {
            // A key for ann that ann did not make, and one for her automation, and for one that is hers by somebody's word.
            var asAnn = attacker == Operator || attacker == _owner ? await Host.KeyMadeByAsync(attacker, "member", "ann@example.org") : attacker;
            await attacker.PutAsync("/v1/automations/trap", """{"project":"default"}""");
            await attacker.AssignAsync("trap", "dev", $"{Name} personal");
            await attacker.PutAsync("/v1/automations/trap", """{"project":"default","owner":"ann@example.org"}""");
            HttpClient[] credentials =
            [
                attacker, asAnn,
                await Host.KeyMadeByAsync(attacker, "automation", "crew"), await Host.KeyMadeByAsync(attacker, "automation", "trap"),
                await Host.KeyMadeByAsync(attacker, "service", "sneaky", "secret_values: manage", "environment_variables: manage", "automations: manage"),
            ];
            foreach (var client in credentials)
            {
                foreach (var reply in new[]
                {
                    await client.GetReplyAsync($"/v1/variables/dev/{Name}?scope=personal"),
                    await client.GetReplyAsync("/v1/variables?scope=personal"),
                    await client.GetReplyAsync("/v1/variables"),
                    await client.GetReplyAsync($"/v1/variables/dev/{Name}/versions?scope=personal"),
                    await client.GetReplyAsync($"/v1/variables/dev/{Name}/usage?scope=personal"),
                    await client.PostAsync($"/v1/variables/dev/{Name}/reveal?scope=personal"),
                    await client.PostAsync($"/v1/variables/dev/{Name}/versions/1/restore?scope=personal"),
                    await client.PatchAsync($"/v1/variables/dev/{Name}?scope=personal", "{}"),
                    await client.GetReplyAsync($"/v1/variables/dev/{Name}?scope=personal:ann@example.org"),
                    await client.PostAsync("/v1/resolve", "{}"),
                    await client.PostAsync("/v1/resolve", """{"automation":"crew"}"""),
                    await client.PostAsync("/v1/resolve", """{"automation":"trap"}"""),
                    await client.PostAsync("/v1/resolve", """{"automation":"crew","partial":true}"""),
                    await client.PostAsync("/v1/resolve", """{"automation":"crew","partial":true,"kickoff":{"triggeredBy":"ann@example.org"}}"""),
                    await client.PostAsync("/v1/resolve", $$"""{"automation":"crew","partial":true,"snapshot":"{{snapshot}}"}"""),
                    await client.PostAsync("/v1/render", $$$"""{"automation":"crew","templates":{"t":"{{{{{Name}}}}}"}}"""),
                    await client.PostAsync("/v1/automations/crew/snapshots", "{}"),
                })
                {
                    reply.Body.ShouldNotContain(Secret);
                    (reply.Status is 200 && reply.Json["variables"] is { } variables ? variables.AsObject().Count : 0).ShouldBe(0);
                }

                // Whether a value is the same says what it is.
                var import = await client.ImportAsync("/v1/variables/dev/import?scope=personal&dryRun=true", $"{Name}=\"{Secret}\"");
                (import.Status == 200 ? (int)import.Json["unchanged"]! : 0).ShouldBe(0);
            }

            (await attacker.DeleteReplyAsync("/v1/automations/trap?release=true")).ShouldBeNothing();

            foreach (var path in new[] { "/v1/audit-events?limit=200", "/v1/audit-events/export", "/v1/automations/crew/snapshots", $"/v1/automations/crew/snapshots/{snapshot}", "/v1/variables" })
            {
                var body = (await attacker.GetReplyAsync(path)).Body;
                body.ShouldNotContain(Secret);
                if (!path.StartsWith("/v1/audit", StringComparison.Ordinal))
                {
                    body.ShouldNotContain(Name);
                }
            }
        }
    }

    [Fact]
    public async Task A_key_for_a_member_that_somebody_else_made_is_told_so()
    {
        var other = await Host.KeyMadeByAsync(_owner, "member", "ann@example.org");
        ((string?)(await other.GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own").Json["hint"]).ShouldNotBeNull().ShouldContain("key that you made with it");
        (await other.PutAsync($"/v1/variables/dev/{Name}?scope=personal", """{"value":"2"}""")).ShouldBeProblem(403, "personal.not_own");
        (await other.DeleteReplyAsync($"/v1/variables/dev/{Name}?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        (await (await Host.KeyMadeByAsync(other, "member", "ann@example.org")).GetReplyAsync("/v1/variables?scope=personal")).ShouldBeProblem(403, "personal.not_own");
        (await (await Host.KeyMadeByAsync(other, "automation", "crew")).PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
        (await _ann.GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBe([Name]);
    }

    [Fact]
    public async Task A_member_lends_to_a_key_of_somebody_elses_and_takes_it_back()
    {
        var made = (await _owner.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"automation","name":"crew"}}""")).ShouldBe(201);
        var (crew, path) = (Host.Client((string)made.Json["key"]!), $"/v1/api-keys/{made.Json["id"]}/personal");
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe([$"variable.not_found {Name}"]);

        // Not by anybody's word but ann's own.
        (await _owner.PutAsync(path, "")).ShouldBeProblem(403, "personal.not_own");
        (await Operator.PutAsync(path, "")).ShouldBeProblem(403, "access.member_only");
        (await crew.PutAsync(path, "")).ShouldBeProblem(403, "access.automation_only_itself");
        (await (await Host.KeyMadeByAsync(_owner, "member", "ann@example.org")).PutAsync(path, "")).ShouldBeProblem(403, "personal.not_own");

        (await _ann.PutAsync(path, "")).ShouldBeNothing();
        (await crew.ResolvedAsync("{}")).ShouldBe($"{Name}={Secret}");
        ((string?)(await _owner.GetReplyAsync($"/v1/api-keys/{made.Json["id"]}")).Json["personalOf"]).ShouldBe("ann@example.org");

        // Somebody else's kickoffs are not ann's, whatever the key.
        (await _owner.PatchAsync("/v1/automations/crew", """{"owner":"owner@example.org"}""")).ShouldBe(200);
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
        (await _owner.PatchAsync("/v1/automations/crew", """{"owner":"ann@example.org"}""")).ShouldBe(200);

        await _owner.VariableAsync("dev/OWNERS?scope=personal", "1");
        (await _owner.PutAsync(path, "")).ShouldBeProblem(409, "personal.lent_by_another");
        (await _owner.DeleteReplyAsync(path)).ShouldBeProblem(404, "personal.not_lent");
        (await _ann.DeleteReplyAsync(path)).ShouldBeNothing();
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
        (await _ann.DeleteReplyAsync(path)).ShouldBeProblem(404, "personal.not_lent");
        (await _ann.PutAsync($"/v1/api-keys/{new string('a', 20)}/personal", "")).ShouldBeProblem(404, "api_key.not_found");
    }

    [Fact]
    public async Task A_key_for_another_member_is_not_lent_to()
    {
        var made = (await _owner.PostAsync("/v1/api-keys", """{"name":"k","principal":{"type":"member","name":"owner@example.org"}}""")).ShouldBe(201);
        (await _ann.PutAsync($"/v1/api-keys/{made.Json["id"]}/personal", "")).ShouldBeProblem(409, "personal.not_lendable");
        ((string?)(await _ann.GetReplyAsync("/v1/api-keys")).Json["items"]!.AsArray().Single(key => (string)key!["id"]! == (string)made.Json["id"]!)!["personalOf"]).ShouldBeNull();
    }

    [Fact]
    public async Task Who_writes_first_claims_it_and_nothing_was_there_to_read_before()
    {
        await Operator.MemberAsync("bob@example.org", "member");
        var (first, second) = (await Host.KeyMadeByAsync(Operator, "member", "bob@example.org"), await Host.KeyMadeByAsync(Operator, "member", "bob@example.org"));
        (await first.GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBeEmpty();
        (await second.GetReplyAsync("/v1/variables/dev/X?scope=personal")).ShouldBeProblem(404, "variable.not_found");
        (await first.ImportAsync("/v1/variables/dev/import?scope=personal&dryRun=true", "X=1")).ShouldBe(200);

        // All at once: one of them has it, and both have what they were told.
        var replies = await Task.WhenAll(new[] { first, second }.SelectMany(client => Enumerable.Range(0, 4).Select(i => Task.Run(() =>
            client.PutAsync($"/v1/variables/dev/KEY{i}?scope=personal", """{"value":"1"}""")))));
        var lists = new[] { await first.GetReplyAsync("/v1/variables?scope=personal"), await second.GetReplyAsync("/v1/variables?scope=personal") };
        lists.Count(static list => list.Status == 200).ShouldBe(1);
        lists.Count(static list => list.Status == 403).ShouldBe(1);
        var won = lists[0].Status == 200 ? replies[..4] : replies[4..];
        won.ShouldAllBe(static reply => reply.Status == 201 || reply.Status == 409);
        lists.Single(static list => list.Status == 200).Items.Count().ShouldBe(won.Count(static reply => reply.Status == 201));
        replies.Except(won).ShouldAllBe(static reply => reply.Status == 403 || reply.Status == 409);
    }

    [Fact]
    public async Task A_plain_member_has_what_is_personal_without_any_permission()
    {
        await Operator.MemberAsync("bob@example.org", "member");
        (await Operator.PatchAsync("/v1/members/bob@example.org", """{"roles":[]}""")).ShouldBe(200);
        var bob = await Host.KeyMadeByAsync(Operator, "member", "bob@example.org");
        await bob.VariableAsync("dev/MINE?scope=personal", "1");
        (await bob.PostAsync("/v1/variables/dev/MINE/reveal?scope=personal")).ShouldBe(200, """{"value":"1","version":1}""");
        (await bob.PatchAsync("/v1/variables/dev/MINE?scope=personal", """{"description":"Mine"}""")).ShouldBe(200);
        (await bob.GetReplyAsync("/v1/variables/dev/MINE/versions?scope=personal")).ShouldBe(200);
        (await bob.ImportAsync("/v1/variables/dev/import?scope=personal", "MINE=1\nOTHER=2")).ShouldBe(200, """{"created":1,"updated":0,"unchanged":1,"errors":[]}""");
        (await bob.DeleteReplyAsync("/v1/variables/dev/MINE?scope=personal")).ShouldBeNothing();
        (await bob.GetReplyAsync("/v1/variables")).ShouldBeProblem(403, "access.permission_missing");
        (await bob.PutAsync("/v1/variables/dev/X?scope=personal", """{"value":"1","access":[{"member":"bob@example.org","role":"admin"}]}""")).ShouldBeProblem(400, "variable.access_not_applicable");

        // A key of theirs that was narrowed has no more of it than it was left.
        var reader = await Host.KeyMadeByAsync(bob, "member", "bob@example.org", "environment_variables: view");
        (await reader.GetReplyAsync("/v1/variables?scope=personal")).Items.ShouldBe(["OTHER"]);
        (await reader.PutAsync("/v1/variables/dev/X?scope=personal", """{"value":"1"}""")).ShouldBeProblem(403, "access.permission_missing");
        (await reader.PostAsync("/v1/variables/dev/OTHER/reveal?scope=personal")).ShouldBeProblem(403, "access.permission_missing");
        (await reader.PostAsync("/v1/api-keys", """{"name":"x","principal":{"type":"member","name":"bob@example.org"}}""")).ShouldBeProblem(403, "access.grant_exceeds_own");
    }

    [Fact]
    public async Task No_event_of_any_route_names_it()
    {
        var crew = await Host.KeyMadeByAsync(_ann, "automation", "crew");
        var reader = await Host.KeyMadeByAsync(_ann, "member", "ann@example.org", "environment_variables: view");
        var other = await Host.KeyMadeByAsync(_owner, "member", "ann@example.org");
        (await _ann.PutAsync("/v1/provider-credentials/store-of-anns", """{"provider":"hashicorp-vault","scope":"organization","address":"https://vault.example.invalid","auth":{"type":"static","token":"hvs.made-up"}}""")).ShouldBe(201);
        (await _ann.PutAsync("/v1/variables/dev/REFERRED_BY_ANN?scope=personal", """{"reference":{"credential":"store-of-anns","secret":"kv/anns"}}""")).ShouldBe(201);
        (await _ann.PostAsync("/v1/variables/dev/REFERRED_BY_ANN/reveal?scope=personal")).ShouldBeProblem(409, "variable.has_no_value");
        (await _ann.PostAsync("/v1/variables/dev/NAMED_BY_ANN/reveal?scope=personal")).ShouldBeProblem(404, "variable.not_found");
        foreach (var client in new[] { _ann, reader, other, crew, _owner, Operator })
        {
            foreach (var path in new[] { Name, "REFERRED_BY_ANN", "NAMED_BY_ANN" }.Select(static key => $"/v1/variables/dev/{key}"))
            {
                await client.GetReplyAsync($"{path}?scope=personal");
                await client.GetReplyAsync($"{path}/versions?scope=personal");
                await client.GetReplyAsync($"{path}/usage?scope=personal");
                await client.PatchAsync($"{path}?scope=personal", """{"description":"x"}""");
                await client.PostAsync($"{path}/reveal?scope=personal");
                await client.PostAsync($"{path}/versions/1/restore?scope=personal");
                await client.PostAsync($"{path}/versions/9/restore?scope=personal");
            }

            await client.ImportAsync("/v1/variables/dev/import?scope=personal", "NAMED_BY_ANN=1");
            await client.PostAsync("/v1/resolve", """{"automation":"crew","partial":true}""");
            await client.PostAsync("/v1/render", $$$"""{"automation":"crew","templates":{"t":"{{{{{Name}}}}}"}}""");
            await client.PostAsync("/v1/automations/crew/snapshots", "{}");
            await client.DeleteReplyAsync("/v1/variables/dev/NAMED_BY_ANN?scope=personal");
        }

        // What is assigned is not personal, also where nothing personal was found by that name: only whose variable it then is.
        var events = (await Operator.GetReplyAsync("/v1/audit-events/export")).Body.Split('\n').Where(static line =>
            !line.Contains("assignments.put", StringComparison.Ordinal) && !line.Contains("""{"key":"A_NAME_OF_ANNS_OWN","scope":"","outcome":"variable.not_found"}""", StringComparison.Ordinal)).ToList();
        events.Count.ShouldBeGreaterThan(50);
        foreach (var hidden in new[] { Name, "REFERRED_BY_ANN", "NAMED_BY_ANN", "kv/anns" })
        {
            events.ShouldAllBe(line => !line.Contains(hidden, StringComparison.Ordinal));
        }

        (await _ann.GetReplyAsync($"/v1/variables/dev/{Name}/usage?scope=personal")).ShouldBe(200).Json["items"]!.AsArray().ShouldContain(static use => (string)use!["action"]! == "variable.resolve");
    }

    [Fact]
    public async Task The_log_names_it_by_a_digest_alone()
    {
        await _ann.ResolvedAsync("""{"automation":"crew"}""");
        await _ann.ImportAsync("/v1/variables/dev/import?scope=personal", $"{Name}_TOO=1");
        await _ann.PostAsync($"/v1/variables/dev/{Name}/reveal?scope=personal");
        await _ann.DeleteReplyAsync($"/v1/variables/dev/{Name}?scope=personal");
        var events = (await Operator.GetReplyAsync("/v1/audit-events?limit=200")).Json["items"]!.AsArray();

        // What is assigned is not personal: only whose variable it then is.
        events.Where(static item => (string)item!["action"]! != "assignments.put").ShouldAllBe(static item => !item!.ToJsonString().Contains(Name));
        var names = events.Where(static item => ((string)item!["action"]!).StartsWith("variable.", StringComparison.Ordinal) && item["target"]!["key"] is not null).Select(static item => (string)item!["target"]!["key"]!).Distinct();
        names.ShouldHaveSingleItem().ShouldMatch("^personal:[0-9a-f]{12}$");
        ((string)events.First(static item => (string)item!["action"]! == "variable.resolve")!["target"]!["variables"]![0]!["key"]!).ShouldBe(names.Single());
    }

    [Fact]
    public async Task A_deleted_members_loans_are_not_a_later_ones()
    {
        var crew = await Host.KeyMadeByAsync(_ann, "automation", "crew");
        (await crew.ResolvedAsync("{}")).ShouldBe($"{Name}={Secret}");
        var snapshot = (string)(await _ann.PostAsync("/v1/automations/crew/snapshots", "{}")).ShouldBe(201).Json["id"]!;
        (await Operator.DeleteReplyAsync("/v1/members/ann@example.org")).ShouldBeNothing();
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");

        var later = await Host.MemberWithAsync("ann@example.org", "admin");
        await later.VariableAsync($"dev/{Name}?scope=personal", "the later one's");
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
        (await later.ResolvedAsync("""{"automation":"crew"}""")).ShouldBe($"{Name}=the later one's");
        (await later.PostAsync("/v1/resolve", $$"""{"automation":"crew","snapshot":"{{snapshot}}"}""")).ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe([$"variable.personal_closed {Name}"]);
    }

    [Fact]
    public async Task A_cursor_of_somebodys_list_opens_nobody_elses()
    {
        await _ann.VariableAsync("dev/SECOND?scope=personal", "2");
        await _owner.VariableAsync("dev/OWNERS?scope=personal", "1");
        var cursor = (await _ann.GetReplyAsync("/v1/variables?scope=personal&limit=1")).NextCursor.ShouldNotBeNull();
        (await _ann.GetReplyAsync($"/v1/variables?scope=personal&limit=1&cursor={cursor}")).ShouldBe(200);
        (await _owner.GetReplyAsync($"/v1/variables?scope=personal&limit=1&cursor={cursor}")).ShouldBeProblem(400, "cursor.invalid");
    }

    public sealed class Direct() : PersonalTests(Head.Direct);

    public sealed class BehindARouter() : PersonalTests(Head.BehindARouter);
}
