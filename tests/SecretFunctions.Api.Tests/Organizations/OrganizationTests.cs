using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Organizations;

public abstract class OrganizationTests(Head head) : ApiTest(head)
{
    [Fact]
    public async Task The_operator_makes_an_organization_and_works_in_it()
    {
        const string acme = """{"name":"acme","displayName":"Acme","description":null,"tokenAudiences":[],"createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator"}""";
        (await Operator.PutAsync("/v1/organizations/acme", """{"displayName":"Acme"}""")).ShouldBe(201, acme);
        (await Operator.GetReplyAsync("/v1/organizations/acme")).ShouldBe(200, acme);
        (await Operator.PutAsync("/v1/organizations/acme", "{}")).ShouldBe(200);

        var inAcme = Host.OperatorOf("acme");
        ((string)(await inAcme.GetReplyAsync("/v1/whoami")).ShouldBe(200).Json["organization"]!).ShouldBe("acme");
        (await inAcme.GetReplyAsync("/v1/projects")).Items.ShouldBe(["default"]);
        (await inAcme.GetReplyAsync("/v1/environments")).Items.ShouldBe(["dev", "prod", "staging"]);
    }

    [Fact]
    public async Task Its_token_audiences_are_replaced_with_it_and_checked()
    {
        await Host.OrganizationAsync("acme");
        (await Operator.PutAsync("/v1/organizations/acme", """{"tokenAudiences":["api://one","https://two.example.org"]}""")).ShouldBe(200);
        (await Operator.GetReplyAsync("/v1/organizations/acme")).Json["tokenAudiences"]!.ToJsonString().ShouldBe("""["api://one","https://two.example.org"]""");

        foreach (var wrong in new[] { """[""]""", """["a\nb"]""", """[null]""", $"[{string.Join(',', Enumerable.Range(0, 33).Select(static i => $"\"{i}\""))}]", $"[\"{new string('a', 513)}\"]" })
        {
            (await Operator.PutAsync("/v1/organizations/acme", $$"""{"tokenAudiences":{{wrong}}}""")).ShouldBeProblem(400, "organization.token_audiences_invalid");
        }

        (await Operator.PutAsync("/v1/organizations/acme", "{}")).ShouldBe(200).Json["tokenAudiences"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_but_the_operator_makes_or_destroys_one()
    {
        var owner = await Host.MemberAsync("ann@example.org");
        (await owner.GetReplyAsync("/v1/organizations/default")).ShouldBeProblem(403, "access.operator_only");
        (await owner.PutAsync("/v1/organizations/mine", "{}")).ShouldBeProblem(403, "access.operator_only");
        (await owner.DeleteReplyAsync("/v1/organizations/default")).ShouldBeProblem(403, "access.operator_only");
    }

    [Fact]
    public async Task A_deleted_organization_is_gone_and_its_name_reserved_until_released()
    {
        await Host.OrganizationAsync("acme");
        var inAcme = Host.OperatorOf("acme");
        await inAcme.VariableAsync("dev/KEY", "1");
        await inAcme.MemberAsync("ann@example.org");
        var key = await inAcme.KeyAsync("""{"name":"k","principal":{"type":"member","name":"ann@example.org"}}""");

        (await Operator.DeleteReplyAsync("/v1/organizations/acme")).ShouldBeNothing();

        (await inAcme.GetReplyAsync("/v1/variables")).ShouldBeProblem(404, "organization.not_found");
        (await Host.Client(key).GetReplyAsync("/v1/whoami")).ShouldBeProblem(401, "auth.invalid");
        (await Operator.GetReplyAsync("/v1/organizations/acme")).ShouldBeProblem(404, "organization.not_found");
        (await Operator.DeleteReplyAsync("/v1/organizations/acme")).ShouldBeProblem(404, "organization.not_found");
        (await Operator.PutAsync("/v1/organizations/acme", "{}")).ShouldBeProblem(409, "name.reserved");

        (await Operator.DeleteReplyAsync("/v1/organizations/acme?release=true")).ShouldBeNothing();
        await Host.OrganizationAsync("acme");
        (await inAcme.GetReplyAsync("/v1/variables")).ShouldBe(200, """{"items":[],"nextCursor":null}""");
    }

    [Fact]
    public async Task Deleting_the_default_organization_takes_another_to_work_from()
    {
        (await Operator.DeleteReplyAsync("/v1/organizations/default")).ShouldBeProblem(409, "organization.in_use");
        (await Operator.GetReplyAsync("/v1/organizations/default")).ShouldBe(200);

        await Host.OrganizationAsync("acme");
        (await Host.OperatorOf("acme").DeleteReplyAsync("/v1/organizations/default")).ShouldBeNothing();
    }

    public sealed class Direct() : OrganizationTests(Head.Direct);

    public sealed class BehindARouter() : OrganizationTests(Head.BehindARouter);
}
