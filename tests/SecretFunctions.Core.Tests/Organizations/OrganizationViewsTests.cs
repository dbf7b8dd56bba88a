using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Vault;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Organizations;

public sealed class OrganizationViewsTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Within_the_window_nothing_is_read_and_after_it_one_row_once()
    {
        var instance = await Instance.StartAsync();
        await instance.ViewAsync();
        for (var window = 0; window < 3; window++)
        {
            instance.Store.Forget();
            instance.Clock.Advance(Instance.Window - TimeSpan.FromTicks(1));
            await instance.ViewAsync();
            instance.Store.Reads.ShouldBeEmpty();

            instance.Clock.Advance(TimeSpan.FromTicks(1));
            await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(instance.ViewAsync)));
            instance.Store.Reads.ShouldBe([Rows.Revision]);
        }
    }

    [Fact]
    public async Task A_window_of_zero_reads_at_every_request()
    {
        var instance = await Instance.StartAsync(window: TimeSpan.Zero);
        await instance.ViewAsync();
        instance.Store.Forget();

        for (var i = 0; i < 5; i++)
        {
            await instance.ViewAsync();
        }

        instance.Store.Reads.ShouldBe(Enumerable.Repeat(Rows.Revision, 5));
    }

    [Fact]
    public async Task A_change_by_another_instance_is_seen_within_the_window()
    {
        var here = await Instance.StartAsync();
        var there = await here.SecondAsync();
        var before = await here.ViewAsync();

        await RenameAsync(there, "New");
        (await here.ViewAsync()).ShouldBeSameAs(before);
        here.Clock.Advance(Instance.Window);

        (await here.ViewAsync()).Organization.DisplayName.ShouldBe("New");
    }

    [Fact]
    public async Task An_own_change_is_seen_at_once()
    {
        var instance = await Instance.StartAsync();
        await instance.ViewAsync();

        await RenameAsync(instance, "New");

        (await instance.ViewAsync()).Organization.DisplayName.ShouldBe("New");
    }

    [Fact]
    public async Task An_own_change_is_looked_for_even_where_the_store_did_not_say_whether_it_was_made()
    {
        var instance = await Instance.StartAsync();
        await instance.ViewAsync();
        instance.Store.BeforeWrite = async writes =>
        {
            instance.Store.BeforeWrite = null;
            await instance.Shared.WriteAsync(instance.OrganizationId, writes, None);
            throw new StoreUnavailableException("No answer.");
        };

        await Should.ThrowAsync<StoreUnavailableException>(() => RenameAsync(instance, "New"));

        (await instance.ViewAsync()).Organization.DisplayName.ShouldBe("New");
    }

    [Fact]
    public async Task Requests_at_once_share_one_check()
    {
        var instance = await Instance.StartAsync();
        var held = new Hold(instance);

        var waiting = Enumerable.Range(0, 20).Select(_ => instance.ViewAsync()).ToArray();
        await held.Reached;
        held.Release();

        (await Task.WhenAll(waiting)).Distinct().ShouldHaveSingleItem();
        instance.Store.Reads.Count(static row => row == Rows.Revision).ShouldBe(1);
    }

    [Fact]
    public async Task A_check_begun_before_a_change_does_not_answer_a_request_after_it()
    {
        var instance = await Instance.StartAsync();
        await instance.ViewAsync();
        instance.Clock.Advance(Instance.Window);
        var held = new Hold(instance);

        var before = instance.ViewAsync();
        await held.Reached;
        await RenameAsync(instance, "New");
        var after = instance.ViewAsync();
        held.Release();

        await before;
        (await after).Organization.DisplayName.ShouldBe("New");
        (await instance.ViewAsync()).Organization.DisplayName.ShouldBe("New");
    }

    [Fact]
    public async Task A_check_that_took_longer_than_the_window_does_not_answer_a_request_that_came_late()
    {
        var here = await Instance.StartAsync();
        var there = await here.SecondAsync();
        await here.ViewAsync();
        here.Clock.Advance(Instance.Window);
        var held = new Hold(here);

        var early = here.ViewAsync();
        await held.Reached;
        await RenameAsync(there, "New");
        here.Clock.Advance(Instance.Window + TimeSpan.FromTicks(1));
        var late = here.ViewAsync();
        held.Release();

        await early;
        (await late).Organization.DisplayName.ShouldBe("New");
    }

    [Fact]
    public async Task A_store_that_does_not_answer_is_an_error_and_nothing_stale_is_served()
    {
        var instance = await Instance.StartAsync();
        var before = await instance.ViewAsync();
        instance.Store.BeforeRead = static _ => throw new StoreUnavailableException("Down.");

        (await instance.ViewAsync()).ShouldBeSameAs(before);
        instance.Clock.Advance(Instance.Window);
        await Should.ThrowAsync<StoreUnavailableException>(instance.ViewAsync);
        await Should.ThrowAsync<StoreUnavailableException>(instance.ViewAsync);

        instance.Store.BeforeRead = null;
        (await instance.ViewAsync()).ShouldBeSameAs(before);
    }

    [Fact]
    public async Task A_caller_who_gives_up_does_not_end_the_check_for_others()
    {
        var instance = await Instance.StartAsync();
        var held = new Hold(instance);
        using var givingUp = new CancellationTokenSource();

        var gaveUp = instance.Views.GetAsync(instance.OrganizationId, givingUp.Token).AsTask();
        var waits = instance.ViewAsync();
        await held.Reached;
        await givingUp.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => gaveUp);
        held.Release();
        await waits;
        instance.Store.Reads.Count(static row => row == Rows.Revision).ShouldBe(1);
    }

    [Fact]
    public async Task An_organization_that_is_not_there_is_nobody_and_is_not_remembered()
    {
        var instance = await Instance.StartAsync();
        (await instance.Views.GetAsync("zzzzzzzzzz", None)).ShouldBeNull();

        await instance.Shared.WriteAsync(
            "zzzzzzzzzz", [.. await CopyAsync(instance, Rows.Organization, Rows.Revision)], None);

        // Without keys it is not there either.
        (await instance.Views.GetAsync("zzzzzzzzzz", None)).ShouldBeNull();
    }

    [Fact]
    public async Task Keys_that_did_not_change_are_not_unwrapped_again()
    {
        var root = new CountingRootKey();
        var instance = await Instance.StartAsync(rootKeys: new SingleRootKey(root));
        await instance.ViewAsync();
        var unwrapped = root.Unwrapped;

        await RenameAsync(instance, "New");
        await instance.ViewAsync();

        unwrapped.ShouldBeGreaterThan(0);
        root.Unwrapped.ShouldBe(unwrapped);
    }

    [Fact]
    public async Task Whoever_reads_after_their_own_change_sees_it_whatever_else_goes_on()
    {
        var instance = await Instance.StartAsync();
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await instance.ViewAsync();
                instance.Clock.Advance(Instance.Window / 3);
            }
        })).ToArray();

        for (var i = 0; i < 300; i++)
        {
            await RenameAsync(instance, $"{i}");
            (await instance.ViewAsync()).Organization.DisplayName.ShouldBe($"{i}");
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    private static async Task RenameAsync(Instance instance, string displayName) =>
        (await instance.Organizations.PutAsync(instance.Owner, Deployment.DefaultOrganization, new OrganizationInput(displayName, null, []), Precondition.None, None)).ShouldSucceed();

    private static async Task<IEnumerable<EntityWrite>> CopyAsync(Instance instance, params string[] rows)
    {
        var writes = new List<EntityWrite>();
        foreach (var row in rows)
        {
            var entity = (await instance.Shared.GetAsync(new EntityKey(instance.OrganizationId, row), None)).ShouldNotBeNull();
            writes.Add(EntityWrite.Upsert(row, entity.Data));
        }

        return writes;
    }

    /// <summary>Holds back the answer to the next read of the revision: what it found is then no longer the newest.</summary>
    private sealed class Hold
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Hold(Instance instance) => instance.Store.AfterRead = key =>
        {
            if (key.Row != Rows.Revision || !_reached.TrySetResult())
            {
                return Task.CompletedTask;
            }

            return _released.Task;
        };

        public Task Reached => _reached.Task;

        public void Release() => _released.SetResult();
    }

    private sealed class CountingRootKey : IRootKey
    {
        private int _unwrapped;

        public string Id => VaultVectors.RootKey.Id;

        public int Unwrapped => _unwrapped;

        public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) =>
            VaultVectors.RootKey.WrapAsync(plaintext, cancellationToken);

        public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> wrapped, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _unwrapped);
            return VaultVectors.RootKey.UnwrapAsync(wrapped, cancellationToken);
        }
    }
}
