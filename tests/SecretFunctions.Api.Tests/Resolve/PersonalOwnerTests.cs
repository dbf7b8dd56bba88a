using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Resolve;

/// <summary>Whose personal variables a kickoff falls back to: the member's who started it by hand, else the automation's owner's.</summary>
public abstract class PersonalOwnerTests(Head head) : ApiTest(head)
{
    private HttpClient _ann = null!;
    private HttpClient _bob = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _ann = await Host.MemberAsync("ann@example.org");
        _bob = await Host.MemberAsync("bob@example.org");
        await _ann.AutomationAsync("crew");
        await _ann.VariableAsync("dev/KEY?scope=personal", "ann's");
        await _bob.VariableAsync("dev/KEY?scope=personal", "bob's");
        await _ann.AssignAsync("crew", "dev", "KEY personal");
    }

    [Theory]
    [InlineData("""{"automation":"crew"}""")]
    [InlineData("""{"automation":"crew","kickoff":{"triggeredBy":"bob@example.org"}}""")]
    public async Task A_member_gets_their_own(string request) => (await _bob.ResolvedAsync(request)).ShouldBe("KEY=bob's");

    [Fact]
    public async Task A_member_gets_nobody_elses_by_naming_them() =>
        (await _bob.PostAsync("/v1/resolve", """{"automation":"crew","kickoff":{"triggeredBy":"ann@example.org"}}"""))
            .ShouldBeProblem(424, "resolve.failed").Errors.ShouldBe(["variable.not_found KEY"]);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"kickoff":{"triggeredBy":"bob@example.org"}}""")]
    public async Task An_automation_gets_its_owners_whomever_it_names(string request) =>
        (await (await Host.KeyMadeByAsync(_ann, "automation", "crew")).ResolvedAsync(request)).ShouldBe("KEY=ann's");

    [Fact]
    public async Task An_automation_without_an_owner_has_nobody_to_fall_back_to()
    {
        await Operator.AutomationAsync("orphan");
        await Operator.AssignAsync("orphan", "dev", "KEY personal");
        (await (await Host.AutomationAsync("orphan")).PostAsync("/v1/resolve", "{}")).ShouldBeProblem(424, "resolve.failed");
    }

    public sealed class Direct() : PersonalOwnerTests(Head.Direct);

    public sealed class BehindARouter() : PersonalOwnerTests(Head.BehindARouter);
}
