using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class RootRotationTests
{
    private readonly RootKeysInMemory _keys = new();

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_rotation_moves_every_row_and_ends_after_the_time_of_grace()
    {
        var world = await StartAsync();
        var old = _keys.Ids[0];
        (await ReportAsync(world)).Keys.ShouldHaveSingleItem().State.ShouldBe(KeyState.Active);

        await RotateAsync(world);
        (await ReportAsync(world)).Rotation.ShouldNotBeNull().Step.ShouldBe(RotationStep.Rewrapping);
        (await ReportAsync(world)).Keys.Select(static key => (key.State, key.InUse)).ShouldBe([(KeyState.Retired, 3), (KeyState.Active, 0)]);

        await world.Instance.NextRoundAsync();
        (await ReportAsync(world)).Rotation.ShouldNotBeNull().Step.ShouldBe(RotationStep.Confirming);
        (await ReportAsync(world)).Keys.Select(static key => (key.State, key.InUse)).ShouldBe([(KeyState.Retired, 0), (KeyState.Active, 3)]);
        await world.VerifyAsync(rootKeys: _keys);

        await FinishAsync(world);
        await world.VerifyAsync(rootKeys: _keys.With(_keys.Ids[0]));
        (await world.Instance.AuditEventsAsync(Rows.Deployment)).Select(static entry => entry.GetProperty("action").GetString())
            .Where(static action => action!.StartsWith("root-key.", StringComparison.Ordinal)).ShouldBe(["root-key.retire", "root-key.rotate"]);
        (await Should.ThrowAsync<RootKeyException>(world.RestartAsync(_keys.With(old)))).Message.ShouldContain("belongs to root key");
    }

    [Fact]
    public async Task Halfway_a_start_says_which_key_it_lacks()
    {
        var world = await StartAsync();
        var old = _keys.Ids[0];
        await RotateAsync(world);

        var early = await Should.ThrowAsync<RootKeyException>(world.RestartAsync(_keys.With(old)));
        early.Message.ShouldBe($"The data is being moved to root key {_keys.Ids[0]}, but this instance has {old}: restore the root key file as it was after that rotation began.");

        var late = await Should.ThrowAsync<RootKeyException>(world.RestartAsync(_keys.With(_keys.Ids[0])));
        late.Message.ShouldBe($"Part of the data still lies under root key {old}, but this instance has {_keys.Ids[0]}: put that key back until the rotation to {_keys.Ids[0]} is over.");
    }

    [Fact]
    public async Task An_old_backup_opens_with_the_root_key_of_then_after_two_rotations()
    {
        var world = await StartAsync();
        var old = _keys.Ids[0];
        var backup = await world.CopyAsync(_keys);
        for (var i = 0; i < 2; i++)
        {
            await RotateAsync(world);
            await world.RotateAsync();
            await FinishAsync(world);
            await world.FinishAsync();
        }

        await backup.VerifyAsync(rootKeys: _keys.With(old));
        await world.VerifyAsync(rootKeys: _keys.With(_keys.Ids[0]));
    }

    [Fact]
    public async Task No_view_changes_and_nothing_is_unwrapped_again_for_it()
    {
        var world = await StartAsync();
        var view = await world.Instance.ViewAsync();
        await RotateAsync(world);
        await FinishAsync(world);

        (await world.Instance.ViewAsync()).ShouldBeSameAs(view);
        await world.Instance.SetAsync("NEW", "value");
        (await world.Instance.ViewAsync()).Keys.CreateWrap(1).ShouldNotBeNull().Dispose();
        await world.VerifyAsync(rootKeys: _keys);
    }

    [Fact]
    public async Task What_another_instance_wrapped_under_the_old_key_meanwhile_is_found_and_moved()
    {
        var world = await StartAsync();
        var old = _keys.Find(_keys.Ids[0])!;
        await RotateAsync(world);
        await world.Instance.NextRoundAsync();

        // As of an instance that had read which key wraps before the rotation.
        var stored = await world.KeysAsync();
        var straggling = await OrganizationKeys.RewrapAsync(_keys.Find(stored.RootKeyId)!, old, world.Instance.OrganizationId, stored, None);
        await world.Instance.Shared.WriteAsync(
            world.Instance.OrganizationId, [EntityWrite.Upsert(Rows.Keys, Documents.Serialize(straggling, StoredJson.Default.StoredOrganizationKeys))], None);
        await FinishAsync(world);

        (await world.KeysAsync()).RootKeyId.ShouldBe(_keys.Ids[0]);
        await world.VerifyAsync(rootKeys: _keys.With(_keys.Ids[0]));
    }

    [Fact]
    public async Task Killed_at_any_write_it_goes_on_where_it_was_and_nothing_is_lost()
    {
        var unharmed = await StartAsync();
        var survived = 0;
        for (var finished = false; !finished; survived++)
        {
            var keys = _keys.With(_keys.Ids[0]);
            var world = await unharmed.CopyAsync(keys);
            var writes = 0;
            world.Instance.Store.BeforeWrite = _ => writes++ >= survived ? throw new StoreUnavailableException("Killed.") : Task.CompletedTask;
            try
            {
                await RotateAsync(world);
                while ((await ReportAsync(world)).Rotation is not null)
                {
                    world.Instance.Clock.Advance(Instance.MaintenanceInterval);
                    await world.Instance.RootKeyDirectory.AdvanceAsync(None);
                }

                finished = true;
            }
            catch (StoreUnavailableException)
            {
            }

            await world.VerifyAsync(rootKeys: keys);
            if (!finished && (await ReportAsync(world)).Rotation is null)
            {
                var made = keys.Ids.Count;
                await RotateAsync(world);
                keys.Ids.Count.ShouldBe(made, "the key that was made then is taken now");
            }

            await FinishAsync(world);
            await world.VerifyAsync(rootKeys: keys.With(keys.Ids[0]));
        }

        survived.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task Rotated_while_the_organizations_key_is_rotated_too_both_end()
    {
        var world = await StartAsync();
        await world.RotateAsync();
        await RotateAsync(world);
        await world.RotateAsync();
        await world.Instance.NextRoundAsync();
        await RotateAsync(world);
        await world.RotateAsync();
        await world.VerifyAsync(rootKeys: _keys);

        await FinishAsync(world);
        await world.FinishAsync();

        (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([4]);
        await world.VerifyAsync(rootKeys: _keys.With(_keys.Ids[0]));
    }

    [Fact]
    public async Task Of_a_key_with_versions_all_comes_to_the_newest_and_the_report_says_which_are_needed()
    {
        var vault = new VersionedRootKey();
        var world = await StartAsync(new SingleRootKey(vault));
        vault.AddVersion();
        (await ReportAsync(world)).Keys.Select(static key => $"{key.Name} {key.InUse}").ShouldBe(["key-vault:acme/root/v1 3"]);

        await RotateAsync(world);
        (await ReportAsync(world)).Keys.Select(static key => $"{key.Name} {key.State} {key.InUse}").ShouldBe(["key-vault:acme/root/v1 Retired 3"]);
        await FinishAsync(world);

        (await ReportAsync(world)).Keys.Select(static key => $"{key.Name} {key.State} {key.InUse}").ShouldBe(["key-vault:acme/root/v2 Active 3"]);
        vault.Disabled.Add(1);
        await world.VerifyAsync(rootKeys: new SingleRootKey(vault));
    }

    [Fact]
    public async Task What_does_not_open_keeps_the_rotation_from_ending_and_holds_up_no_other()
    {
        var vault = new VersionedRootKey();
        var world = await StartAsync(new SingleRootKey(vault));
        vault.AddVersion();
        vault.Disabled.Add(1);
        await RotateAsync(world);
        for (var round = 0; round < 30; round++)
        {
            await world.Instance.NextRoundAsync();
        }

        var rotation = (await ReportAsync(world)).Rotation.ShouldNotBeNull();
        (rotation.Left, rotation.Unreadable).ShouldBe((3, 3));
        vault.Disabled.Clear();
        await FinishAsync(world);
    }

    [Fact]
    public async Task What_does_not_even_say_which_version_it_needs_keeps_the_rotation_from_ending_too()
    {
        var vault = new VersionedRootKey();
        var world = await StartAsync(new SingleRootKey(vault));
        var stored = await world.KeysAsync();
        stored.Wrapping[0].Wrapped[0] = byte.MaxValue;
        await world.Instance.Shared.WriteAsync(
            world.Instance.OrganizationId, [EntityWrite.Upsert(Rows.Keys, Documents.Serialize(stored, StoredJson.Default.StoredOrganizationKeys))], None);
        vault.AddVersion();
        await RotateAsync(world);
        for (var round = 0; round < 30; round++)
        {
            world.Instance.Clock.Advance(Instance.MaintenanceInterval);
            await world.Instance.RootKeyDirectory.AdvanceAsync(None);
        }

        var rotation = (await ReportAsync(world)).Rotation.ShouldNotBeNull();
        (rotation.Left, rotation.Unreadable).ShouldBe((1, 1));
    }

    [Fact]
    public async Task An_organization_destroyed_meanwhile_is_not_brought_back()
    {
        var world = await StartAsync();
        var id = world.Instance.OrganizationId;
        await RotateAsync(world);
        world.Instance.Store.BeforeWrite = async writes =>
        {
            if (writes.Any(static write => write is { Row: Rows.Keys, Kind: WriteKind.Replace }))
            {
                (await world.Instance.Organizations.DeleteAsync(world.Instance.Owner, Deployment.DefaultOrganization, Precondition.None, release: false, None)).ShouldBeNull();
            }
        };

        await world.Instance.NextRoundAsync();

        (await world.Instance.Shared.GetAsync(new EntityKey(id, Rows.Keys), None)).ShouldBeNull();
    }

    /// <summary>With a second organization and a signing key.</summary>
    private async Task<SealedWorld> StartAsync(IRootKeySource? keys = null)
    {
        var world = await SealedWorld.StartAsync(keys ?? _keys);
        (await world.Instance.Organizations.PutAsync(world.Instance.Owner, "other", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
        (await world.Instance.SigningKeys.RotateAsync(world.Instance.Owner, None)).ShouldBeNull();
        return world;
    }

    private static async Task RotateAsync(SealedWorld world) => (await world.Instance.RootKeyDirectory.RotateAsync(world.Instance.Owner, None)).ShouldBeNull();

    private static async Task<RootKeyReport> ReportAsync(SealedWorld world) => (await world.Instance.RootKeyDirectory.ReportAsync(None)).ShouldSucceed();

    private static async Task FinishAsync(SealedWorld world)
    {
        for (var round = 0; (await ReportAsync(world)).Rotation is { } rotation; round++)
        {
            round.ShouldBeLessThan(60, $"{rotation}");
            await world.Instance.NextRoundAsync();
        }
    }
}
