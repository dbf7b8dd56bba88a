using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Resolution;

/// <summary>How secrets are read: once, together, and for no longer than the deadline.</summary>
public sealed class FetchTests : StoreTest
{
    [Fact]
    public async Task Resolves_at_the_same_time_share_one_read()
    {
        await StartAsync(secrets: ["a", "b"]);

        var first = await HeldAsync(requests: 2);
        var others = Enumerable.Range(0, 50).Select(_ => Instance.ResolveAsync("crew")).ToArray();
        LetGo();

        foreach (var resolved in await Task.WhenAll([first, .. others]))
        {
            resolved.Values().ShouldBe(new Dictionary<string, string> { ["A"] = "a-1", ["B"] = "b-1" });
        }

        Provider.Requests.Order().ShouldBe(["here: a", "here: b"]);
    }

    [Fact]
    public async Task A_secret_that_several_variables_mean_is_read_once()
    {
        await StartAsync(secrets: ["a", "b"]);
        Provider.Secrets["a"] = """{"user":"u","password":"p"}""";
        await ReferAsync("A", "a#user");
        await ReferAsync("B", "a#password");

        (await ValuesAsync()).ShouldBe("A=u B=p");

        Provider.Requests.ShouldBe(["here: a"]);
    }

    [Fact]
    public async Task Batches_read_what_they_may_and_the_rest_is_read_singly()
    {
        await StartAsync(batch: 3, secrets: ["a", "b", "c", "d"]);
        Provider.NotInBatches = "b";

        (await ValuesAsync()).ShouldBe("A=a-1 B=b-1 C=c-1 D=d-1");

        Provider.Requests.Order().ShouldBe(["here: a,b,c", "here: b", "here: d"]);
    }

    [Fact]
    public async Task A_batch_is_repeated_where_nothing_of_it_was_read_and_never_singly_while_the_store_is_down()
    {
        await StartAsync(batch: 20, secrets: ["a", "b"]);
        Provider.Fails = Down;

        (await FailuresAsync()).ShouldBe("A provider.unreachable B provider.unreachable");

        Provider.Requests.ShouldBe(["here: a,b", "here: a,b", "here: a,b"]);
    }

    [Fact]
    public async Task The_deadline_ends_a_resolve_and_every_variable_that_waited_is_named()
    {
        await StartAsync(secrets: ["a", "b"]);
        var resolving = await HeldAsync(requests: 2);

        Clock.Advance(TimeSpan.FromSeconds(10));

        (await resolving).ShouldFail("resolve.failed").Errors.Select(static error => $"{error.Key} {error.Code}")
            .ShouldBe(["A provider.timeout", "B provider.timeout"]);
        Provider.Gate = null;
        (await ValuesAsync()).ShouldBe("A=a-1 B=b-1");
    }

    [Fact]
    public async Task Whoever_gives_up_leaves_the_shared_read_to_the_others()
    {
        await StartAsync(secrets: ["a"]);
        var first = await HeldAsync();
        using var impatient = new CancellationTokenSource();
        var session = new Core.Access.Session(Instance.Owner, await Instance.ViewAsync());
        var second = Instance.Resolver.ResolveAsync(session, Instance.Input("crew"), "variable.resolve", impatient.Token).AsTask();

        await impatient.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => second);
        LetGo();
        (await first).Values()["A"].ShouldBe("a-1");
        Provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Not_found_is_remembered_for_five_seconds()
    {
        await StartAsync(secrets: ["a"]);
        Provider.Secrets.Clear();
        (await FailuresAsync()).ShouldBe("A provider.secret_not_found");
        Provider.Secrets["a"] = "late";

        (await FailuresAsync()).ShouldBe("A provider.secret_not_found");
        Provider.Requests.Count.ShouldBe(1);
        Clock.Advance(TimeSpan.FromSeconds(5));

        (await ValuesAsync()).ShouldBe("A=late");
    }

    [Fact]
    public async Task Permission_denied_is_not_remembered()
    {
        await StartAsync(secrets: ["a"]);
        Provider.Fails = ProviderFailure.Create(ProviderFailure.PermissionDenied, "No.", "Grant it.");
        (await FailuresAsync()).ShouldBe("A provider.permission_denied");
        Provider.Fails = null;

        (await ValuesAsync()).ShouldBe("A=a-1");
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_fails_no_resolve()
    {
        await StartAsync(secrets: ["a"]);
        Instance.Store.BeforeWrite = static writes => writes.Any(static write => write.Row.StartsWith(Core.Organizations.Rows.AllCachePrefix, StringComparison.Ordinal))
            ? throw new StoreUnavailableException("Full.")
            : Task.CompletedTask;

        (await ValuesAsync()).ShouldBe("A=a-1");
        (await ValuesAsync()).ShouldBe("A=a-1");
        Provider.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_ttl_of_zero_reads_at_every_kickoff_and_keeps_nothing()
    {
        await StartAsync(ttl: 0, secrets: ["a"]);

        await ValuesAsync();
        Provider.Rotate("a", "a-2");

        (await ValuesAsync()).ShouldBe("A=a-2");
        Provider.Requests.Count.ShouldBe(2);
        await KeptAsync(0);
    }
}
