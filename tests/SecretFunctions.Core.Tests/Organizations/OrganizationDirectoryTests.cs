using SecretFunctions.Core.Access;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Organizations;

public sealed class OrganizationDirectoryTests
{
    private static CancellationToken None => CancellationToken.None;

    private static Caller Operator { get; } = new("", "", Principal.Operator, Permissions.All);

    [Fact]
    public async Task A_new_organization_stands_with_keys_environments_and_its_first_event()
    {
        var instance = await Instance.StartAsync();
        (await PutAsync(instance, "acme")).Created.ShouldBeTrue();

        var id = (await instance.Organizations.FindIdAsync("acme", None)).ShouldNotBeNull();
        (await instance.Views.GetAsync(id, None)).ShouldNotBeNull().Organization.Name.ShouldBe("acme");
        (await instance.Environments.ListAsync(id, None)).Select(static item => item.Document.Name).ShouldBe(["dev", "prod", "staging"]);
        (await instance.AuditEventsAsync(id)).ShouldHaveSingleItem().GetProperty("action").GetString().ShouldBe("organization.put");
    }

    [Fact]
    public async Task Of_two_that_make_one_name_at_once_one_wins_and_the_other_leaves_nothing()
    {
        var instance = await Instance.StartAsync();
        var reached = new CountdownEvent(2);
        var go = new TaskCompletionSource();
        instance.Store.BeforeWrite = writes =>
        {
            if (writes[0].Row != Rows.OrganizationName("acme"))
            {
                return Task.CompletedTask;
            }

            if (reached.Signal())
            {
                go.SetResult();
            }

            return go.Task;
        };

        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(
            () => instance.Organizations.PutAsync(Operator, "acme", new OrganizationInput(null, null, []), Precondition.None, None))));

        results.Count(static result => result.Failure is null).ShouldBe(1);
        var winner = await instance.Organizations.FindIdAsync("acme", None);
        var made = instance.Store.Writes.SelectMany(static writes => writes)
            .Where(static write => write is { Kind: WriteKind.Insert, Row: Rows.Organization })
            .Select(static write => System.Text.Json.JsonElement.Parse(write.Data.Span).GetProperty("id").GetString()!);
        var loser = made.Where(id => id != winner).ShouldHaveSingleItem();
        (await instance.Shared.QueryAsync(new EntityRange(loser, "!", "~~"), 1, null, None)).Entities.ShouldBeEmpty();
        (await instance.Organizations.GetAsync("acme", None)).ShouldSucceed();
        reached.Dispose();
    }

    [Fact]
    public async Task A_deleted_organization_is_gone_for_an_instance_that_still_holds_its_keys()
    {
        var here = await Instance.StartAsync();
        var there = await here.SecondAsync();
        await PutAsync(here, "acme");
        var id = (await here.Organizations.FindIdAsync("acme", None)).ShouldNotBeNull();
        (await here.Views.GetAsync(id, None)).ShouldNotBeNull();

        // Killed as soon as the keys are destroyed, long before the purge has come to the end.
        var keysAreGone = false;
        there.Store.BeforeWrite = writes =>
        {
            if (keysAreGone)
            {
                throw new StoreUnavailableException("Killed.");
            }

            keysAreGone = writes.Any(static write => write is { Kind: WriteKind.Delete, Row: Rows.Keys });
            return Task.CompletedTask;
        };
        await Should.ThrowAsync<StoreUnavailableException>(
            () => there.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: false, None));
        here.Clock.Advance(Instance.Window);

        (await here.Views.GetAsync(id, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_deletion_killed_at_any_point_is_finished_by_the_next()
    {
        for (var survived = 0; ; survived++)
        {
            var instance = await Instance.StartAsync();
            await PutAsync(instance, "acme");
            var id = (await instance.Organizations.FindIdAsync("acme", None)).ShouldNotBeNull();
            var left = survived;
            instance.Store.BeforeWrite = _ => left-- > 0 ? Task.CompletedTask : throw new StoreUnavailableException("Killed.");
            try
            {
                (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: false, None)).ShouldBeNull();
                break;
            }
            catch (StoreUnavailableException)
            {
                instance.Store.BeforeWrite = null;
                (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: false, None)).ShouldBeNull();
            }

            (await instance.Shared.QueryAsync(new EntityRange(id, "!", "~~"), 1, null, None)).Entities.ShouldBeEmpty();
            (await instance.Organizations.PutAsync(Operator, "acme", new OrganizationInput(null, null, []), Precondition.None, None)).ShouldFail("name.reserved");

            // Marked or not: exactly one event tells of it.
            (await instance.AuditEventsAsync(Rows.Deployment)).Count(static item => item.GetProperty("action").GetString() == "organization.delete").ShouldBe(1);
        }
    }

    [Fact]
    public async Task A_released_name_makes_a_new_organization_that_shares_nothing_with_the_old()
    {
        var instance = await Instance.StartAsync();
        await PutAsync(instance, "acme");
        var before = await instance.Organizations.FindIdAsync("acme", None);
        (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: false, None)).ShouldBeNull();
        (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: false, None)).ShouldNotBeNull().Code.ShouldBe("organization.not_found");
        (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: true, None)).ShouldBeNull();

        (await PutAsync(instance, "acme")).Created.ShouldBeTrue();

        (await instance.Organizations.FindIdAsync("acme", None)).ShouldNotBe(before);
    }

    [Fact]
    public async Task A_release_that_lost_to_a_deletion_without_one_does_not_claim_to_have_released()
    {
        var instance = await Instance.StartAsync();
        var other = await instance.SecondAsync();
        await PutAsync(instance, "acme");
        (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: false, None)).ShouldBeNull();
        instance.Store.BeforeWrite = async writes =>
        {
            instance.Store.BeforeWrite = null;
            writes.ShouldHaveSingleItem().Kind.ShouldBe(WriteKind.Delete);
            await other.Organizations.PutAsync(Operator, "acme", new OrganizationInput(null, null, []), Precondition.None, None);
        };

        (await instance.Organizations.DeleteAsync(Operator, "acme", Precondition.None, release: true, None)).ShouldNotBeNull().Code.ShouldBe("resource.busy");
    }

    private static async Task<Saved<Organization>> PutAsync(Instance instance, string name) =>
        (await instance.Organizations.PutAsync(Operator, name, new OrganizationInput(null, null, []), Precondition.None, None)).ShouldSucceed();
}
