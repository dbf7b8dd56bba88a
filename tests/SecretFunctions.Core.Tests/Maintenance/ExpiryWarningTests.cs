using SecretFunctions.Core.Maintenance;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Maintenance;

public sealed class ExpiryWarningTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public async Task Each_threshold_is_warned_about_once_by_whichever_instance()
    {
        var (instance, expiresAt) = await StartAsync(within: 31 * Day);
        var second = await instance.SecondAsync();
        await instance.NextRoundAsync();
        (await instance.EventsAsync("credential.expiring")).ShouldBeEmpty();

        foreach (var left in new[] { 30, 7, 1, 0 })
        {
            instance.Clock.Advance(expiresAt - (left * Day) - instance.Clock.GetUtcNow());
            await second.NextRoundAsync();
            await instance.NextRoundAsync();
            await (await instance.SecondAsync()).NextRoundAsync();
        }

        var at = expiresAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        (await instance.EventsAsync("credential.expiring")).ShouldBe([$"fake | {at} | 30-days", $"fake | {at} | 7-days", $"fake | {at} | 1-day", $"fake | {at} | expired"]);
        instance.Logs.Lines.Concat(second.Logs.Lines).Count(static line => line.StartsWith("Warning", StringComparison.Ordinal)).ShouldBe(4);
    }

    [Fact]
    public async Task A_credential_that_ends_soon_from_the_start_is_warned_about_once()
    {
        var (instance, _) = await StartAsync(within: Day / 2);
        await instance.NextRoundAsync();
        await instance.NextRoundAsync();

        (await instance.EventsAsync("credential.expiring")).ShouldHaveSingleItem().ShouldEndWith("| 1-day");
    }

    [Fact]
    public async Task A_renewed_credential_is_warned_about_anew_and_the_old_markers_go()
    {
        var (instance, expiresAt) = await StartAsync(within: 7 * Day);
        await instance.NextRoundAsync();
        await instance.CredentialAsync("fake", "fake", expiresAt: expiresAt + (60 * Day));
        await instance.NextRoundAsync();
        (await instance.EventsAsync("credential.expiring")).Length.ShouldBe(1);

        instance.Clock.Advance(60 * Day);
        await instance.NextRoundAsync();
        (await instance.EventsAsync("credential.expiring")).Length.ShouldBe(2);
        (await MarkersAsync(instance)).ShouldBe(1);
    }

    [Fact]
    public async Task Every_round_counts_what_ends_soon_by_its_tightest_threshold()
    {
        var (instance, expiresAt) = await StartAsync(within: 31 * Day);
        await instance.CredentialAsync("other", "fake", expiresAt: expiresAt - (23 * Day));
        await instance.CredentialAsync("lasting", "fake");

        (await CountAsync(31)).ShouldBe("30-days: 1");
        (await CountAsync(30)).ShouldBe("30-days: 1, 7-days: 1");
        (await CountAsync(30)).ShouldBe("30-days: 1, 7-days: 1");
        (await CountAsync(0)).ShouldBe("expired: 2");

        async Task<string> CountAsync(int daysLeft)
        {
            instance.Clock.Advance(new[] { expiresAt - (daysLeft * Day) - instance.Clock.GetUtcNow(), TimeSpan.Zero }.Max());
            await instance.NextRoundAsync();
            var leases = new MaintenanceLeases(instance.Store, new MaintenanceOptions(Instance.MaintenanceInterval), instance.Clock);
            var round = (await leases.ReadLastRoundAsync(CancellationToken.None)).ShouldNotBeNull();
            return string.Join(", ", round.Expiring.Select(static count => $"{count.Key}: {count.Value}"));
        }
    }

    [Fact]
    public async Task A_warning_changes_no_revision()
    {
        var (instance, _) = await StartAsync(within: 7 * Day);
        var revision = await instance.RevisionAsync();
        await instance.NextRoundAsync();
        (await instance.RevisionAsync()).ShouldBe(revision);
    }

    private static async Task<int> MarkersAsync(Instance instance) => (await instance.Shared.QueryAsync(
        Core.Store.EntityRange.Prefix(instance.OrganizationId, Core.Organizations.Rows.ExpiryWarningPrefix), 100, null, CancellationToken.None)).Entities.Count;

    private static async Task<(Instance Instance, DateTimeOffset ExpiresAt)> StartAsync(TimeSpan within)
    {
        var instance = await Instance.StartAsync(providers: [new FakeProvider("fake", FakeAbilities.Versions)]);
        var expiresAt = instance.Clock.GetUtcNow() + within;
        await instance.CredentialAsync("fake", "fake", expiresAt: expiresAt);
        return (instance, expiresAt);
    }
}
