using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.Vault;
using SecretFunctions.Core.Tests.Access;

namespace SecretFunctions.Core.Tests.Resolution;

public sealed class ResolverTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task The_narrowest_scope_that_is_assigned_wins()
    {
        var instance = await Instance.StartAsync();
        await instance.AutomateAsync("crew");
        (VariableScope Scope, string Name)[] scopes =
        [
            (VariableScope.Personal("owner@example.org"), "personal"),
            (VariableScope.Organization, "organization"),
            (VariableScope.Project("default"), "project"),
            (VariableScope.Automation("crew"), "automation"),
        ];

        foreach (var (scope, name) in scopes)
        {
            await instance.SetAsync("KEY", name, scope);
            await instance.AutomateAsync("crew", "owner@example.org", [.. scopes.TakeWhile(item => item.Name != name).Append((Scope: scope, Name: name)).Select(item => ("KEY", item.Name))]);
            (await instance.ResolveAsync("crew")).Values().ShouldBe(new Dictionary<string, string> { ["KEY"] = name });
        }
    }

    [Fact]
    public async Task A_scope_that_is_not_assigned_takes_no_part_however_narrow()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "organization");
        await instance.SetAsync("OTHER", "other");
        await instance.AutomateAsync("crew", null, ("KEY", "organization"));
        await instance.SetAsync("KEY", "automation", VariableScope.Automation("crew"));

        (await instance.ResolveAsync("crew")).Values().ShouldBe(new Dictionary<string, string> { ["KEY"] = "organization" });
    }

    [Fact]
    public async Task Personal_variables_are_the_owners_for_an_automation_and_a_members_own_for_a_member()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "of the owner", VariableScope.Personal("owner@example.org"));
        await instance.SetAsync("KEY", "of another", VariableScope.Personal("another@example.org"));
        await instance.AutomateAsync("crew", "owner@example.org", ("KEY", "personal"));
        var crew = instance.Owner with { Principal = new Principal(PrincipalType.Automation, "crew"), Grants = [] };
        var another = instance.Owner with { Principal = new Principal(PrincipalType.Member, "another@example.org") };

        (await instance.ResolveAsync(null, crew)).Values()["KEY"].ShouldBe("of the owner");
        (await instance.ResolveAsync("crew", another)).Values()["KEY"].ShouldBe("of another");
        (await instance.ResolveAsync("crew", instance.Owner)).Values()["KEY"].ShouldBe("of the owner");
    }

    [Fact]
    public async Task Tags_keep_what_carries_one_of_them_and_never_uncover_a_wider_scope()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("A", "1", null, "backend", "x");
        await instance.SetAsync("B", "2", null, "frontend");
        await instance.SetAsync("C", "3");
        await instance.SetAsync("D", "organization", null, "backend");
        await instance.AutomateAsync("crew");
        await instance.SetAsync("D", "project", VariableScope.Project("default"));
        await instance.AutomateAsync(
            "crew", null, ("A", "organization"), ("B", "organization"), ("C", "organization"), ("D", "organization"), ("D", "project"));

        (await instance.ResolveAsync("crew", tags: ["backend"])).Values().Keys.ShouldBe(["A"]);
        (await instance.ResolveAsync("crew", tags: ["frontend", "x"])).Values().Keys.ShouldBe(["A", "B"]);
        (await instance.ResolveAsync("crew")).Values().Keys.ShouldBe(["A", "B", "C", "D"]);
    }

    [Fact]
    public async Task Nothing_assigned_resolves_to_nothing()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "value");
        await instance.AutomateAsync("crew");

        (await instance.ResolveAsync("crew")).Values().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_assigned_and_missing_fails_the_whole_resolve_unless_it_is_partial()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("THERE", "value");
        await instance.AutomateAsync("crew", null, ("MISSING", "personal"), ("THERE", "organization"));

        var failure = (await instance.ResolveAsync("crew")).ShouldFail("resolve.failed");
        failure.Errors.ShouldHaveSingleItem().Key.ShouldBe("MISSING");
        using var partial = (await instance.ResolveAsync("crew", partial: true)).ShouldSucceed();
        partial.Key(0).ShouldBe("THERE");
        partial.Sources.ShouldHaveSingleItem().Key.ShouldBe("THERE");
        partial.Errors.ShouldHaveSingleItem().Code.ShouldBe("variable.not_found");
    }

    [Fact]
    public async Task A_value_moved_from_another_variable_fails_and_the_log_says_so()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("PUBLIC", "public");
        await instance.SetAsync("SECRET", "secret");
        await instance.AutomateAsync("crew", null, ("PUBLIC", "organization"));
        var secret = (await instance.Variables.GetAsync(instance.Owner, Instance.Address("SECRET"), None)).ShouldSucceed();
        var place = (await instance.Variables.GetAsync(instance.Owner, Instance.Address("PUBLIC"), None)).ShouldSucceed();
        var moved = place.Document with { Versions = secret.Document.Versions };
        await instance.Shared.WriteAsync(
            instance.OrganizationId, [EntityWrite.Upsert(place.Row, Documents.Serialize(moved, StoredJson.Default.Variable))], None);

        (await instance.ResolveAsync("crew")).ShouldFail("resolve.failed").Errors.ShouldHaveSingleItem().Code.ShouldBe("variable.undecryptable");

        (await OutcomesAsync(instance)).ShouldBe(["failure", "PUBLIC variable.undecryptable"]);
    }

    [Fact]
    public async Task A_value_that_stops_opening_in_memory_fails_and_the_log_does_not_call_it_a_success()
    {
        var instance = await Instance.StartAsync();
        var view = await instance.ViewAsync();
        var envelope = Envelope.Seal(view.Keys, new SealContext("o", "s", 1), "value"u8);
        var other = Envelope.Seal(view.Keys, new SealContext("o", "s", 2), "other"u8);
        await PlanAsync(view, ("KEY", Envelope.Unwrap(view.Keys, new SealContext("o", "s", 1), envelope)), ("OTHER", Envelope.Unwrap(view.Keys, new SealContext("o", "s", 2), other)));
        envelope[^1] ^= 1;

        (await instance.ResolveAsync("crew")).ShouldFail("resolve.failed").Errors.ShouldHaveSingleItem().Key.ShouldBe("KEY");
        (await OutcomesAsync(instance)).ShouldBe(["failure", "KEY variable.undecryptable", "OTHER success"]);

        (await instance.ResolveAsync("crew", partial: true)).Values().ShouldBe(new Dictionary<string, string> { ["OTHER"] = "other" });
        (await OutcomesAsync(instance)).ShouldBe(["partial", "KEY variable.undecryptable", "OTHER success"]);
    }

    [Fact]
    public async Task Values_are_withheld_where_their_audit_event_cannot_be_written()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "value");
        await instance.AutomateAsync("crew", null, ("KEY", "organization"));
        instance.Store.BeforeWrite = static _ => throw new StoreUnavailableException("Full.");

        await Should.ThrowAsync<StoreUnavailableException>(() => instance.ResolveAsync("crew"));

        instance.Store.BeforeWrite = null;
        (await instance.ResolveAsync("crew")).Values()["KEY"].ShouldBe("value");
    }

    [Fact]
    public async Task Values_leave_only_after_their_audit_event_is_durable()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "value");
        await instance.AutomateAsync("crew", null, ("KEY", "organization"));
        var reached = new TaskCompletionSource();
        var written = new TaskCompletionSource();
        instance.Store.BeforeWrite = _ =>
        {
            reached.TrySetResult();
            return written.Task;
        };

        var resolving = instance.ResolveAsync("crew");
        await reached.Task;
        resolving.IsCompleted.ShouldBeFalse();
        written.SetResult();

        (await resolving).Values()["KEY"].ShouldBe("value");
        (await OutcomesAsync(instance)).ShouldBe(["success", "KEY success"]);
    }

    [Fact]
    public async Task Denied_comes_before_anything_is_read()
    {
        var instance = await Instance.StartAsync();
        await instance.ViewAsync();
        instance.Store.Forget();
        var crew = instance.Owner with { Principal = new Principal(PrincipalType.Automation, "crew"), Grants = [] };

        (await instance.ResolveAsync("other", crew)).ShouldFail("access.automation_only_itself");
        (await instance.ResolveAsync("other", instance.Owner.Holding(Permissions.None))).ShouldFail("access.permission_missing");

        instance.Store.Reads.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_too_large_for_the_log_is_refused_and_withholds_the_values()
    {
        var instance = await Instance.StartAsync();
        var view = await instance.ViewAsync();
        var context = new SealContext("o", "s", 1);
        var value = Envelope.Unwrap(view.Keys, context, Envelope.Seal(view.Keys, context, "v"u8));
        var secret = new string('s', 2000);
        await PlanAsync(view, secret, [.. Enumerable.Range(0, PlanBuilder.MaxVariables).Select(i => ($"KEY_{i}", value))]);

        (await instance.ResolveAsync("crew")).ShouldFail("resolve.too_large_to_record").Kind.ShouldBe(FailureKind.Invalid);
    }

    /// <summary>Of the newest event: its outcome, then each variable's.</summary>
    private static async Task<IEnumerable<string>> OutcomesAsync(Instance instance)
    {
        var newest = (await instance.AuditEventsAsync())[0];
        return newest.GetProperty("target").GetProperty("variables").EnumerateArray()
            .Select(static variable => $"{variable.GetProperty("key")} {variable.GetProperty("outcome")}")
            .Prepend(newest.GetProperty("outcome").GetString()!);
    }

    private static Task PlanAsync(OrganizationView view, params (string Key, SealedValue? Value)[] values) => PlanAsync(view, "secret", values);

    /// <summary>Puts a plan of these values where the owner's resolve for <c>crew</c> finds it.</summary>
    private static async Task PlanAsync(OrganizationView view, string secret, (string Key, SealedValue? Value)[] values)
    {
        PlanEntry[] entries = [.. values.Select(item => new PlanEntry(item.Key, "organization")
        {
            Source = new ResolvedSource(item.Key, "organization", ResolvedSource.Provider, "credential", secret, "1", "000000000000", default, Stale: false),
            Value = item.Value,
        })];
        var plan = new ResolutionPlan
        {
            Entries = entries,
            Sources = [.. entries.Select(static entry => entry.Source!)],
            TotalLength = entries.Sum(static entry => entry.Value!.Length),
            References = [],
            AuditJson = ResolutionAudit.Describe(entries.Select(static entry => new ResolvedVariable(entry.Key, entry.Scope, entry.Source, null))),
        };
        var key = new PlanKey("crew", null, "prod", "owner@example.org", "", null);
        (await view.Plans.GetAsync(key, _ => Task.FromResult<Result<ResolutionPlan>>(plan), None)).ShouldSucceed();
    }
}
