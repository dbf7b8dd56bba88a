using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Core.Tests.Access;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>Which tokens an automation gets for its own use.</summary>
public sealed class AutomationTokensTests : IdentityTest
{
    private const string Audience = "https://reader.example.com";

    [Fact]
    public async Task For_an_audience_of_its_configuration_a_token_says_as_much_as_that_says()
    {
        await CrewAsync();
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Environment))).ShouldSucceed();

        var claims = await ClaimsAsync(new TokenInput(Audience, "prod", null, new Kickoff("run-1", "crew", "ann@example.org")));

        claims.GetProperty("sub").GetString().ShouldBe("org:default:project:default:environment:prod");
        claims.GetProperty("aud").GetString().ShouldBe(Audience);
        claims.TryGetProperty("automation", out _).ShouldBeFalse();
        claims.GetProperty("kickoff_id").GetString().ShouldBe("run-1");
    }

    [Fact]
    public async Task It_is_recorded_before_it_is_handed_out_and_the_token_is_not()
    {
        await CrewAsync();
        (await PutConfigAsync(Config())).ShouldSucceed();
        using var issued = (await MintAsync()).ShouldSucceed();

        var recorded = (await Instance.AuditEventsAsync())[0];

        recorded.GetProperty("action").GetString().ShouldBe("token.mint");
        recorded.GetProperty("target").ToString().ShouldBe($$"""{"environment":"prod","audience":"{{Audience}}","subject":"{{As("crew")}}","config":"main"}""");
        recorded.ToString().ShouldNotContain(Encoding.ASCII.GetString(issued.Token.Reveal()[^40..]));

        Instance.Store.BeforeWrite = static _ => throw new StoreUnavailableException("Down.");
        await Should.ThrowAsync<StoreUnavailableException>(() => MintAsync());
    }

    [Fact]
    public async Task Automations_alone_get_tokens()
    {
        (await PutConfigAsync(Config())).ShouldSucceed();

        (await MintAsync(caller: Instance.Owner)).ShouldFail("token.automation_only").Kind.ShouldBe(FailureKind.Denied);
    }

    [Fact]
    public async Task An_audience_is_the_configurations_the_automation_is_in_scope_of_or_the_organizations()
    {
        await CrewAsync();
        (await MintAsync()).ShouldFail("token.audience_not_allowed");
        (await PutConfigAsync(Config(environments: ["dev"]))).ShouldSucceed();
        (await MintAsync()).ShouldFail("token.audience_not_allowed");
        (await MintAsync(environment: "dev")).ShouldSucceed().Dispose();
        (await MintAsync(environment: "nowhere")).ShouldFail("environment.not_found").Kind.ShouldBe(FailureKind.Invalid);

        (await Instance.Organizations.PutAsync(Instance.Owner, "default", new OrganizationInput(null, null, ["api.example.org"]), Precondition.None, None)).ShouldSucceed();
        (await ClaimsAsync(new TokenInput("api.example.org", "prod", null, null))).GetProperty("sub").GetString().ShouldBe(As("crew"));
        (await MintAsync("api.example.com")).ShouldFail("token.audience_not_allowed");
        (await MintAsync("api.example.org", config: "main")).ShouldFail("token.audience_not_allowed");
    }

    [Fact]
    public async Task An_automation_whose_key_is_for_other_environments_gets_none_for_this_one()
    {
        await CrewAsync();
        (await PutConfigAsync(Config())).ShouldSucceed();

        (await MintAsync(caller: Crew.NarrowedTo(environments: ["dev"]))).ShouldFail("access.environment_not_allowed");
    }

    [Fact]
    public async Task Where_configurations_differ_in_what_tokens_say_one_is_named()
    {
        await CrewAsync();
        (await PutConfigAsync(Config())).ShouldSucceed();
        (await PutConfigAsync(Config(), "same")).ShouldSucceed();
        (await MintAsync()).ShouldSucceed().Dispose();

        (await PutConfigAsync(Config(subjectScope: SubjectScope.Project), "coarse")).ShouldSucceed();

        (await MintAsync()).ShouldFail("token.config_ambiguous").Kind.ShouldBe(FailureKind.Invalid);
        (await ClaimsAsync(new TokenInput(Audience, "prod", "coarse", null))).GetProperty("sub").GetString().ShouldBe("org:default:project:default");
        (await MintAsync(config: "none")).ShouldFail("token.audience_not_allowed");
    }

    [Fact]
    public async Task A_subject_that_another_configuration_gives_to_others_is_not_given()
    {
        await CrewAsync();
        await Instance.AutomateAsync("other");
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Project, automations: ["crew"]))).ShouldSucceed();
        (await MintAsync()).ShouldSucceed().Dispose();

        (await PutConfigAsync(Config(subjectScope: SubjectScope.Project, automations: ["other"]), "others")).ShouldSucceed();
        (await MintAsync()).ShouldFail("token.subject_shared").Kind.ShouldBe(FailureKind.Denied);

        // Elsewhere, to others' project, or for another audience it does no harm.
        await ProjectAsync("web");
        await MoveAsync("other", "web");
        (await MintAsync()).ShouldSucceed().Dispose();
        await MoveAsync("other", "default");
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Project, automations: ["other"], audience: "https://elsewhere.example.com"), "others")).ShouldSucceed();
        (await MintAsync()).ShouldSucceed().Dispose();
        (await PutConfigAsync(Config(automations: ["other"]), "others")).ShouldSucceed();
        (await MintAsync()).ShouldSucceed().Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nor_is_a_finer_one_whose_claims_are_those_of_the_others(bool byConfiguration)
    {
        await CrewAsync();
        await Instance.AutomateAsync("other");
        if (byConfiguration)
        {
            (await PutConfigAsync(Config(), "own")).ShouldSucceed();
        }
        else
        {
            (await Instance.Organizations.PutAsync(Instance.Owner, "default", new OrganizationInput(null, null, [Audience]), Precondition.None, None)).ShouldSucceed();
        }

        (await MintAsync()).ShouldSucceed().Dispose();

        // A policy on project and environment, which is all that the others' tokens say, would let this one in too.
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Environment, automations: ["other"]), "others")).ShouldSucceed();
        (await MintAsync()).ShouldFail("token.subject_shared").Kind.ShouldBe(FailureKind.Denied);

        (await PutConfigAsync(Config(subjectScope: SubjectScope.Environment, automations: ["other"], environments: ["dev"]), "others")).ShouldSucceed();
        (await MintAsync()).ShouldSucceed().Dispose();
        (await MintAsync(environment: "dev")).ShouldFail("token.subject_shared");
        (await PutConfigAsync(Config(automations: ["other"]), "others")).ShouldSucceed();
        (await MintAsync(environment: "dev")).ShouldSucceed().Dispose();
    }

    [Fact]
    public async Task Without_an_issuer_there_are_no_tokens()
    {
        await CrewAsync();
        (await PutConfigAsync(Config())).ShouldSucceed();
        var second = await Instance.SecondAsync();

        (await second.AutomationTokens.MintAsync(new Session(Crew, await second.ViewAsync()), new TokenInput(Audience, "prod", null, null), None)).ShouldFail("issuer.not_configured");
    }

    private Caller Crew => Instance.Owner with { Principal = new Principal(PrincipalType.Automation, "crew"), Grants = [], KeyId = "key" };

    private Task CrewAsync() => Instance.AutomateAsync("crew");

    private async Task<Result<IssuedToken>> MintAsync(string audience = Audience, string environment = "prod", string? config = null, Caller? caller = null) =>
        await Instance.AutomationTokens.MintAsync(new Session(caller ?? Crew, await Instance.ViewAsync()), new TokenInput(audience, environment, config, null), None);

    private async Task<JsonElement> ClaimsAsync(TokenInput input)
    {
        using var issued = (await Instance.AutomationTokens.MintAsync(new Session(Crew, await Instance.ViewAsync()), input, None)).ShouldSucceed();
        return JsonElement.Parse(Base64Url.DecodeFromChars(Encoding.ASCII.GetString(issued.Token.Reveal()).Split('.')[1]));
    }
}
