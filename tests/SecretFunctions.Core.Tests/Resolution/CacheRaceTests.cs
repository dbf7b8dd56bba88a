using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Tests.Resolution;

/// <summary>What changes while a read is under way.</summary>
public sealed class CacheRaceTests : StoreTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_cleared_while_it_is_read_is_not_put_back(bool wasKept)
    {
        await StartAsync(ttl: 60, secrets: ["a"]);
        if (wasKept)
        {
            await ValuesAsync();
            await KeptAsync(1);
            Clock.Advance(TimeSpan.FromSeconds(61));
        }

        var resolving = await HeldAsync();
        Provider.Rotate("a", "a-2");
        (await Instance.Cache.ClearAsync(Instance.Owner, "main", None)).ShouldSucceed().ShouldBe(wasKept ? 1 : 0);
        LetGo();

        (await resolving).Values()["A"].ShouldBe("a-1");
        (await ValuesAsync()).ShouldBe("A=a-2");
        (await ValuesAsync(await Instance.StartAsync(Instance.Shared, Clock, providers: Provider))).ShouldBe("A=a-2");
    }

    [Fact]
    public async Task A_credential_that_changes_while_it_is_read_through_finishes_and_is_closed_and_what_it_read_serves_nobody_else()
    {
        await StartAsync(secrets: ["a"]);
        var resolving = await HeldAsync();

        await WriteCredentialAsync(place: "there");
        var next = Instance.ResolveAsync("crew");
        await UntilAsync(() => ValueTask.FromResult(Provider.Requests.Count == 2));
        Provider.Closed.ShouldBe(0);
        LetGo();

        (await resolving).Values()["A"].ShouldBe("a-1");
        (await next).Values()["A"].ShouldBe("a-1");
        Provider.Requests.ShouldBe(["here: a", "there: a"]);
        await UntilAsync(() => ValueTask.FromResult(Provider.Closed > 0));
        Provider.Closed.ShouldBe(1);
    }

    [Fact]
    public async Task A_credential_that_is_deleted_and_made_again_shares_nothing_with_the_one_before()
    {
        await StartAsync(secrets: ["a"]);
        await ValuesAsync();
        await KeptAsync(1);
        (await Instance.Credentials.DeleteAsync(Instance.Owner, "main", Precondition.None, force: true, None)).ShouldBeNull();
        await WriteCredentialAsync(place: "elsewhere");

        await ValuesAsync();

        Provider.Requests.ShouldBe(["here: a", "elsewhere: a"]);
    }

    [Fact]
    public async Task A_second_instance_starts_warm()
    {
        await StartAsync(secrets: ["a", "b"]);
        await ValuesAsync();
        await KeptAsync(2);
        Provider.Fails = Down;

        (await ValuesAsync(await Instance.StartAsync(Instance.Shared, Clock, providers: Provider))).ShouldBe("A=a-1 B=b-1");
    }

    [Fact]
    public async Task Stores_that_nobody_used_for_long_are_closed_when_another_is_opened()
    {
        await StartAsync(secrets: ["a", "b"]);
        await ValuesAsync();
        Clock.Advance(TimeSpan.FromMinutes(9));
        await WriteCredentialAsync("second");
        await ReferAsync("B", "b", "second");
        await ValuesAsync();
        Provider.Closed.ShouldBe(0);

        Clock.Advance(TimeSpan.FromMinutes(11));
        await WriteCredentialAsync("third");
        (await Instance.Credentials.GetAsync(Instance.OrganizationId, "third", None)).TryGet(out var third, out _).ShouldBeTrue();
        Instance.Stores.Lease(await Instance.ViewAsync(), new StoreAccess(third!.Document)).ShouldSucceed().Dispose();

        Provider.Closed.ShouldBe(2);
    }

    [Fact]
    public async Task Two_who_each_make_their_credential_the_default_leave_exactly_one()
    {
        await StartAsync(secrets: []);
        await WriteCredentialAsync("second");

        var defaults = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Instance.Credentials.PutAsync(
            Instance.Owner, i % 2 == 0 ? "main" : "second", Input() with { Default = true }, Precondition.None, None))));

        defaults.ShouldContain(static saved => saved.Failure == null);
        var all = (await Instance.Credentials.ListAsync(Instance.Owner, "fake", 10, null, None)).Items;
        all.Count(static credential => credential.Document.Default).ShouldBe(1);
        (await Instance.Credentials.GetDefaultAsync(Instance.OrganizationId, "fake", None)).ShouldNotBeNull().Document.Default.ShouldBeTrue();
    }
}
