using SecretFunctions.Core.Access;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.Access;

public sealed class RolesTests
{
    private static readonly MemberInput Reader = new(["reader"], null, null);

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_role_that_is_deleted_while_it_is_given_is_not_given()
    {
        var instance = await GivenRoleAsync();
        instance.Store.BeforeWrite = async _ =>
        {
            instance.Store.BeforeWrite = null;
            (await instance.Roles.DeleteAsync(instance.Owner, "reader", Precondition.None, None)).ShouldBeNull();
        };

        (await instance.Members.PutAsync(instance.Owner, "ann@example.org", Reader, Precondition.None, None)).ShouldFail("member.invalid").Errors[0].Code.ShouldBe("role.not_found");
        (await instance.Members.GetAsync(instance.OrganizationId, "ann@example.org", None)).ShouldFail("member.not_found");
    }

    [Fact]
    public async Task A_role_that_is_given_while_it_is_deleted_stays()
    {
        var instance = await GivenRoleAsync();
        instance.Store.BeforeWrite = async _ =>
        {
            instance.Store.BeforeWrite = null;
            (await instance.Members.PutAsync(instance.Owner, "ann@example.org", Reader, Precondition.None, None)).ShouldSucceed();
        };

        (await instance.Roles.DeleteAsync(instance.Owner, "reader", Precondition.None, None)).ShouldNotBeNull().Code.ShouldBe("role.in_use");
        (await instance.Roles.GetAsync(instance.OrganizationId, "reader", None)).ShouldSucceed();
    }

    private static async Task<Instance> GivenRoleAsync()
    {
        var instance = await Instance.StartAsync();
        (await instance.Roles.PutAsync(
            instance.Owner, "reader", new RoleInput(new Dictionary<string, string> { ["automations"] = "view" }, null, null), Precondition.None, None)).ShouldSucceed();
        return instance;
    }
}
