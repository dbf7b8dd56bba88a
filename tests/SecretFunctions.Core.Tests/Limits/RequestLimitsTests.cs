using SecretFunctions.Core.Access;
using SecretFunctions.Core.Limits;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Limits;

public sealed class RequestLimitsTests
{
    private static readonly RequestLimit Off = new(0, 1);

    private readonly TestClock _clock = new();

    [Fact]
    public void One_who_sends_too_many_is_told_when_to_come_again_and_others_are_served()
    {
        var limits = Limits(principal: new(10, 5));
        Admitted(limits, "a", 100).ShouldBe(5);
        var refused = limits.Check(Caller("a"), costly: false).ShouldNotBeNull();
        (refused.Kind, refused.Code, refused.RetryAfter).ShouldBe((FailureKind.Throttled, "limit.principal", TimeSpan.FromMilliseconds(100)));
        Admitted(limits, "b", 100).ShouldBe(5);
        Admitted(limits, "a", 100, organization: "other").ShouldBe(5);

        _clock.Advance(refused.RetryAfter!.Value);
        Admitted(limits, "a", 100).ShouldBe(1);
    }

    [Fact]
    public void A_principal_is_one_whichever_key_it_uses_and_two_types_of_one_name_are_two()
    {
        var limits = Limits(principal: new(10, 5));
        Admitted(limits, "a", 100).ShouldBe(5);
        limits.Check(Caller("a") with { KeyId = "another" }, costly: false).ShouldNotBeNull();
        limits.Check(Caller("a") with { Principal = new Principal(PrincipalType.Automation, "a") }, costly: false).ShouldBeNull();
    }

    [Fact]
    public void One_alone_does_not_use_up_what_the_organization_has()
    {
        var limits = Limits(principal: new(10, 4), organization: new(100, 10));
        Admitted(limits, "a", 1000).ShouldBe(4);
        Admitted(limits, "b", 1000).ShouldBe(4);
        Admitted(limits, "c", 1000).ShouldBe(2);
        limits.Check(Caller("d"), costly: false).ShouldNotBeNull().Code.ShouldBe("limit.organization");
        Admitted(limits, "e", 1, organization: "other").ShouldBe(1);
    }

    [Fact]
    public void The_operator_does_not_stand_in_an_organizations_queue()
    {
        var limits = Limits(principal: new(10, 4), organization: new(100, 5));
        Admitted(limits, "a", 4).ShouldBe(4);
        Admitted(limits, "b", 4).ShouldBe(1);
        var theOperator = new Caller("acme", "acme", Principal.Operator, Permissions.All);
        Enumerable.Range(0, 10).Count(_ => limits.Check(theOperator, costly: false) is null).ShouldBe(4);
    }

    [Fact]
    public void What_is_costly_has_a_measure_of_its_own()
    {
        var limits = Limits(principal: new(10, 5), costly: new(1, 2));
        Enumerable.Range(0, 10).Select(_ => limits.Check(Caller("a"), costly: true)?.Code).Distinct().ShouldBe([null, "limit.costly"]);
        Admitted(limits, "a", 100).ShouldBe(3);
        limits.Check(Caller("b"), costly: true).ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_limited_by_0()
    {
        var limits = Limits(Off);
        Admitted(limits, "a", 100_000).ShouldBe(100_000);
        Enumerable.Range(0, 1000).ShouldAllBe(_ => limits.Check(Caller("a"), true) == null);
    }

    private RequestLimits Limits(RequestLimit principal, RequestLimit? organization = null, RequestLimit? costly = null) =>
        new(new RequestLimitOptions(principal, organization ?? Off, costly ?? Off), _clock);

    private static Caller Caller(string name, string organization = "acme") =>
        new(organization, organization, new Principal(PrincipalType.Service, name), Permissions.None) { KeyId = "k" };

    private static int Admitted(RequestLimits limits, string name, int tries, string organization = "acme") =>
        Enumerable.Range(0, tries).Count(_ => limits.Check(Caller(name, organization), costly: false) is null);
}
