using SecretFunctions.Core.Access;
using SecretFunctions.Core.Maintenance;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Maintenance;

public sealed class MaintenanceRoundTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Of_several_instances_one_does_the_round_and_the_next_is_due_an_interval_later()
    {
        var (instance, provider) = await StartAsync();
        var second = await instance.SecondAsync();
        instance.Clock.Advance(Instance.MaintenanceInterval);

        await Task.WhenAll(instance.Maintenance.RunAsync(None), second.Maintenance.RunAsync(None), instance.Maintenance.RunAsync(None));
        await second.Maintenance.RunAsync(None);
        provider.Polls.Count.ShouldBe(1);

        instance.Clock.Advance(Instance.MaintenanceInterval);
        await second.Maintenance.RunAsync(None);
        await instance.Maintenance.RunAsync(None);
        provider.Polls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_instance_that_died_in_its_round_holds_up_the_others_no_longer_than_its_lease()
    {
        var (instance, provider) = await StartAsync();
        await new MaintenanceLeases(instance.Store, new MaintenanceOptions(Instance.MaintenanceInterval), instance.Clock).TryTakeAsync(None);

        await instance.Maintenance.RunAsync(None);
        provider.Polls.ShouldBeEmpty();

        instance.Clock.Advance(MaintenanceLeases.Duration);
        await instance.Maintenance.RunAsync(None);
        provider.Polls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lease_written_by_a_clock_that_was_wrong_binds_nobody()
    {
        var (instance, provider) = await StartAsync();
        var lease = Documents.Serialize(new MaintenanceLease("somebody", instance.Clock.GetUtcNow() + TimeSpan.FromDays(400)), StoredJson.Default.MaintenanceLease);
        (await instance.Shared.WriteAsync(Rows.Deployment, [EntityWrite.Upsert(Rows.MaintenanceLease, lease)], None)).Applied.ShouldBeTrue();

        await instance.Maintenance.RunAsync(None);

        provider.Polls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_round_that_is_broken_off_leaves_the_next_to_whoever_comes()
    {
        var (instance, provider) = await StartAsync();
        var second = await instance.SecondAsync();
        using var stopping = new CancellationTokenSource();
        provider.BeforePoll = async _ =>
        {
            await stopping.CancelAsync();
            stopping.Token.ThrowIfCancellationRequested();
        };
        await Should.ThrowAsync<OperationCanceledException>(instance.Maintenance.RunAsync(stopping.Token));

        provider.BeforePoll = static _ => Task.CompletedTask;
        await second.Maintenance.RunAsync(None);

        provider.Polls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lease_is_extended_while_the_round_goes_on_and_ends_where_another_took_over()
    {
        var (instance, _) = await StartAsync();
        var leases = new MaintenanceLeases(instance.Store, new MaintenanceOptions(Instance.MaintenanceInterval), instance.Clock);
        using var lease = (await leases.TryTakeAsync(None)).ShouldNotBeNull();
        instance.Clock.Advance(MaintenanceLeases.Duration - TimeSpan.FromSeconds(1));
        (await lease.HoldAsync(None)).ShouldBeTrue();
        instance.Clock.Advance(TimeSpan.FromSeconds(2));
        (await leases.TryTakeAsync(None)).ShouldBeNull();

        instance.Clock.Advance(MaintenanceLeases.Duration);
        using var another = (await leases.TryTakeAsync(None)).ShouldNotBeNull();
        (await lease.HoldAsync(None)).ShouldBeFalse();
        await lease.EndAsync(new RoundFindings());
        (await another.HoldAsync(None)).ShouldBeTrue();
    }

    [Fact]
    public async Task Every_instance_knows_when_the_last_round_ended_whichever_did_it()
    {
        var (instance, _) = await StartAsync();
        var another = new MaintenanceLeases((await instance.SecondAsync()).Store, new MaintenanceOptions(Instance.MaintenanceInterval), instance.Clock);
        (await another.ReadLastRoundAsync(None)).ShouldBeNull();
        await instance.NextRoundAsync();
        var ended = instance.Clock.GetUtcNow();
        (await another.ReadLastRoundAsync(None)).ShouldNotBeNull().At.ShouldBe(ended);

        instance.Clock.Advance(Instance.MaintenanceInterval);
        using (var broken = (await another.TryTakeAsync(None)).ShouldNotBeNull())
        {
            (await another.ReadLastRoundAsync(None)).ShouldNotBeNull().At.ShouldBe(ended);
            instance.Clock.Advance(MaintenanceLeases.Duration * 0.6);
            (await broken.HoldAsync(None)).ShouldBeTrue();
            await broken.EndAsync(findings: null);
        }

        (await another.ReadLastRoundAsync(None)).ShouldNotBeNull().At.ShouldBe(ended);
    }

    [Fact]
    public async Task Every_organization_is_cared_for_and_one_that_cannot_be_opened_stops_no_other()
    {
        var (instance, provider) = await StartAsync();
        (await instance.Organizations.PutAsync(instance.Owner, "broken", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var broken = (await instance.Organizations.FindIdAsync("broken", None)).ShouldNotBeNull();
        await instance.Shared.WriteAsync(broken, [EntityWrite.Upsert(Rows.Credential("x"), "not json"u8.ToArray())], None);

        await instance.NextRoundAsync();

        provider.Polls.Count.ShouldBe(1);
        instance.Logs.Lines.ShouldContain(static line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("broken", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deletion_that_was_interrupted_is_finished()
    {
        var (instance, _) = await StartAsync();
        (await instance.Organizations.PutAsync(instance.Owner, "leaving", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        var id = (await instance.Organizations.FindIdAsync("leaving", None)).ShouldNotBeNull();
        instance.Store.BeforeWrite = writes => writes.Any(static write => write.Row == Rows.Keys) ? throw new StoreUnavailableException("killed here") : Task.CompletedTask;
        await Should.ThrowAsync<StoreUnavailableException>(instance.Organizations.DeleteAsync(instance.Owner, "leaving", Precondition.None, false, None));
        instance.Store.BeforeWrite = null;

        await instance.NextRoundAsync();

        (await instance.Shared.QueryAsync(new EntityRange(id, "!", "~~"), 10, null, None)).Entities.ShouldBeEmpty();
        (await instance.Organizations.ListAsync(None)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Expired_keys_are_removed_after_thirty_days()
    {
        var (instance, _) = await StartAsync();
        await instance.MemberAsync("a@example.org");
        var input = new ApiKeyInput("ci", new Principal(PrincipalType.Member, "a@example.org"), null, null, null, instance.Clock.GetUtcNow() + TimeSpan.FromDays(1));
        var expiring = (await instance.Keys.CreateAsync(instance.Owner, input, None)).ShouldSucceed().Key.Id;
        var lasting = (await instance.Keys.CreateAsync(instance.Owner, input with { ExpiresAt = null }, None)).ShouldSucceed().Key.Id;

        instance.Clock.Advance(TimeSpan.FromDays(30));
        await instance.NextRoundAsync();
        (await instance.Keys.GetAsync(instance.Owner, expiring, None)).ShouldSucceed();

        instance.Clock.Advance(TimeSpan.FromDays(1));
        await instance.NextRoundAsync();
        (await instance.Keys.GetAsync(instance.Owner, expiring, None)).ShouldFail("api_key.not_found");
        (await instance.Keys.GetAsync(instance.Owner, lasting, None)).ShouldSucceed();
        (await instance.EventsAsync("api-key.purge")).ShouldBe([$"{expiring} | ci"]);
    }

    private static async Task<(Instance Instance, FakeProvider Provider)> StartAsync()
    {
        var provider = new FakeProvider("fake", FakeAbilities.Versions);
        var instance = await Instance.StartAsync(providers: [provider]);
        provider.Put("openai", "openai-1");
        await instance.CredentialAsync("fake", "fake", ttl: 3600);
        await instance.ReferAsync("K", "fake", "openai");
        await instance.ValuesAsync();
        return (instance, provider);
    }
}
