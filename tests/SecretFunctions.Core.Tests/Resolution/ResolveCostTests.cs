using System.Globalization;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Resolution;

public sealed class ResolveCostTests
{
    private const int Assigned = 20;

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_cold_resolve_reads_as_much_among_a_hundred_thousand_variables_as_among_a_thousand()
    {
        var few = await MeasureAsync(1_000);
        var many = await MeasureAsync(100_000);

        many.ShouldBe(few, ignoreOrder: true);
        many.Count(static row => row.StartsWith(Rows.VariablePrefix, StringComparison.Ordinal)).ShouldBe(Assigned);
        many.Count.ShouldBeLessThanOrEqualTo(Assigned + 5);
    }

    [Fact]
    public async Task A_hot_resolve_reads_the_revision_once_per_window_and_nothing_else()
    {
        var instance = await StartAsync(Assigned);
        await instance.ResolveAsync("crew");
        instance.Store.Forget();

        for (var i = 0; i < 200; i++)
        {
            (await instance.ResolveAsync("crew")).Values().Count.ShouldBe(Assigned);
        }

        instance.Store.Reads.ShouldBeEmpty();
        instance.Clock.Advance(Instance.Window);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => instance.ResolveAsync("crew"))));
        instance.Store.Reads.ShouldBe([Rows.Revision]);
    }

    [Fact]
    public async Task Cold_resolves_at_once_build_one_plan()
    {
        var instance = await StartAsync(Assigned);
        await instance.ViewAsync();
        instance.Store.Forget();
        var go = new TaskCompletionSource();
        instance.Store.BeforeRead = _ => go.Task;

        var resolving = Enumerable.Range(0, 20).Select(_ => instance.ResolveAsync("crew")).ToArray();
        go.SetResult();

        (await Task.WhenAll(resolving)).ShouldAllBe(static result => result.Values().Count == Assigned);
        instance.Store.Reads.Count(static row => row.StartsWith(Rows.VariablePrefix, StringComparison.Ordinal)).ShouldBe(Assigned);
    }

    [Fact]
    public async Task A_plan_that_failed_is_not_kept()
    {
        var instance = await Instance.StartAsync();
        (await instance.ResolveAsync("crew")).ShouldFail("automation.not_found");
        instance.Store.BeforeRead = static key => key.Row == Rows.Revision ? Task.CompletedTask : throw new StoreUnavailableException("Down.");
        await Should.ThrowAsync<StoreUnavailableException>(() => instance.ResolveAsync("crew"));
        instance.Store.BeforeRead = null;

        // Written past the instance, which so has no reason of its own to look again.
        await (await instance.SecondAsync()).AutomateAsync("crew");

        (await instance.ResolveAsync("crew")).Values().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_fail_the_plan_for_others()
    {
        var cache = new PlanCache();
        var plan = new TaskCompletionSource<Result<ResolutionPlan>>();
        using var givingUp = new CancellationTokenSource();
        var gaveUp = cache.GetAsync(default, _ => plan.Task, givingUp.Token);
        var waits = cache.GetAsync(default, static _ => throw new InvalidOperationException("Built twice."), None);

        await givingUp.CancelAsync();
        plan.SetResult(Failure.Invalid("x", "y"));

        await Should.ThrowAsync<OperationCanceledException>(() => gaveUp);
        (await waits).ShouldFail("x");
    }

    [Fact]
    public async Task A_cache_of_plans_does_not_grow_without_end()
    {
        var cache = new PlanCache();
        for (var i = 0; i < 10_000; i++)
        {
            var key = new PlanKey(null, null, "prod", null, i.ToString(CultureInfo.InvariantCulture), null);
            await cache.GetAsync(key, EmptyAsync, None);
        }

        Enumerable.Range(0, 10_000)
            .Count(i => cache.TryGet(new PlanKey(null, null, "prod", null, i.ToString(CultureInfo.InvariantCulture), null)) is not null)
            .ShouldBeInRange(1, 4096);

        static Task<Result<ResolutionPlan>> EmptyAsync(PlanKey key) => Task.FromResult<Result<ResolutionPlan>>(
            new ResolutionPlan { Entries = [], References = [], Sources = [], TotalLength = 0, AuditJson = default });
    }

    private static async Task<IReadOnlyList<string>> MeasureAsync(int variables)
    {
        var instance = await StartAsync(variables);
        await instance.ViewAsync();
        instance.Store.Forget();
        (await instance.ResolveAsync("crew")).Values().Count.ShouldBe(Assigned);
        return [.. instance.Store.Reads];
    }

    /// <summary>With that many variables in the organization, the first of which are assigned.</summary>
    private static async Task<Instance> StartAsync(int variables)
    {
        var instance = await Instance.StartAsync();
        var keys = Enumerable.Range(0, variables).Select(static i => $"KEY_{i:000000}").ToArray();
        foreach (var key in keys.Take(Assigned))
        {
            await instance.SetAsync(key, key);
        }

        // What is not assigned is never opened, so all of it may hold the same bytes.
        var bulk = (await instance.Variables.GetAsync(instance.Owner, Instance.Address(keys[0]), None)).ShouldSucceed();
        var data = Documents.Serialize(bulk.Document, StoredJson.Default.Variable);
        foreach (var chunk in keys.Skip(Assigned).Chunk(EntityLimits.MaxWrites))
        {
            await instance.Shared.WriteAsync(instance.OrganizationId, [.. chunk.Select(key => EntityWrite.Insert(Instance.Address(key).Row, data))], None);
        }

        await instance.AutomateAsync("crew", null, [.. keys.Take(Assigned).Select(static key => (key, "organization"))]);
        return instance;
    }
}
