using System.Text;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Maintenance;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Core.Tests.Vault;

public sealed class OrganizationRotationTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_rotation_publishes_then_seals_then_rewraps_and_drops_the_earlier_key_last()
    {
        var world = await SealedWorld.StartAsync();
        (await world.ReportAsync()).Rotation.ShouldBeNull();
        var total = (await world.EnvelopesAsync()).Count;

        (await world.RotateAsync()).ShouldBeNull();
        await world.Instance.SetAsync("EARLY", "sealed under the first");
        (await world.ReportAsync()).Rotation!.Step.ShouldBe(RotationStep.Publishing);
        (await world.ReportAsync()).Keys.Select(static key => key.State).ShouldBe([KeyState.Active, KeyState.Next]);
        (await world.VersionsInUseAsync()).ShouldBe([1]);

        await world.Instance.NextRoundAsync();
        await world.Instance.SetAsync("LATE", "sealed under the second");
        (await world.VersionsInUseAsync()).ShouldBe([2]);
        var report = await world.ReportAsync();
        report.Rotation.ShouldNotBeNull().Step.ShouldBe(RotationStep.Confirming);
        report.Rotation.Left.ShouldBe(0);
        report.Keys.Select(static key => key.State).ShouldBe([KeyState.Retired, KeyState.Active]);
        total.ShouldBeGreaterThan(10);

        world.Instance.Clock.Advance(Instance.RotationOptions.Kept - Instance.MaintenanceInterval - TimeSpan.FromSeconds(1));
        await world.Instance.Maintenance.RunAsync(None);
        (await world.KeysAsync()).Wrapping.Count.ShouldBe(2, "the time of grace is not over");
        await world.FinishAsync();
        (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([2]);
        (await world.Instance.EventsAsync("organization-key.rotate")).ShouldBe(["2"]);
        (await world.Instance.EventsAsync("organization-key.retire")).ShouldBe(["1"]);
        await world.VerifyAsync();
    }

    [Fact]
    public async Task Wrapping_anew_changes_nothing_of_a_row_but_the_headers_of_its_envelopes()
    {
        var world = await SealedWorld.StartAsync();
        var before = await world.RowsAsync();
        await world.RotateAsync();
        await world.FinishAsync();

        var after = await world.RowsAsync();

        after.Select(static row => row.Entity.Key).ShouldBe(before.Select(static row => row.Entity.Key));
        foreach (var (old, @new) in before.Zip(after))
        {
            var (oldParts, newParts) = (Parts(old), Parts(@new));
            newParts.Select(static part => part.Context).ShouldBe(oldParts.Select(static part => part.Context));
            foreach (var (oldPart, newPart) in oldParts.Zip(newParts))
            {
                Envelope.KeyVersionOf(newPart.Envelope).ShouldBe(2);
                newPart.Envelope[Envelope.HeaderBytes..].ShouldBe(oldPart.Envelope[Envelope.HeaderBytes..]);
                newPart.Envelope[..Envelope.HeaderBytes].ShouldNotBe(oldPart.Envelope[..Envelope.HeaderBytes]);
            }

            Without(@new, newParts).ShouldBe(Without(old, oldParts));
        }

        List<SealedPart> Parts((SealedRows Kind, Entity Entity) row) => [.. row.Kind.Read(world.Instance.OrganizationId, row.Entity)];

        static string Without((SealedRows Kind, Entity Entity) row, List<SealedPart> parts) => parts.Aggregate(
            Encoding.UTF8.GetString(row.Entity.Data.Span), static (text, part) => text.Replace(Convert.ToBase64String(part.Envelope), "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_view_and_no_plan_is_thrown_away_because_rows_were_wrapped_anew()
    {
        var world = await SealedWorld.StartAsync();
        await world.RotateAsync();
        world.Instance.Clock.Advance(Instance.RotationOptions.Settling);
        var revisions = new List<string>();
        world.Instance.Store.BeforeWrite = writes =>
        {
            revisions.AddRange(writes.Where(static write => write.Row == Rows.Revision).Select(static write => write.Row));
            return Task.CompletedTask;
        };

        await world.FinishAsync();

        revisions.Count.ShouldBe(2, "when the key begins to seal, and when the earlier one is dropped");
    }

    [Fact]
    public async Task What_a_straggler_stored_under_the_earlier_key_after_the_walk_is_found_and_not_lost()
    {
        var world = await SealedWorld.StartAsync();
        var straggler = await world.Instance.ViewAsync();
        await world.RotateAsync();
        await world.Instance.NextRoundAsync();
        (await world.ReportAsync()).Rotation!.Left.ShouldBe(0);

        // As of a request that began before the rotation, and comes to its write only now.
        using (var value = new SecretValue("organization-3"u8))
        {
            var address = Instance.Address("ORGANIZATION");
            var stored = (await world.Instance.Variables.GetAsync(world.Instance.Owner, address, None)).ShouldSucceed();
            var next = stored.Document.WithValue(straggler.Keys, address, world.Instance.OrganizationId, value.Reveal(), isJwe: false, 10);
            await world.Instance.Resources.CommitAsync(
                world.Instance.Owner, [EntityWrite.Replace(stored.Row, Documents.Serialize(next, StoredJson.Default.Variable), stored.ETag)], Change.Of("variable.put"), None);
        }

        (await world.VersionsInUseAsync()).ShouldBe([1, 2]);
        await world.FinishAsync();

        (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([2]);
        await world.VerifyAsync(organizationValue: "organization-3");
    }

    [Fact]
    public async Task A_row_that_changes_under_the_walk_keeps_its_change_and_is_met_again()
    {
        var world = await SealedWorld.StartAsync();
        await world.RotateAsync();
        var row = Instance.Address("ORGANIZATION").Row;
        var raced = false;
        world.Instance.Store.BeforeWrite = async writes =>
        {
            if (!raced && writes.Any(write => write.Row == row))
            {
                raced = true;
                var other = await world.Instance.SecondAsync();
                await other.SetAsync("ORGANIZATION", "organization-3");
            }
        };

        await world.FinishAsync();

        raced.ShouldBeTrue();
        (await world.VersionsInUseAsync()).ShouldBe([2]);
        await world.VerifyAsync(organizationValue: "organization-3");
    }

    [Fact]
    public async Task The_same_envelope_twice_in_a_row_is_wrapped_anew_once()
    {
        var world = await SealedWorld.StartAsync();
        var stored = (await world.Instance.Variables.GetAsync(world.Instance.Owner, Instance.Address("ORGANIZATION"), None)).ShouldSucceed();
        var twice = stored.Document with { Versions = [stored.Document.Versions[0], stored.Document.Versions[0]] };
        await world.Instance.Shared.WriteAsync(
            world.Instance.OrganizationId, [EntityWrite.Upsert(stored.Row, Documents.Serialize(twice, StoredJson.Default.Variable))], None);
        await world.RotateAsync();

        await world.Instance.NextRoundAsync();

        (await world.ReportAsync()).Rotation.ShouldNotBeNull().Left.ShouldBe(0);
        (await world.VersionsInUseAsync()).ShouldBe([2]);
        await world.VerifyAsync();
    }

    [Fact]
    public async Task A_snapshot_that_was_asked_for_slowly_is_sealed_under_the_key_of_now()
    {
        var world = await SealedWorld.StartAsync();
        var session = new Session(world.Instance.Owner, await world.Instance.ViewAsync());
        await world.RotateAsync();
        await world.FinishAsync();

        (await world.Instance.Snapshots.CreateAsync(session, SealedWorld.Crew, Instance.Input(SealedWorld.Crew), null, None)).ShouldSucceed();

        (await world.VersionsInUseAsync()).ShouldBe([2]);
    }

    [Fact]
    public async Task Rotated_again_before_it_was_over_all_ends_under_the_last_key()
    {
        var world = await SealedWorld.StartAsync();
        await world.RotateAsync();
        await world.RotateAsync();
        await world.Instance.NextRoundAsync();
        await world.RotateAsync();
        await world.Instance.SetAsync("BETWEEN", "under the third");
        (await world.ReportAsync()).Keys.Select(static key => key.State).ShouldBe([KeyState.Retired, KeyState.Retired, KeyState.Active, KeyState.Next]);
        await world.VerifyAsync();
        await world.Instance.NextRoundAsync();
        (await world.VersionsInUseAsync()).ShouldBe([4], "a key that begins to seal is not kept waiting by the walk for the one before");
        (await world.ReportAsync()).Rotation!.Left.ShouldBe(0);

        await world.FinishAsync();

        (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([4]);
        (await world.VersionsInUseAsync()).ShouldBe([4]);
        await world.VerifyAsync();
    }

    [Fact]
    public async Task Only_so_many_keys_wait_for_each_other()
    {
        var world = await SealedWorld.StartAsync();
        for (var i = 1; i < OrganizationKeyDirectory.MaxVersions; i++)
        {
            (await world.RotateAsync()).ShouldBeNull();
        }

        (await world.RotateAsync()).ShouldNotBeNull().Code.ShouldBe("organization_key.rotation_pending");
        await world.FinishAsync();
        (await world.RotateAsync()).ShouldBeNull();
    }

    [Fact]
    public async Task What_does_not_open_keeps_its_key_and_the_rotation_open_until_it_is_gone()
    {
        var world = await SealedWorld.StartAsync();
        await world.Instance.SetAsync("BROKEN", "value");
        var address = Instance.Address("BROKEN");
        var stored = (await world.Instance.Variables.GetAsync(world.Instance.Owner, address, None)).ShouldSucceed();
        stored.Document.Versions[0].Sealed[20] ^= 1;
        await world.Instance.Shared.WriteAsync(
            world.Instance.OrganizationId, [EntityWrite.Upsert(stored.Row, Documents.Serialize(stored.Document, StoredJson.Default.Variable))], None);
        await world.RotateAsync();
        for (var round = 0; round < 60; round++)
        {
            await world.Instance.NextRoundAsync();
        }

        var rotation = (await world.ReportAsync()).Rotation.ShouldNotBeNull();
        (rotation.Left, rotation.Unreadable).ShouldBe((1, 1));
        (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([1, 2]);
        world.Instance.Logs.Lines.ShouldContain(entry => entry.Contains(stored.Row, StringComparison.Ordinal));

        (await world.Instance.Variables.DeleteAsync(world.Instance.Owner, address, Precondition.None, None)).ShouldBeNull();
        await world.FinishAsync();
        (await world.KeysAsync()).Wrapping.Select(static key => key.Version).ShouldBe([2]);
    }

    [Fact]
    public async Task Keys_that_an_instance_knows_are_not_unwrapped_again_when_one_is_added()
    {
        var world = await SealedWorld.StartAsync();
        var before = await world.Instance.ViewAsync();
        await world.RotateAsync();
        var stored = await world.KeysAsync();

        // A root key that opens nothing but the new one.
        var known = await OrganizationKeys.UnwrapAsync(
            new OnlyOpens(stored.Wrapping[1].Wrapped), world.Instance.OrganizationId, stored, before.Keys, None);

        known.Fingerprint("value"u8).ShouldBe(before.Keys.Fingerprint("value"u8));
        known.CurrentVersion.ShouldBe(1);
        var replaced = stored with { Wrapping = [stored.Wrapping[0] with { Id = "another" }, stored.Wrapping[1]] };
        await Should.ThrowAsync<RootKeyException>(
            OrganizationKeys.UnwrapAsync(new OnlyOpens(stored.Wrapping[1].Wrapped), world.Instance.OrganizationId, replaced, before.Keys, None));
    }

    private sealed class OnlyOpens(byte[] wrapped) : IRootKey
    {
        public string Id => VaultVectors.RootKey.Id;

        public Task<byte[]> WrapAsync(ReadOnlyMemory<byte> plaintext, CancellationToken cancellationToken) => throw new RootKeyException("No.");

        public Task<byte[]> UnwrapAsync(ReadOnlyMemory<byte> asked, CancellationToken cancellationToken) =>
            asked.Span.SequenceEqual(wrapped) ? VaultVectors.RootKey.UnwrapAsync(asked, cancellationToken) : throw new RootKeyException("Out of reach.");
    }
}
