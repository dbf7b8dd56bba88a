using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing.Storage;

namespace SecretFunctions.Core.Tests.Organizations;

public sealed class ResourceStoreTests
{
    private static readonly Precondition New = new(null, IfNoneMatch: true);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task No_change_is_lost_among_many_at_once()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "first");

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            using var value = new SecretValue("next"u8);
            return await instance.Variables.PutAsync(instance.Owner, Instance.Address("KEY"), new(value, null, [], null, null), Precondition.None, None);
        })));

        // Every answer of success is one version; who was too often slower was told so.
        var applied = results.Count(static result => result.Failure is null);
        results.Where(static result => result.Failure is not null).ShouldAllBe(static result => result.Failure!.Code == "resource.busy");
        var variable = (await instance.Variables.GetAsync(instance.Owner, Instance.Address("KEY"), None)).ShouldSucceed().Document;
        variable.LastVersion.ShouldBe(1 + applied);
        (await instance.AuditEventsAsync()).Count(static item => item.GetProperty("action").GetString() == "variable.put").ShouldBe(1 + applied);
    }

    [Fact]
    public async Task Of_many_with_one_etag_one_is_applied_and_the_others_are_told()
    {
        var instance = await Instance.StartAsync();
        await instance.SetAsync("KEY", "first");
        var stored = (await instance.Variables.GetAsync(instance.Owner, Instance.Address("KEY"), None)).ShouldSucceed();
        var precondition = new Precondition([ResourceTag.Of(stored.ETag)], IfNoneMatch: false);

        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            using var value = new SecretValue("next"u8);
            return await instance.Variables.PutAsync(instance.Owner, Instance.Address("KEY"), new(value, null, [], null, null), precondition, None);
        })));

        results.Count(static result => result.Failure is null).ShouldBe(1);
        results.Where(static result => result.Failure is not null).ShouldAllBe(static result => result.Failure!.Code == "precondition.failed");
    }

    [Fact]
    public async Task A_deleted_name_is_reserved_whatever_the_precondition()
    {
        var instance = await Instance.StartAsync();
        await PutAsync(instance, Precondition.None);
        var before = (await instance.Projects.GetAsync(instance.OrganizationId, "web", None)).ShouldSucceed();
        (await instance.Projects.DeleteAsync(instance.Owner, "web", Precondition.None, release: false, None)).ShouldBeNull();

        foreach (var precondition in new[] { Precondition.None, New, new(["*"], false), new([ResourceTag.Of(before.ETag)], false) })
        {
            (await instance.Projects.PutAsync(instance.Owner, "web", null, null, precondition, None)).ShouldFail("name.reserved");
            (await instance.Projects.DeleteAsync(instance.Owner, "web", precondition, release: false, None)).ShouldNotBeNull().Code.ShouldBe("project.not_found");
        }
    }

    [Fact]
    public async Task A_precondition_decides_where_the_request_would_succeed()
    {
        var instance = await Instance.StartAsync();
        (await instance.Projects.PutAsync(instance.Owner, "web", null, null, new(["*"], false), None)).ShouldFail("precondition.failed");
        await PutAsync(instance, New);
        var tag = ResourceTag.Of((await instance.Projects.GetAsync(instance.OrganizationId, "web", None)).ShouldSucceed().ETag);

        (await instance.Projects.PutAsync(instance.Owner, "web", null, null, New, None)).ShouldFail("precondition.failed");
        (await instance.Projects.PutAsync(instance.Owner, "web", null, null, new(["\"stale\""], false), None)).ShouldFail("precondition.failed");
        (await instance.Projects.PutAsync(instance.Owner, "web", null, null, new(["\"stale\"", tag], false), None)).ShouldSucceed();
    }

    [Fact]
    public async Task A_change_its_event_and_the_revision_are_one_transaction()
    {
        var instance = await Instance.StartAsync();

        await PutAsync(instance, Precondition.None);

        var rows = instance.Store.Writes.ShouldHaveSingleItem().Select(static write => write.Row).ToArray();
        rows[0].ShouldBe(Rows.Project("web"));
        rows[1].ShouldBe(Rows.Revision);
        rows[2].ShouldStartWith(Rows.AuditPrefix);
    }

    [Fact]
    public async Task A_purge_goes_on_behind_a_page_without_entities()
    {
        var store = new InMemoryEntityStore();
        await store.WriteAsync("p", [EntityWrite.Insert("a", default)], None);

        await new EmptyFirstPage(store).PurgeAsync(EntityRange.Prefix("p", "a"), None).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);

        (await store.GetAsync(new EntityKey("p", "a"), None)).ShouldBeNull();
    }

    private static async Task PutAsync(Instance instance, Precondition precondition) =>
        (await instance.Projects.PutAsync(instance.Owner, "web", null, null, precondition, None)).ShouldSucceed();

    /// <summary>Begins every range with an empty page, as Table Storage may.</summary>
    private sealed class EmptyFirstPage(InMemoryEntityStore inner) : IEntityStore
    {
        public Task<Entity?> GetAsync(EntityKey key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public async Task<EntityPage> QueryAsync(EntityRange range, int limit, string? continuation, CancellationToken cancellationToken)
        {
            await Task.Yield();
            return continuation is null ? new EntityPage([], "on") : await inner.QueryAsync(range, limit, null, cancellationToken);
        }

        public Task<WriteResult> WriteAsync(string partition, IReadOnlyList<EntityWrite> writes, CancellationToken cancellationToken) =>
            inner.WriteAsync(partition, writes, cancellationToken);
    }
}
