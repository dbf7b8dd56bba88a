using SecretFunctions.Core.Access;

namespace SecretFunctions.Core.Tests.Access;

/// <summary>A grant reaches a place that lies wholly inside it, and no other.</summary>
public sealed class GrantTests
{
    private static readonly Demand ViewVariables = new(Feature.EnvironmentVariables, Level.View);
    private static readonly Demand ManageVariables = new(Feature.EnvironmentVariables, Level.Manage);

    // Limits and places: names by commas, '*' for no limit or the whole, '-' for none, '?' before what is not known or shared.
    [Theory]
    [InlineData("*", "*", "*", "*", true, true)]
    [InlineData("*", "*", "web", "dev", true, true)]
    [InlineData("*", "*", "web,api", "-", true, true)]
    [InlineData("web", "*", "*", "dev", false, false)]
    [InlineData("web", "*", "*", "-", false, false)]
    [InlineData("web", "*", "web", "dev", true, true)]
    [InlineData("web", "*", "web", "*", true, true)]
    [InlineData("web", "*", "web", "-", true, true)]
    [InlineData("web", "*", "api", "dev", false, false)]
    [InlineData("web", "*", "WEB", "dev", false, false)]
    [InlineData("web", "*", "web,api", "-", false, false)]
    [InlineData("web,api", "*", "web,api", "-", true, true)]
    [InlineData("web,api", "*", "api", "prod", true, true)]
    [InlineData("web", "*", "-", "dev", false, false)]
    [InlineData("*", "dev", "*", "dev", true, true)]
    [InlineData("*", "dev", "*", "prod", false, false)]
    [InlineData("*", "dev", "*", "dev,prod", false, false)]
    [InlineData("*", "dev,prod", "web", "dev,prod", true, true)]
    [InlineData("*", "dev", "*", "*", false, false)]
    [InlineData("*", "dev", "*", "-", true, false)]
    [InlineData("*", "dev", "web", "-", true, false)]
    [InlineData("web", "dev", "web", "dev", true, true)]
    [InlineData("web", "dev", "web", "prod", false, false)]
    [InlineData("web", "dev", "api", "dev", false, false)]
    [InlineData("web", "dev", "web", "-", true, false)]
    [InlineData("web", "*", "?*", "dev", true, true)]
    [InlineData("web", "*", "?web,api", "-", true, true)]
    [InlineData("web", "*", "?api,shop", "-", false, false)]
    [InlineData("web", "dev", "?*", "dev", true, true)]
    [InlineData("web", "dev", "?*", "prod", false, false)]
    [InlineData("web", "dev", "?*", "-", true, false)]
    [InlineData("web", "dev", "?*", "?*", true, true)]
    [InlineData("web", "dev", "web", "?*", true, true)]
    [InlineData("web", "dev", "api", "?*", false, false)]
    [InlineData("web", "dev", "?*", "?prod,dev", true, true)]
    [InlineData("web", "dev", "?*", "?prod", false, false)]
    public void A_place_is_covered_where_it_lies_wholly_inside(string projects, string environments, string placeProjects, string placeEnvironments, bool views, bool manages)
    {
        var caller = Holder(new Grant("role", Permissions.All) { Projects = Names(projects), Environments = Names(environments) });
        var place = new Place(Names(placeProjects), Names(placeEnvironments)) { AnyProject = placeProjects[0] == '?', AnyEnvironment = placeEnvironments[0] == '?' };

        Authorizer.Allows(caller, ViewVariables, place).ShouldBe(views);
        Authorizer.Allows(caller, ManageVariables, place).ShouldBe(manages);
        (Authorizer.Decide(caller, ViewVariables, place).Rule == "role").ShouldBeTrue();
    }

    [Theory]
    [InlineData("*", "*", "web", "dev", "web", "dev")]
    [InlineData("web", "*", "*", "dev", "web", "dev")]
    [InlineData("web,api", "dev,prod", "api,shop", "prod", "api", "prod")]
    [InlineData("web", "*", "api", "*", null, null)]
    [InlineData("*", "dev", "*", "prod", null, null)]
    [InlineData("*", "*", "*", "*", "*", "*")]
    public void Two_limits_leave_what_both_have_and_never_everything(string projects, string environments, string byProjects, string byEnvironments, string? leftProjects, string? leftEnvironments)
    {
        var left = new Grant("role", Permissions.All) { Projects = Names(projects), Environments = Names(environments) }
            .Narrow(new Grant("key", Permissions.All) { Projects = Names(byProjects), Environments = Names(byEnvironments) });

        (left is null).ShouldBe(leftProjects is null);
        if (left is not null)
        {
            (left.Rule, Text(left.Projects), Text(left.Environments)).ShouldBe(("role", leftProjects, leftEnvironments));
        }
    }

    [Fact]
    public void Two_grants_are_not_one_that_has_what_either_has()
    {
        var caller = Holder(
            new Grant("role 'a'", Given(Feature.EnvironmentVariables, Level.Manage)) { Projects = ["web"], Environments = ["dev"] },
            new Grant("role 'b'", Given(Feature.EnvironmentVariables, Level.View)) { Projects = ["api"] });

        Authorizer.Decide(caller, ManageVariables, Place.In("web", "dev")).Rule.ShouldBe("role 'a'");
        Authorizer.Decide(caller, ViewVariables, Place.In("api", "prod")).Rule.ShouldBe("role 'b'");
        Authorizer.Check(caller, ManageVariables, Place.In("api", "dev"))!.Code.ShouldBe("access.project_not_allowed");
        Authorizer.Check(caller, ManageVariables, Place.In("web", "prod"))!.Code.ShouldBe("access.environment_not_allowed");
        Authorizer.Check(caller, ViewVariables, new Place(["web", "api"], []))!.Code.ShouldBe("access.project_not_allowed");
        Authorizer.Check(caller, new Demand(Feature.Cache, Level.View), Place.Organization)!.Code.ShouldBe("access.permission_missing");
    }

    [Fact]
    public void A_limited_grant_never_reaches_the_organization_as_a_whole()
    {
        var caller = Holder(new Grant("role", Permissions.All) { Projects = ["web"] });
        foreach (var feature in Permissions.AllFeatures)
        {
            Authorizer.Check(caller, new Demand(feature, Level.View), Place.Organization)!.Code.ShouldBe("access.project_not_allowed");
        }
    }

    [Theory]
    [InlineData("*", "*", true)]
    [InlineData("web", "*", true)]
    [InlineData("web", "dev", true)]
    [InlineData("api", "dev", false)]
    [InlineData("web,api", "dev", false)]
    [InlineData("web", "dev,prod", false)]
    public void Nobody_gives_what_none_of_their_grants_holds_alone(string projects, string environments, bool allowed)
    {
        var giver = Holder(new Grant("a", Permissions.All) { Projects = ["web"], Environments = ["dev"] }, new Grant("b", Given(Feature.Automations, Level.Manage)));
        var given = new Grant("new", Given(Feature.EnvironmentVariables, Level.View)) { Projects = Names(projects), Environments = Names(environments) };

        (Authorizer.CheckGrant(giver, [given]) is null).ShouldBe(allowed && projects == "web" && environments == "dev");
        Authorizer.CheckGrant(giver, [given with { Permissions = Given(Feature.Automations, Level.Manage) }]).ShouldBeNull();
        Authorizer.CheckGrant(giver, []).ShouldBeNull();
    }

    [Theory]
    [InlineData("me@example.org", "me@example.org", false, null)]
    [InlineData("me@example.org", null, true, null)]
    [InlineData("me@example.org", null, false, "personal.not_own")]
    [InlineData("me@example.org", "you@example.org", false, "personal.not_own")]
    [InlineData("you@example.org", "me@example.org", false, "access.personal")]
    [InlineData("you@example.org", "you@example.org", false, "access.personal")]
    public void What_is_personal_opens_for_its_members_own_credential_whatever_the_roles_say(string whose, string? opens, bool unclaimed, string? code)
    {
        var plain = new Caller("o", "default", new Principal(PrincipalType.Member, "me@example.org"), []) { MemberId = "me" };
        foreach (var caller in new[] { plain, plain with { Grants = [Grant.Everything] } })
        {
            var calling = caller with { Opens = opens is null ? null : Callers.Person(opens), IsPersonalUnclaimed = unclaimed };
            Authorizer.Check(calling, ManageVariables, Place.Personal(whose, "dev"))?.Code.ShouldBe(code);
            Authorizer.Allows(calling, ManageVariables, Place.Personal(whose, "dev")).ShouldBe(code is null);
        }
    }

    [Fact]
    public void A_narrowed_credential_opens_no_more_of_what_is_personal()
    {
        var me = new Caller("o", "default", new Principal(PrincipalType.Member, "me@example.org"), [Grant.Everything]) { MemberId = "me", Opens = Callers.Person("me@example.org") };
        var place = Place.Personal("me@example.org", "dev");

        Authorizer.Check(me with { Narrowing = new Grant("key", Given(Feature.EnvironmentVariables, Level.View)) }, ManageVariables, place)!.Code.ShouldBe("access.permission_missing");
        Authorizer.Check(me.NarrowedTo(environments: ["prod"]), ViewVariables, place)!.Code.ShouldBe("access.environment_not_allowed");
        Authorizer.Check(me.NarrowedTo(projects: ["web"]), ViewVariables, place)!.Code.ShouldBe("access.project_not_allowed");
        Authorizer.Check(me.NarrowedTo(environments: ["dev"]), ViewVariables, place).ShouldBeNull();
    }

    [Fact]
    public void A_list_is_for_the_members_it_named_and_not_for_later_ones_of_the_same_email()
    {
        AccessEntry[] access = [new("ann@example.org", "ann", AccessRole.Admin), new("bob@example.org", "bob", AccessRole.Member)];

        foreach (var (person, uses, changes) in new (Person?, bool, bool)[]
        {
            (new Person("ann@example.org", "ann"), true, true),
            (new Person("bob@example.org", "bob"), true, false),
            (new Person("bob@example.org", "later"), false, false),
            (new Person("eve@example.org", "ann"), false, false),
            (null, false, false),
        })
        {
            Authorizer.IsListed(person, access, AccessRole.Member).ShouldBe(uses);
            Authorizer.IsListed(person, access, AccessRole.Admin).ShouldBe(changes);
            Authorizer.IsListed(person, null, AccessRole.Admin).ShouldBeTrue();
        }
    }

    private static Caller Holder(params Grant[] grants) => new("o", "default", new Principal(PrincipalType.Member, "me@example.org"), grants);

    private static Permissions Given(Feature feature, Level level)
    {
        Permissions.TryParse(new Dictionary<string, string> { [Permissions.Name(feature)] = Permissions.Name(level) }, "permissions", out var permissions, out _).ShouldBeTrue();
        return permissions!;
    }

    private static string[]? Names(string text) => text.TrimStart('?') switch
    {
        "*" => null,
        "-" => [],
        var names => names.Split(','),
    };

    private static string Text(IReadOnlyList<string>? names) => names is null ? "*" : string.Join(',', names);
}
