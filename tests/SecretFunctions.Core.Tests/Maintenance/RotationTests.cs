using SecretFunctions.Core.Providers;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Maintenance;

public sealed class RotationTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_changed_secret_is_dropped_everywhere_and_the_next_kickoff_reads_it()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai", "stripe");
        var second = await instance.SecondAsync();
        (await instance.ValuesAsync())["K_OPENAI"].ShouldBe("openai-1");
        (await second.ValuesAsync())["K_OPENAI"].ShouldBe("openai-1");
        provider.Put("openai", "openai-2");

        await instance.NextRoundAsync();

        (await instance.CachedAsync()).ShouldBe(["stripe"]);
        (await instance.EventsAsync("cache.rotated")).ShouldBe(["fake | openai | poll"]);
        (await instance.ValuesAsync())["K_OPENAI"].ShouldBe("openai-2");
        (await second.ValuesAsync())["K_OPENAI"].ShouldBe("openai-2");
    }

    [Fact]
    public async Task What_did_not_change_is_left_alone()
    {
        var (instance, _) = await StartAsync(FakeAbilities.Versions, "openai", "stripe");
        await instance.ValuesAsync();
        var revision = await instance.RevisionAsync();

        await instance.NextRoundAsync();

        (await instance.CachedAsync()).ShouldBe(["openai", "stripe"]);
        (await instance.RevisionAsync()).ShouldBe(revision);
        (await instance.EventsAsync("cache.rotated")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ProviderFailure.SecretNotFound)]
    [InlineData(ProviderFailure.VersionNotFound)]
    [InlineData(ProviderFailure.SecretDisabled)]
    [InlineData(ProviderFailure.PermissionDenied)]
    public async Task What_a_read_would_be_refused_is_dropped(string code)
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai", "stripe");
        await instance.ValuesAsync();
        provider.Failures["openai"] = FakeProvider.Fail(code);

        await instance.NextRoundAsync();

        (await instance.CachedAsync()).ShouldBe(["stripe"]);
    }

    [Theory]
    [InlineData(ProviderFailure.Throttled)]
    [InlineData(ProviderFailure.Unreachable)]
    [InlineData(ProviderFailure.Timeout)]
    [InlineData(ProviderFailure.AuthenticationFailed)]
    public async Task Any_other_failure_drops_nothing_and_is_logged(string code)
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai", "stripe");
        await instance.ValuesAsync();

        // So long a pause is not waited for: the failure is final.
        provider.Failures["*"] = FakeProvider.Fail(code) with { RetryAfter = TimeSpan.FromHours(1) };

        await instance.NextRoundAsync();

        (await instance.CachedAsync()).ShouldBe(["openai", "stripe"]);
        instance.Logs.Lines.ShouldContain(line => line.Contains(code, StringComparison.Ordinal) && line.Contains("fake", StringComparison.Ordinal));
        instance.Logs.Lines.ShouldNotContain(static line => line.Contains("openai-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_listing_watches_many()
    {
        var names = Enumerable.Range(0, 20).Select(static i => $"app-{i:00}").ToArray();
        var (instance, provider) = await StartAsync(FakeAbilities.Versions | FakeAbilities.Lists | FakeAbilities.ListsVersions, names);
        await instance.ValuesAsync();
        provider.Put("app-07", "new");

        await instance.NextRoundAsync();

        provider.Polls.ShouldBe(["list app-"]);
        (await instance.CachedAsync()).ShouldBe(names.Except(["app-07"]));
    }

    [Fact]
    public async Task What_a_listing_does_not_show_is_asked_for_by_name()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions | FakeAbilities.Lists | FakeAbilities.ListsVersions, "a", "b", "c", "d");
        await instance.ValuesAsync();
        provider.Delete("d");

        await instance.NextRoundAsync();

        provider.Polls.ShouldBe(["list ", "version d"]);
        (await instance.CachedAsync()).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task A_listing_without_versions_is_not_asked_for_twice()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions | FakeAbilities.Lists, "a", "b", "c");
        await instance.ValuesAsync();

        await instance.NextRoundAsync();
        provider.Polls.ShouldBe(["list ", "version a", "version b", "version c"], ignoreOrder: true);
        provider.Forget();
        await instance.NextRoundAsync();

        provider.Polls.ShouldBe(["version a", "version b", "version c"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_refused_listing_is_made_up_for_by_single_calls_and_a_store_that_is_down_is_not()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions | FakeAbilities.Lists | FakeAbilities.ListsVersions, "a", "b", "c");
        await instance.ValuesAsync();
        provider.Put("b", "new");

        provider.Failures["list"] = FakeProvider.Fail(ProviderFailure.Unreachable) with { RetryAfter = TimeSpan.FromHours(1) };
        await instance.NextRoundAsync();
        provider.Polls.ShouldBe(["list "]);
        (await instance.CachedAsync()).ShouldBe(["a", "b", "c"]);

        provider.Failures["list"] = FakeProvider.Fail(ProviderFailure.PermissionDenied);
        await instance.NextRoundAsync();
        (await instance.CachedAsync()).ShouldBe(["a", "c"]);
    }

    [Theory]
    [InlineData(FakeAbilities.None, 0)]
    [InlineData(FakeAbilities.Lists, 1)]
    public async Task A_store_that_cannot_tell_versions_is_left_to_the_ttl(FakeAbilities abilities, int calls)
    {
        var (instance, provider) = await StartAsync(abilities, "a", "b", "c");
        await instance.ValuesAsync();
        provider.Put("a", "new");

        await instance.NextRoundAsync();
        await instance.NextRoundAsync();

        provider.Polls.Count.ShouldBe(calls);
        (await instance.CachedAsync()).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task A_pinned_version_is_not_asked_for_and_a_moving_stage_is()
    {
        var provider = new FakeProvider("fake", FakeAbilities.Versions);
        var instance = await Instance.StartAsync(providers: [provider]);
        await instance.CredentialAsync("fake", "fake");
        provider.Put("pinned", "pinned-1");
        provider.Put("staged", "staged-1");
        provider.Stages["previous"] = 1;
        await instance.ReferAsync("PINNED", "fake", "pinned", "1");
        await instance.ReferAsync("STAGED", "fake", "staged", "previous");
        await instance.ValuesAsync();
        provider.Put("staged", "staged-2");
        provider.Stages["previous"] = 2;

        await instance.NextRoundAsync();

        provider.Polls.ShouldBe(["version staged"]);
        (await instance.ValuesAsync())["STAGED"].ShouldBe("staged-2");
    }

    [Fact]
    public async Task A_store_that_hangs_is_given_up_on_and_drops_nothing()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai");
        await instance.ValuesAsync();
        var asked = HangOn(provider);
        instance.Clock.Advance(Instance.MaintenanceInterval);

        var round = instance.Maintenance.RunAsync(None);
        await asked;
        instance.Clock.Advance(TimeSpan.FromSeconds(30));
        await round;

        (await instance.CachedAsync()).ShouldBe(["openai"]);
        instance.Logs.Lines.ShouldContain(static line => line.Contains(ProviderFailure.Timeout, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_round_that_is_stopped_stops_at_once_and_drops_nothing()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai");
        await instance.ValuesAsync();
        var asked = HangOn(provider);
        instance.Clock.Advance(Instance.MaintenanceInterval);

        using var stopping = new CancellationTokenSource();
        var round = instance.Maintenance.RunAsync(stopping.Token);
        await asked;
        await stopping.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(round);
        (await instance.CachedAsync()).ShouldBe(["openai"]);
    }

    [Fact]
    public async Task One_credentials_bug_harms_no_other()
    {
        var bad = new FakeProvider("bad", FakeAbilities.Versions) { BeforePoll = static _ => throw new InvalidOperationException("canary-in-a-message") };
        var good = new FakeProvider("good", FakeAbilities.Versions);
        var instance = await Instance.StartAsync(providers: [bad, good]);
        foreach (var provider in new[] { bad, good })
        {
            provider.Put("s", "old");
            await instance.CredentialAsync(provider.Name, provider.Name);
            await instance.ReferAsync($"K_{provider.Name}", provider.Name, "s");
        }

        await instance.ValuesAsync();
        good.Put("s", "new");
        await instance.NextRoundAsync();

        (await instance.EventsAsync("cache.rotated")).ShouldBe(["good | s | poll"]);
        instance.Logs.Lines.ShouldContain(static line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("credential bad", StringComparison.Ordinal));
        instance.Logs.Lines.ShouldNotContain(static line => line.Contains("canary-in-a-message", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_that_serve_nobody_are_removed_unseen()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai");
        await instance.ValuesAsync();
        var revision = await instance.RevisionAsync();

        instance.Clock.Advance(TimeSpan.FromSeconds(300));
        await instance.Maintenance.RunAsync(None);
        (await instance.CachedAsync()).ShouldBeEmpty();
        provider.Polls.ShouldBeEmpty();
        (await instance.RevisionAsync()).ShouldBe(revision);

        await instance.ValuesAsync();
        await instance.CredentialAsync("fake", "fake", ttl: 600);
        await instance.NextRoundAsync();
        (await instance.CachedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_an_outage_may_still_need_is_kept_and_watched()
    {
        var (instance, provider) = await StartAsync(FakeAbilities.Versions, "openai");
        await instance.CredentialAsync("fake", "fake", ttl: 10, staleIfError: 600);
        await instance.ValuesAsync();

        await instance.NextRoundAsync();
        (await instance.CachedAsync()).ShouldBe(["openai"]);
        provider.Delete("openai");
        await instance.NextRoundAsync();

        (await instance.CachedAsync()).ShouldBeEmpty();
    }

    /// <summary>From now on polls get no answer. Completes once one is waiting for it.</summary>
    private static Task HangOn(FakeProvider provider)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        provider.BeforePoll = async cancellationToken =>
        {
            var never = new TaskCompletionSource();
            asked.TrySetResult();
            await never.Task.WaitAsync(cancellationToken);
        };
        return asked.Task;
    }

    /// <summary>An instance with one credential <c>fake</c> and a variable <c>K_NAME</c> for each secret, holding <c>name-1</c>.</summary>
    private static async Task<(Instance Instance, FakeProvider Provider)> StartAsync(FakeAbilities abilities, params string[] secrets)
    {
        var provider = new FakeProvider("fake", abilities);
        var instance = await Instance.StartAsync(providers: [provider]);
        await instance.CredentialAsync("fake", "fake");
        foreach (var secret in secrets)
        {
            provider.Put(secret, $"{secret}-1");
            await instance.ReferAsync($"K_{secret.ToUpperInvariant().Replace('-', '_')}", "fake", secret);
        }

        return (instance, provider);
    }
}
