using SecretFunctions.Core.Providers;
using Shouldly;
using Xunit;

namespace SecretFunctions.Testing;

/// <summary>What a store may add: listing, versions without values, batches.</summary>
public abstract partial class SecretProviderContract
{
    [Fact]
    public async Task A_listing_keeps_to_its_prefix_and_limit()
    {
        if (Open() is not ISecretLister lister)
        {
            return;
        }

        foreach (var name in (string[])["contract-list-a", "contract-list-b", "contract-list-c", "contract-other"])
        {
            Fixture.Put(name, Canary());
        }

        var all = await ListAsync(lister, "contract-list-", 1000);
        all.Names.Select(listed => listed.Name).ShouldBe(["contract-list-a", "contract-list-b", "contract-list-c"], ignoreOrder: true);
        all.Complete.ShouldBeTrue();

        var some = await ListAsync(lister, "contract-list-", 2);
        some.Names.Count.ShouldBe(2);
        some.Complete.ShouldBeFalse();

        var exactly = await ListAsync(lister, "contract-list-", 3);
        exactly.Names.Count.ShouldBe(3);
        exactly.Complete.ShouldBeTrue();

        var everything = await ListAsync(lister, "", 1000);
        everything.Names.Select(listed => listed.Name).ShouldContain("contract-other");
    }

    [Fact]
    public async Task A_listing_of_nothing_is_empty_and_complete()
    {
        if (Open() is ISecretLister lister)
        {
            var empty = await ListAsync(lister, "contract-nothing-starts-like-this", 10);
            empty.Names.ShouldBeEmpty();
            empty.Complete.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_listed_version_is_the_one_a_read_returns()
    {
        var store = Open();
        if (store is not ISecretLister lister)
        {
            return;
        }

        Fixture.Put("contract-listed", Canary());
        Fixture.Put("contract-listed", Canary());
        var listed = (await ListAsync(lister, "contract-listed", 10)).Names.ShouldHaveSingleItem();
        using var read = await ReadAsync(store, At("contract-listed"));

        (listed.Version ?? read.Version).ShouldBe(read.Version);
    }

    [Fact]
    public async Task A_refused_listing_is_permission_denied()
    {
        if (Open() is ISecretLister lister)
        {
            Fixture.DenyLists();
            var listing = await lister.ListAsync("", 10, CancellationToken.None);
            Harmless(listing.Failure).Code.ShouldBe(ProviderFailure.PermissionDenied);
        }
    }

    [Fact]
    public async Task A_version_can_be_asked_for_without_the_value()
    {
        var store = Open();
        if (store is not IVersionReader versions)
        {
            return;
        }

        Fixture.Put("contract-watched", Canary());
        var first = await VersionAsync(versions, "contract-watched");
        using (var read = await ReadAsync(store, At("contract-watched")))
        {
            first.ShouldBe(read.Version);
        }

        Fixture.Put("contract-watched", Canary());
        var second = await VersionAsync(versions, "contract-watched");
        using (var read = await ReadAsync(store, At("contract-watched")))
        {
            second.ShouldBe(read.Version);
            second.ShouldNotBe(first);
        }
    }

    [Fact]
    public async Task The_version_of_a_missing_secret_is_not_found()
    {
        if (Open() is IVersionReader versions)
        {
            var version = await versions.GetVersionAsync(At("contract-missing"), CancellationToken.None);
            Harmless(version.Failure).Code.ShouldBe(ProviderFailure.SecretNotFound);
        }
    }

    [Fact]
    public async Task A_batch_answers_as_single_reads_would()
    {
        var store = Open();
        if (store is not IBatchReader batch)
        {
            return;
        }

        var expected = Enumerable.Range(0, Math.Min(batch.MaxBatchSize, 5)).ToDictionary(i => $"contract-batch-{i}", _ => Canary());
        foreach (var (name, value) in expected)
        {
            Fixture.Put(name, value);
        }

        var addresses = expected.Keys.Select(name => At(name)).ToList();
        addresses.ShouldAllBe(address => batch.CanBatch(address));
        var results = await batch.ReadBatchAsync(addresses, CancellationToken.None);

        results.Count.ShouldBe(addresses.Count);
        for (var i = 0; i < results.Count; i++)
        {
            results[i].TryGet(out var payload, out var failure).ShouldBeTrue(failure?.ToString());
            using (payload)
            using (var single = await ReadAsync(store, addresses[i]))
            {
                Text(payload!).ShouldBe(expected[addresses[i].Name]);
                payload!.Version.ShouldBe(single.Version);
            }
        }
    }

    [Fact]
    public async Task A_missing_secret_in_a_batch_leaves_the_others_to_be_had()
    {
        if (Open() is not IBatchReader batch)
        {
            return;
        }

        var value = Canary();
        Fixture.Put("contract-there", value);
        var results = await batch.ReadBatchAsync([At("contract-there"), At("contract-missing")], CancellationToken.None);

        results.Count.ShouldBe(2);
        Harmless(results[1].Failure).Code.ShouldBe(ProviderFailure.SecretNotFound);
        if (results[0].TryGet(out var payload, out var failure))
        {
            using (payload)
            {
                Text(payload).ShouldBe(value);
            }
        }
        else
        {
            // All or nothing, at some stores: then the caller must see that a single read is worth it.
            Harmless(failure).IsTransient().ShouldBeFalse();
        }
    }

    [Fact]
    public async Task A_throttled_batch_says_so_for_each()
    {
        var store = await OpenAndReadAsync();
        if (store is not IBatchReader batch)
        {
            return;
        }

        Fixture.Put("contract-there", Canary());
        Fixture.ThrottleNext(TimeSpan.FromSeconds(7));
        var results = await batch.ReadBatchAsync([At("contract-there"), At("contract-warm")], CancellationToken.None);

        results.Count.ShouldBe(2);
        results.ShouldAllBe(result => Harmless(result.Failure).Code == ProviderFailure.Throttled);
    }

    private static async Task<SecretListing> ListAsync(ISecretLister lister, string prefix, int limit) =>
        (await lister.ListAsync(prefix, limit, CancellationToken.None)).TryGet(out var listing, out var failure)
            ? listing
            : throw new ShouldAssertException($"List {prefix}: {failure}");

    private static async Task<string> VersionAsync(IVersionReader versions, string name) =>
        (await versions.GetVersionAsync(At(name), CancellationToken.None)).TryGet(out var version, out var failure)
            ? version
            : throw new ShouldAssertException($"Version of {name}: {failure}");
}
