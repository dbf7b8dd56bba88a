using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;

namespace SecretFunctions.Core.Tests.Vault;

/// <summary>A rotation that is broken off, done twice at once, or overtaken by the organization's end.</summary>
public sealed class OrganizationRotationCrashTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Killed_at_any_write_it_goes_on_where_it_was_and_nothing_is_lost()
    {
        var unharmed = await SealedWorld.StartAsync();
        var finished = false;
        for (var survived = 0; !finished; survived++)
        {
            var world = await unharmed.CopyAsync();
            var writes = 0;
            world.Instance.Store.BeforeWrite = _ => writes++ >= survived ? throw new StoreUnavailableException("Killed.") : Task.CompletedTask;
            finished = await RotateAsync(world);

            await world.VerifyAsync();
            if ((await world.KeysAsync()).LastVersion == 1)
            {
                (await world.RotateAsync()).ShouldBeNull("it was killed before it began");
            }

            await world.FinishAsync();
            (await world.VersionsInUseAsync()).ShouldBe([2]);
            (survived > 6 || !finished).ShouldBeTrue("it has many writes to be killed at");
            (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([2]);
            await world.VerifyAsync();
        }

        static async Task<bool> RotateAsync(SealedWorld world)
        {
            try
            {
                await world.RotateAsync();
                var caller = world.Instance.Owner with { Principal = Principal.Maintenance };
                for (var round = 0; (await world.KeysAsync()).Wrapping.Count > 1; round++)
                {
                    world.Instance.Clock.Advance(Instance.MaintenanceInterval);
                    await world.Instance.OrganizationRewrap.RunAsync(caller, None);
                }

                return true;
            }
            catch (StoreUnavailableException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Two_instances_at_it_at_once_do_each_others_work_without_harm()
    {
        var world = await SealedWorld.StartAsync();
        var second = await world.Instance.SecondAsync();
        var caller = world.Instance.Owner with { Principal = Principal.Maintenance };
        await world.RotateAsync();
        for (var round = 0; (await world.KeysAsync()).Wrapping.Count > 1; round++)
        {
            round.ShouldBeLessThan(100);
            world.Instance.Clock.Advance(Instance.MaintenanceInterval);
            await Task.WhenAll(world.Instance.OrganizationRewrap.RunAsync(caller, None), second.OrganizationRewrap.RunAsync(caller, None));
        }

        await world.VerifyAsync();
        (await world.Instance.EventsAsync("organization-key.retire")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task An_organization_destroyed_while_its_key_is_rotated_leaves_nothing()
    {
        var world = await SealedWorld.StartAsync();
        var id = world.Instance.OrganizationId;
        await world.RotateAsync();
        var destroyed = false;
        world.Instance.Store.BeforeWrite = async writes =>
        {
            if (!destroyed && writes.Any(static write => write.Row.StartsWith(Rows.VariablePrefix, StringComparison.Ordinal)))
            {
                destroyed = true;
                (await world.Instance.Organizations.DeleteAsync(world.Instance.Owner, Deployment.DefaultOrganization, Precondition.None, release: false, None)).ShouldBeNull();
            }
        };

        await world.Instance.NextRoundAsync();

        destroyed.ShouldBeTrue();
        (await world.Instance.Shared.QueryAsync(new EntityRange(id, "!", "~~"), 100, null, None)).Entities
            .Where(static entity => !entity.Key.Row.StartsWith(Rows.AuditPrefix, StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
