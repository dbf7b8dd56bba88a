using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

public sealed class AuthorizerTests
{
    private static readonly string[] DevOnly = ["dev"];

    private static readonly Demand ViewValues = new(Feature.SecretValues, Level.View);

    public static TheoryData<Feature, Level, Level> EveryHoldingAndDemand
    {
        get
        {
            var table = new TheoryData<Feature, Level, Level>();
            foreach (var feature in Enum.GetValues<Feature>())
            {
                foreach (var held in Enum.GetValues<Level>())
                {
                    foreach (var demanded in Enum.GetValues<Level>())
                    {
                        table.Add(feature, held, demanded);
                    }
                }
            }

            return table;
        }
    }

    [Theory]
    [MemberData(nameof(EveryHoldingAndDemand))]
    public void A_level_allows_itself_and_what_is_below_on_its_own_feature_alone(Feature feature, Level held, Level demanded)
    {
        var caller = Service(Given(feature, held));

        Authorizer.Allows(caller, new Demand(feature, demanded), Place.Organization).ShouldBe(held >= demanded);
        foreach (var other in Enum.GetValues<Feature>().Where(other => other != feature))
        {
            Authorizer.Allows(caller, new Demand(other, demanded), Place.Organization).ShouldBe(demanded == Level.None);
        }
    }

    [Theory]
    [InlineData("dev", true)]
    [InlineData("prod", false)]
    [InlineData("DEV", false)]
    [InlineData("", false)]
    [InlineData(null, true)]
    public void A_key_for_some_environments_is_good_for_those(string? environment, bool allowed)
    {
        var caller = Service(Permissions.All).NarrowedTo(environments: DevOnly);

        Authorizer.Allows(caller, ViewValues, environment is null ? Place.Organization : Place.In(null, environment)).ShouldBe(allowed);
    }

    [Fact]
    public void A_key_for_no_environment_is_good_for_none() =>
        Authorizer.Check(Service(Permissions.All).NarrowedTo(environments: []), ViewValues, Place.In(null, "dev")).ShouldNotBeNull().Code.ShouldBe("access.environment_not_allowed");

    [Theory]
    [InlineData("crew", "dev", null)]
    [InlineData(null, "dev", null)]
    [InlineData("other", "dev", "access.automation_only_itself")]
    [InlineData("Crew", "dev", "access.automation_only_itself")]
    [InlineData("", "dev", "access.automation_only_itself")]
    [InlineData("crew", "prod", "access.environment_not_allowed")]
    public void An_automation_resolves_for_itself_in_its_environments(string? automation, string environment, string? code)
    {
        var caller = Caller(PrincipalType.Automation, "crew", Permissions.None).NarrowedTo(environments: DevOnly);

        Authorizer.CheckResolve(caller, automation, null, environment)?.Code.ShouldBe(code);
        (Authorizer.CheckResolve(caller, automation, null, environment) is null).ShouldBe(code is null);
    }

    [Fact]
    public void An_automation_does_nothing_else_even_were_it_given_permissions()
    {
        var caller = Caller(PrincipalType.Automation, "crew", Permissions.All);
        foreach (var feature in Enum.GetValues<Feature>())
        {
            Authorizer.Check(caller, new Demand(feature, Level.None), Place.Organization).ShouldNotBeNull().Code.ShouldBe("access.automation_only_itself");
        }
    }

    [Fact]
    public void Whoever_is_no_automation_resolves_with_the_permission_to_see_values()
    {
        Authorizer.CheckResolve(Service(Given(Feature.SecretValues, Level.View)), "crew", null, "dev").ShouldBeNull();
        Authorizer.CheckResolve(Service(Given(Feature.EnvironmentVariables, Level.Manage)), "crew", null, "dev").ShouldNotBeNull();
        Authorizer.CheckResolve(Service(Permissions.None), null, null, "dev").ShouldNotBeNull();
    }

    [Fact]
    public void An_operator_is_known_by_the_deployments_own_key_and_by_no_name()
    {
        var real = new Caller("o", "default", Principal.Operator, Permissions.All);

        Authorizer.CheckOperator(real).ShouldBeNull();
        Authorizer.CheckOperator(real with { KeyId = "abcdefghijabcdefghij" }).ShouldNotBeNull();
        Authorizer.CheckOperator(Caller(PrincipalType.Member, "operator", Permissions.All)).ShouldNotBeNull();
        Authorizer.CheckOperator(Caller(PrincipalType.Automation, "operator", Permissions.All)).ShouldNotBeNull();
        Authorizer.CheckOperator(Service(Permissions.All)).ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(EveryHoldingAndDemand))]
    public void Nobody_grants_more_than_they_hold(Feature feature, Level held, Level granted) =>
        (Authorizer.CheckGrant(Service(Given(feature, held)), [new Grant("new", Given(feature, granted))]) is null).ShouldBe(granted <= held);

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, "prod", true)]
    [InlineData("dev", "dev", true)]
    [InlineData("dev,prod", "prod", true)]
    [InlineData("dev", "dev,prod", false)]
    [InlineData("dev", null, false)]
    [InlineData("dev", "", true)]
    public void Nobody_grants_environments_they_do_not_have(string? own, string? granted, bool allowed)
    {
        var caller = Service(Permissions.All).NarrowedTo(environments: Split(own));

        (Authorizer.CheckGrant(caller, [new Grant("new", Given(Feature.Cache, Level.View)) { Environments = Split(granted) }]) is null).ShouldBe(allowed);

        static string[]? Split(string? names) => names?.Split(',', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory]
    [InlineData(PrincipalType.Member, "me@example.org", null, "me@example.org")]
    [InlineData(PrincipalType.Member, "me@example.org", "me@example.org", "me@example.org")]
    [InlineData(PrincipalType.Member, "me@example.org", "you@example.org", null)]
    [InlineData(PrincipalType.Member, null, null, null)]
    [InlineData(PrincipalType.Member, "owner@example.org", null, null)]
    [InlineData(PrincipalType.Automation, "owner@example.org", "you@example.org", "owner@example.org")]
    [InlineData(PrincipalType.Automation, "owner@example.org", null, "owner@example.org")]
    [InlineData(PrincipalType.Automation, "you@example.org", "you@example.org", null)]
    [InlineData(PrincipalType.Automation, null, null, null)]
    [InlineData(PrincipalType.Service, "owner@example.org", "you@example.org", "owner@example.org")]
    [InlineData(PrincipalType.Service, "me@example.org", null, null)]
    [InlineData(PrincipalType.Service, null, "owner@example.org", null)]
    public void Personal_variables_are_those_the_credential_opens_and_never_of_whomever_a_request_names(
        PrincipalType type, string? opens, string? triggeredBy, string? owner)
    {
        var isMember = type == PrincipalType.Member;
        var caller = Caller(type, "me@example.org", Permissions.All) with { MemberId = isMember ? "me" : null, Opens = opens is null ? null : Callers.Person(opens) };

        Authorizer.PersonalOwner(Authorizer.PersonalCandidate(caller, "dev", triggeredBy), isMember, "owner@example.org")?.Email.ShouldBe(owner);
        (Authorizer.PersonalOwner(Authorizer.PersonalCandidate(caller, "dev", triggeredBy), isMember, "owner@example.org") is null).ShouldBe(owner is null);
    }

    private static Permissions Given(Feature feature, Level level)
    {
        Permissions.TryParse(new Dictionary<string, string> { [Permissions.Name(feature)] = Permissions.Name(level) }, "permissions", out var permissions, out _).ShouldBeTrue();
        return permissions!;
    }

    private static Caller Service(Permissions permissions) => Caller(PrincipalType.Service, "ci", permissions);

    private static Caller Caller(PrincipalType type, string name, Permissions permissions) => new("o", "default", new Principal(type, name), permissions);
}
