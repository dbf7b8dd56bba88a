using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>What is read or opened as one subject is never another's.</summary>
public sealed class SubjectCacheTests : IdentityTest
{
    [Fact]
    public async Task Two_automations_through_one_configuration_are_two_subjects_that_share_nothing()
    {
        await GivenAsync(Config(), "one", "two");

        (await ValueAsync("one")).ShouldBe($"as {As("one")}");
        (await ValueAsync("two")).ShouldBe($"as {As("two")}");
        (await ValueAsync("one")).ShouldBe($"as {As("one")}");

        Provider.Subjects.ShouldBe([As("one"), As("two")]);
        Provider.Opened.ShouldBe(2);
        (await Instance.ViewAsync()).Secrets.Cached.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Two_automations_under_a_coarser_subject_share_one()
    {
        await GivenAsync(Config(subjectScope: SubjectScope.Environment), "one", "two");

        (await ValueAsync("one")).ShouldBe("as org:default:project:default:environment:prod");
        (await ValueAsync("two")).ShouldBe("as org:default:project:default:environment:prod");

        Provider.Exchanged.ShouldHaveSingleItem().TryGetProperty("automation", out _).ShouldBeFalse();
        Provider.Opened.ShouldBe(1);
        (await Instance.ViewAsync()).Secrets.Cached.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Kickoffs_at_the_same_time_read_as_themselves()
    {
        var names = Enumerable.Range(0, 4).Select(static number => $"crew-{number}").ToArray();
        await GivenAsync(Config(), names);

        var values = await Task.WhenAll(Enumerable.Range(0, 40).Select(index => Task.Run(() => ValueAsync(names[index % names.Length]))));

        values.ShouldBe(Enumerable.Range(0, 40).Select(index => $"as {As(names[index % names.Length])}"));
        Provider.Subjects.Distinct().Count().ShouldBe(names.Length);
    }

    [Fact]
    public async Task Another_instance_starts_warm_with_what_is_each_ones_own()
    {
        await GivenAsync(Config(), "one", "two");
        await ValueAsync("one");
        await ValueAsync("two");
        await KeptAsync(2);
        Provider.Failures["*"] = FakeProvider.Fail(ProviderFailure.Unreachable);

        var second = await Instance.SecondAsync();

        (await ValueAsync("one", second)).ShouldBe($"as {As("one")}");
        (await ValueAsync("two", second)).ShouldBe($"as {As("two")}");
        Provider.Opened.ShouldBe(2);
    }

    [Fact]
    public async Task A_stored_value_that_is_moved_to_another_subject_does_not_open_there()
    {
        await GivenAsync(Config(), "one", "two");
        await ValueAsync("one");
        await ValueAsync("two");
        await KeptAsync(2);
        var rows = await Instance.Shared.ReadAllAsync(EntityRange.Prefix(Instance.OrganizationId, Rows.AllCachePrefix), 10, None)
            .Select(static entity => Documents.Read(entity, StoredJson.Default.CachedSecretRow)).ToListAsync();
        var (one, two) = (rows.Single(static row => row.Document.Subject!.Subject.Automation == "one"), rows.Single(static row => row.Document.Subject!.Subject.Automation == "two"));

        var moved = Documents.Serialize(one.Document with { Subject = two.Document.Subject }, StoredJson.Default.CachedSecretRow);
        (await Instance.Shared.WriteAsync(Instance.OrganizationId, [EntityWrite.Replace(two.Row, moved, two.ETag)], None)).Applied.ShouldBeTrue();

        (await ValueAsync("two", await SecondAsync())).ShouldBe($"as {As("two")}");
    }

    [Fact]
    public async Task A_changed_configuration_makes_what_is_cached_and_open_worthless()
    {
        await GivenAsync(Config(), "crew");
        await ValueAsync("crew");
        Provider.Put(Secret, "anew as {sub}");
        (await ValueAsync("crew")).ShouldBe($"as {As("crew")}");

        (await PutConfigAsync(Config(role: "writer"))).ShouldSucceed();

        (await ValueAsync("crew")).ShouldBe($"anew as {As("crew")}");
        Provider.Exchanged.Select(static claims => claims.GetProperty("aud").GetString()).ShouldBe(["https://reader.example.com", "https://writer.example.com"]);
        (Provider.Opened, Provider.Closed).ShouldBe((2, 1));
    }

    [Fact]
    public async Task Only_so_many_stores_are_kept_open()
    {
        var names = Enumerable.Range(0, Instance.MaxOpen + 2).Select(static number => $"crew-{number}").ToArray();
        await GivenAsync(Config(), names);

        foreach (var name in names)
        {
            (await ValueAsync(name)).ShouldBe($"as {As(name)}");
            Instance.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        (Provider.Opened, Provider.Closed).ShouldBe((names.Length, 2));

        // The first was closed, as the one that was used longest ago; the last was not.
        Instance.Clock.Advance(TimeSpan.FromMinutes(6));
        await ValueAsync(names[^1]);
        Provider.Opened.ShouldBe(names.Length);
        (await ValueAsync(names[0])).ShouldBe($"as {As(names[0])}");
        Provider.Opened.ShouldBe(names.Length + 1);
    }

    [Fact]
    public async Task The_timer_asks_as_whoever_read()
    {
        await GivenAsync(Config(), "one", "two");
        await ValueAsync("one");
        await ValueAsync("two");
        await KeptAsync(2);
        Provider.Put(Secret, "anew as {sub}");

        await Instance.Maintenance.RunAsync(None);

        Provider.Polls.ShouldBe(["version secret", "version secret"]);
        Provider.Subjects.ShouldBe([As("one"), As("two")]);
        (await Instance.CachedAsync()).ShouldBeEmpty();
        (await ValueAsync("two")).ShouldBe($"anew as {As("two")}");
    }

    [Fact]
    public async Task The_timer_asks_under_the_subject_on_an_instance_that_never_read_and_drops_what_has_no_configuration()
    {
        await GivenAsync(Config(), "one", "two");
        await ValueAsync("one");
        await KeptAsync(1);
        var second = await SecondAsync();

        await second.Maintenance.RunAsync(None);

        Provider.Subjects.ShouldBe([As("one"), As("one")]);
        (await Instance.CachedAsync()).ShouldBe([Secret]);

        (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: true, None)).ShouldBeNull();
        Instance.Clock.Advance(TimeSpan.FromMinutes(2));
        await second.Maintenance.RunAsync(None);
        (await Instance.CachedAsync()).ShouldBeEmpty();
        Provider.Exchanged.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_rotation_event_drops_what_each_of_them_read()
    {
        await GivenAsync(Config(), "one", "two");
        await ValueAsync("one");
        await ValueAsync("two");
        await KeptAsync(2);
        Provider.Put(Secret, "anew as {sub}");

        (await Instance.Hints.ApplyAsync(Instance.Owner, [new Rotated()], "test", None)).ShouldBe(2);

        (await ValueAsync("one")).ShouldBe($"anew as {As("one")}");
        (await ValueAsync("two")).ShouldBe($"anew as {As("two")}");
    }

    [Fact]
    public void What_was_cached_before_there_were_subjects_is_where_it_was() =>
        new SecretKey("main", 7, new SecretAddress("openai", null), null).Row.ShouldBe("cache|main|caba31443884e2439d234b44a45d5ded");

    [Fact]
    public void Whatever_makes_it_anothers_is_part_of_a_secrets_key()
    {
        var key = new SecretKey("main", 7, new SecretAddress("openai", null), new("config", 3, new TokenSubject("acme", "web", "prod", "crew")));
        SecretKey[] others =
        [
            key with { Subject = null },
            key with { Subject = key.Subject! with { Config = "other" } },
            key with { Subject = key.Subject! with { Subject = key.Subject.Subject with { Automation = "other" } } },
            key with { Subject = key.Subject! with { Subject = key.Subject.Subject with { Automation = null } } },
            key with { Address = new SecretAddress("openai", "1") },
        ];

        others.ShouldAllBe(other => other != key && other.Row != key.Row && other.SealContext("o") != key.SealContext("o"));
        (key with { Subject = key.Subject! with { Generation = 4 } }).SealContext("o").ShouldNotBe(key.SealContext("o"));
    }

    private sealed record Rotated() : RotationHint("fake")
    {
        public override bool ConcernsStore(IReadOnlyDictionary<string, string> settings) => true;

        public override bool ConcernsSecret(SecretAddress address) => address.Name == Secret;
    }

    private async Task<Instance> SecondAsync()
    {
        var second = await Instance.SecondAsync();
        second.Issuer.Announce("https://issuer.example.com");
        return second;
    }

    private async Task KeptAsync(int rows)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await Instance.CachedAsync()).Length != rows)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
