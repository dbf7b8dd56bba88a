using System.Text.Json.Nodes;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Tests.Access;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Automations;

public sealed class AutomationDirectoryTests
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_deletion_killed_at_any_point_leaves_nothing_for_whoever_takes_the_name_after_a_release()
    {
        for (var survived = 0; ; survived++)
        {
            var instance = await GivenAutomationAsync();
            var left = survived;
            instance.Store.BeforeWrite = _ => left-- > 0 ? Task.CompletedTask : throw new StoreUnavailableException("Killed.");
            var finished = false;
            try
            {
                (await instance.Automations.DeleteAsync(instance.Owner, "crew", Precondition.None, release: true, None)).ShouldBeNull();
                finished = true;
            }
            catch (StoreUnavailableException)
            {
                instance.Store.BeforeWrite = null;
                (await instance.Automations.DeleteAsync(instance.Owner, "crew", Precondition.None, release: true, None)).ShouldBeNull();
            }

            instance.Store.BeforeWrite = null;
            await instance.AutomateAsync("crew");
            (await instance.ResolveAsync("crew")).Values().ShouldBeEmpty();
            (await instance.Variables.GetAsync(instance.Owner, Instance.Address("KEY", VariableScope.Automation("crew")), None)).ShouldFail("variable.not_found");
            (await instance.Keys.ListAsync(instance.Owner, 10, null, None)).Items.ShouldBeEmpty();
            (await instance.Snapshots.ListAsync(instance.Owner, "crew", 10, null, None)).ShouldSucceed().Items.ShouldBeEmpty();
            if (finished)
            {
                break;
            }
        }
    }

    [Fact]
    public async Task A_deleted_automation_and_its_key_are_refused_at_once_even_where_the_rest_was_not_removed()
    {
        var instance = await GivenAutomationAsync();
        var text = (await instance.Keys.CreateAsync(
            instance.Owner, new ApiKeyInput("k", new Principal(PrincipalType.Automation, "crew"), null, null, null, null), None)).ShouldSucceed().Text;
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldSucceed();
        var marked = false;
        instance.Store.BeforeWrite = _ => marked ? throw new StoreUnavailableException("Killed.") : Task.FromResult(marked = true);

        await Should.ThrowAsync<StoreUnavailableException>(
            () => instance.Automations.DeleteAsync(instance.Owner, "crew", Precondition.None, release: false, None));

        instance.Store.BeforeWrite = null;
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldFail("auth.invalid");
        (await instance.ResolveAsync("crew")).ShouldFail("automation.not_found");
    }

    [Fact]
    public async Task A_key_or_trust_that_is_written_while_its_automation_is_released_lets_nobody_in_as_the_next_of_its_name()
    {
        var instance = await Instance.StartAsync();
        await instance.AutomateAsync("crew");
        var crew = new Principal(PrincipalType.Automation, "crew");
        instance.Store.BeforeWrite = ReleaseAsync;
        var text = (await instance.Keys.CreateAsync(instance.Owner, new ApiKeyInput("k", crew, null, null, null, null), None)).ShouldSucceed().Text;
        (await instance.Authenticator.AuthenticateAsync(text, null, address: null, None)).ShouldFail("auth.invalid");

        instance.Store.BeforeWrite = ReleaseAsync;
        var trust = new TrustedIssuerInput("https://issuer.example.org", "us", [new ClaimCondition("sub", ["x"])], crew, JwksUri: null);
        (await instance.TrustedIssuers.PutAsync(instance.Owner, "ci", trust, Precondition.None, None)).ShouldSucceed();
        var token = PlainTokens.Sign(new JsonObject { ["iss"] = trust.Issuer, ["aud"] = "us", ["sub"] = "x" });
        (await instance.Authenticator.AuthenticateAsync(token, null, address: null, None)).ShouldFail("auth.principal_gone");

        async Task ReleaseAsync(IReadOnlyList<EntityWrite> writes)
        {
            instance.Store.BeforeWrite = null;
            (await instance.Automations.DeleteAsync(instance.Owner, "crew", Precondition.None, release: true, None)).ShouldBeNull();
            await instance.AutomateAsync("crew");
        }
    }

    [Fact]
    public async Task A_snapshot_whose_names_are_too_much_for_one_entity_is_refused_as_too_large()
    {
        var instance = await Instance.StartAsync();
        await instance.AutomateAsync("crew");
        var keys = Enumerable.Range(0, AssignmentList.MaxItems).Select(static i => $"KEY_{i:0000}".PadRight(VariableKey.MaxLength, 'X')).ToArray();
        foreach (var key in keys)
        {
            await instance.SetAsync(key, new string('v', Snapshots.MaxBytes / keys.Length));
        }

        await instance.AutomateAsync("crew", null, [.. keys.Select(static key => (key, "organization"))]);

        var result = await instance.Snapshots.CreateAsync(
            new Session(instance.Owner, await instance.ViewAsync()), "crew", Instance.Input("crew"), null, None);

        result.ShouldFail("snapshot.too_large").Kind.ShouldBe(FailureKind.TooLarge);
    }

    [Fact]
    public async Task A_snapshot_keeps_what_was_resolved_then()
    {
        var instance = await GivenAutomationAsync();
        var snapshot = (await instance.Snapshots.CreateAsync(
            new Session(instance.Owner, await instance.ViewAsync()), "crew", Instance.Input("crew"), null, None)).ShouldSucceed().Document;
        await instance.SetAsync("KEY", "later", VariableScope.Automation("crew"));

        (await instance.ResolveAsync("crew")).Values()["KEY"].ShouldBe("later");
        (await instance.ResolveAsync("crew", snapshot: snapshot.Id)).Values()["KEY"].ShouldBe("value");
        (await instance.ResolveAsync("crew", snapshot: "unknown")).ShouldFail("snapshot.not_found");
    }

    /// <summary>With a variable, an assignment, a key and a snapshot of its own.</summary>
    private static async Task<Instance> GivenAutomationAsync()
    {
        var instance = await Instance.StartAsync();
        await instance.AutomateAsync("crew");
        await instance.SetAsync("KEY", "value", VariableScope.Automation("crew"));
        await instance.AutomateAsync("crew", null, ("KEY", "automation"));
        (await instance.Keys.CreateAsync(
            instance.Owner, new ApiKeyInput("k", new Principal(PrincipalType.Automation, "crew"), null, null, null, null), None)).ShouldSucceed();
        (await instance.Snapshots.CreateAsync(
            new Session(instance.Owner, await instance.ViewAsync()), "crew", Instance.Input("crew"), null, None)).ShouldSucceed();
        return instance;
    }
}
