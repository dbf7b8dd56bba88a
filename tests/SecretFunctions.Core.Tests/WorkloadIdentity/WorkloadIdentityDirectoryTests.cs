using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

public sealed class WorkloadIdentityDirectoryTests : IdentityTest
{
    [Fact]
    public async Task What_is_left_out_follows_from_the_cloud()
    {
        var config = (await PutConfigAsync(Config())).ShouldSucceed().Document;

        config.Audience.ShouldBe("https://reader.example.com");
        config.SubjectScope.ShouldBe(SubjectScope.Automation);
        (await Instance.Configs.FindAsync(Instance.Owner, "main", None)).ShouldSucceed().Document.Fields.ShouldBe(config.Fields);
        (await Instance.AuditEventsAsync())[0].GetProperty("action").GetString().ShouldBe("workload_identity.put");
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        var input = Config(projects: ["none"], automations: ["nobody"], environments: ["nowhere"], audience: "a\tb") with { Fields = Fields(("rol", "reader")) };

        (await PutConfigAsync(input)).ShouldFail("workload_identity.invalid").Errors.Select(static error => $"{error.Field} {error.Code}").ShouldBe(
        [
            "rol workload_identity.unknown_field",
            "role workload_identity.field_missing",
            "audience workload_identity.field_invalid",
            "projects project.not_found",
            "automations automation.not_found",
            "environments environment.not_found",
        ]);
        (await PutConfigAsync(Config(cloud: "mars"))).ShouldFail("workload_identity.cloud_unknown").Detail.ShouldContain("elsewhere, fake");
    }

    [Fact]
    public async Task Every_change_is_another_generation_and_a_new_one_never_takes_up_an_old_ones()
    {
        var first = (await PutConfigAsync(Config())).ShouldSucceed().Document.Generation;
        (await PutConfigAsync(Config())).ShouldSucceed().Document.Generation.ShouldBe(first + 1);
        (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: false, None)).ShouldBeNull();
        (await PutConfigAsync(Config())).ShouldSucceed().Document.Generation.ShouldNotBe(first);
    }

    [Fact]
    public async Task What_credentials_refer_to_is_not_deleted_unless_forced()
    {
        (await PutConfigAsync(Config())).ShouldSucceed();
        (await PutCredentialAsync()).ShouldSucceed();
        (await PutCredentialAsync(name: "second")).ShouldSucceed();

        var refused = (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: false, None)).ShouldNotBeNull();

        (refused.Code, refused.Kind).ShouldBe(("workload_identity.in_use", FailureKind.Conflict));
        refused.Errors.Select(static error => error.Detail).ShouldBe(["Credential 'main'.", "Credential 'second'."]);
        (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: true, None)).ShouldBeNull();
        (await Instance.Configs.FindAsync(Instance.Owner, "main", None)).ShouldFail("workload_identity.not_found");
    }

    [Fact]
    public async Task The_cloud_stays_while_credentials_refer_to_it()
    {
        (await PutConfigAsync(Config(cloud: "elsewhere"))).ShouldSucceed();
        (await PutConfigAsync(Config())).ShouldSucceed();
        (await PutCredentialAsync()).ShouldSucceed();

        (await PutConfigAsync(Config(cloud: "elsewhere"))).ShouldFail("workload_identity.in_use");
    }
}
