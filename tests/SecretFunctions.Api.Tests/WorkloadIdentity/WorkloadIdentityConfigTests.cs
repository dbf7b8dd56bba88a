using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

public abstract class WorkloadIdentityConfigTests(Head head) : IdentityApiTest(head)
{
    [Fact]
    public async Task A_configuration_is_made_read_listed_changed_and_deleted()
    {
        const string main = """
            {"name":"main","cloud":"fake","audience":"https://reader.example.com","subjectScope":"automation","scope":"organization","projects":[],"automations":[],"environments":[],
             "createdAt":"2026-01-02T03:04:05Z","updatedAt":"2026-01-02T03:04:05Z","updatedBy":"service:operator","role":"reader"}
            """;
        var made = (await PutConfigAsync()).ShouldBe(201, main);
        (await Operator.GetReplyAsync($"{Configs}/main")).ShouldBe(200, main).ETag.ShouldBe(made.ETag);
        (await PutConfigAsync(name: "other")).ShouldBe(201);
        (await Operator.GetReplyAsync($"{Configs}?limit=1")).Items.ShouldBe(["main"]);
        (await Operator.GetReplyAsync(Configs)).Items.ShouldBe(["main", "other"]);

        (await Operator.PatchAsync($"{Configs}/main", """{"environments":["prod"],"subjectScope":"environment"}""")).ShouldBe(200).Json["role"]!.ToString().ShouldBe("reader");
        (await Operator.DeleteReplyAsync($"{Configs}/main", ("If-Match", made.ETag))).ShouldBeProblem(412, "precondition.failed");
        (await Operator.DeleteReplyAsync($"{Configs}/main")).ShouldBeNothing();
        (await Operator.GetReplyAsync($"{Configs}/main")).ShouldBeProblem(404, "workload_identity.not_found");
    }

    [Fact]
    public async Task A_patched_field_takes_the_audience_along_that_followed_from_it_and_no_other()
    {
        (await PutConfigAsync()).ShouldBe(201);
        (await Operator.PatchAsync($"{Configs}/main", """{"role":"writer"}""")).ShouldBe(200).Json["audience"]!.ToString().ShouldBe("https://writer.example.com");
        (await Operator.PatchAsync($"{Configs}/main", """{"audience":"sts.example.com"}""")).ShouldBe(200);
        (await Operator.PatchAsync($"{Configs}/main", """{"role":"reader"}""")).ShouldBe(200).Json["audience"]!.ToString().ShouldBe("sts.example.com");
    }

    [Theory]
    [InlineData("""{"cloud":"mars"}""", "workload_identity.cloud_unknown", "")]
    [InlineData("""{"cloud":"fake"}""", "workload_identity.invalid", "workload_identity.field_missing role")]
    [InlineData("""{"cloud":"fake","role":"r","rol":"r"}""", "workload_identity.invalid", "workload_identity.unknown_field rol")]
    [InlineData("""{"cloud":"fake","role":"r","subjectScope":"member"}""", "workload_identity.invalid", "workload_identity.field_invalid subjectScope")]
    [InlineData("""{"cloud":"fake","role":"r","audience":""}""", "workload_identity.invalid", "workload_identity.field_invalid audience")]
    [InlineData("""{"cloud":"fake","role":"r","scope":"projects"}""", "workload_identity.invalid", "workload_identity.scope_invalid projects")]
    [InlineData("""{"cloud":"fake","role":"r","projects":["default"]}""", "workload_identity.invalid", "workload_identity.scope_invalid projects")]
    [InlineData("""{"cloud":"fake","role":"r","environments":["UP"]}""", "workload_identity.invalid", "workload_identity.scope_invalid environments")]
    [InlineData("""{"cloud":"fake","role":"r","environments":["nowhere"]}""", "workload_identity.invalid", "environment.not_found environments")]
    [InlineData("""{"role":"r"}""", "body.invalid", "body.missing_property $")]
    public async Task What_is_wrong_is_named(string body, string code, string error)
    {
        var reply = (await Operator.PutAsync($"{Configs}/main", body)).ShouldBeProblem(400, code);
        if (error.Length > 0)
        {
            reply.Errors.ShouldContain(error);
        }
    }

    [Fact]
    public async Task It_takes_permissions_of_its_own()
    {
        (await PutConfigAsync()).ShouldBe(201);
        var viewer = await Host.MemberAsync("ann@example.org", "workload_identity_configs: view");
        (await viewer.GetReplyAsync($"{Configs}/main")).ShouldBe(200);
        (await viewer.DeleteReplyAsync($"{Configs}/main")).ShouldBeProblem(403, "access.permission_missing");

        var other = await Host.MemberAsync("ben@example.org", "secret_providers: manage");
        (await other.GetReplyAsync($"{Configs}/main")).ShouldBeProblem(403, "access.permission_missing");
        (await PutCredentialAsync(client: other)).ShouldBeProblem(403, "access.permission_missing");
    }

    [Fact]
    public async Task Another_organizations_configuration_is_not_there()
    {
        (await PutConfigAsync()).ShouldBe(201);
        await Host.OrganizationAsync("acme");

        (await Host.OperatorOf("acme").GetReplyAsync($"{Configs}/main")).ShouldBeProblem(404, "workload_identity.not_found");
        (await PutCredentialAsync(client: Host.OperatorOf("acme"))).ShouldBeProblem(400, "credential.invalid").Errors.ShouldBe(["workload_identity.not_found auth.config"]);
    }

    [Fact]
    public async Task A_name_that_makes_a_subject_too_long_is_refused_with_the_remedy()
    {
        (await PutConfigAsync()).ShouldBe(201);
        await Operator.ProjectAsync("a-project-with-quite-some-words-in-its-name");

        var reply = await Operator.PutAsync($"/v1/automations/{new string('a', 63)}", """{"project":"a-project-with-quite-some-words-in-its-name"}""");

        reply.ShouldBeProblem(400, "workload_identity.subject_too_long").Json["hint"]!.ToString().ShouldContain("subjectScope");
    }

    public sealed class Direct() : WorkloadIdentityConfigTests(Head.Direct);

    public sealed class BehindARouter() : WorkloadIdentityConfigTests(Head.BehindARouter);
}
