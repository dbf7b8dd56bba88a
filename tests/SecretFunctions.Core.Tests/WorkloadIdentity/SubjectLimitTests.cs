using SecretFunctions.Core.Automations;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>The cloud takes 127 characters: <c>org:default:project:default:environment:staging:automation:</c> is 59 of them, the longest environment's name included.</summary>
public sealed class SubjectLimitTests : IdentityTest
{
    /// <summary>With 68 more it would be too long; no name has more than 63.</summary>
    private static readonly string Longest = new('a', 63);

    /// <summary>With the longest automation two characters over; with <c>default</c> in its place 54 within.</summary>
    private static readonly string Project = new('p', 14);

    [Fact]
    public async Task A_configuration_is_refused_for_the_longest_subject_it_could_give()
    {
        await AutomationAsync(Longest);
        (await PutConfigAsync(Config())).ShouldSucceed();
        await ProjectAsync(Project);
        (await PutConfigAsync(Config(), "other")).ShouldSucceed();
        (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: false, None)).ShouldBeNull();
        (await Instance.Configs.DeleteAsync(Instance.Owner, "other", Precondition.None, force: false, None)).ShouldBeNull();
        await MoveAsync(Longest, Project);

        var failure = (await PutConfigAsync(Config())).ShouldFail("workload_identity.subject_too_long");

        failure.Kind.ShouldBe(FailureKind.Invalid);
        failure.Detail.ShouldContain($"Automation '{Longest}' would have a subject of 129 characters");
        failure.Detail.ShouldContain("at most 127");
        failure.Hint.ShouldNotBeNull().ShouldContain("subjectScope");
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Environment))).ShouldSucceed();
        (await PutConfigAsync(Config(projects: ["default"]))).ShouldSucceed();
        (await PutConfigAsync(Config(environments: ["dev"]))).ShouldSucceed();
    }

    [Fact]
    public async Task An_automation_that_it_would_serve_is_not_made_nor_moved_there()
    {
        await ProjectAsync(Project);
        await AutomationAsync(Longest);
        (await PutConfigAsync(Config())).ShouldSucceed();

        (await PutAutomationAsync("b" + Longest[1..], Project)).ShouldFail("workload_identity.subject_too_long");
        (await PutAutomationAsync(Longest, Project)).ShouldFail("workload_identity.subject_too_long").Hint.ShouldNotBeNull();
        (await PutAutomationAsync("short", Project)).ShouldSucceed();

        (await PutConfigAsync(Config(projects: ["default"]))).ShouldSucceed();
        (await PutAutomationAsync(Longest, Project)).ShouldSucceed();
    }

    [Fact]
    public async Task An_environment_or_project_that_would_make_subjects_too_long_is_not_made()
    {
        await AutomationAsync(Longest);
        (await PutConfigAsync(Config())).ShouldSucceed();
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Environment), "coarse")).ShouldSucceed();

        // 'staging' has 7 letters, and 5 are left.
        (await PutEnvironmentAsync(new string('e', 13))).ShouldFail("workload_identity.subject_too_long").Detail.ShouldContain("'main'");
        (await PutEnvironmentAsync(new string('e', 12))).ShouldSucceed();

        // org:default:project:P:environment:E, with E of 12.
        (await Instance.Projects.PutAsync(Instance.Owner, new string('p', 63), null, null, Precondition.None, None)).ShouldSucceed();
        (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: false, None)).ShouldBeNull();
        (await PutEnvironmentAsync(new string('e', 32))).ShouldFail("workload_identity.subject_too_long").Detail.ShouldContain($"Project '{new string('p', 63)}'");
        (await PutEnvironmentAsync(new string('e', 31))).ShouldSucceed();
    }

    [Fact]
    public async Task A_subject_that_became_too_long_all_the_same_is_not_minted()
    {
        const string Project = "a-longer-project";
        await ProjectAsync(Project);
        await GivenAsync(Config(), Longest);

        // As if both had been written at the same time.
        var row = (await Instance.Automations.GetAsync(Instance.OrganizationId, Longest, None)).ShouldSucceed();
        var moved = Documents.Serialize(row.Document with { Project = Project }, StoredJson.Default.Automation);
        (await Instance.Shared.WriteAsync(Instance.OrganizationId, [EntityWrite.Replace(row.Row, moved, row.ETag)], None)).Applied.ShouldBeTrue();
        await Instance.SetAsync("UNRELATED", "1"); // announces it

        (await FailureAsync(Longest)).ShouldBe("workload_identity.subject_too_long");
        Provider.Exchanged.ShouldBeEmpty();
    }

    private async Task AutomationAsync(string name) => (await PutAutomationAsync(name, "default")).ShouldSucceed();

    private Task<Result<Saved<Automation>>> PutAutomationAsync(string name, string project) =>
        Instance.Automations.PutAsync(Instance.Owner, name, project, null, null, null, Precondition.None, None);

    private Task<Result<Saved<DeploymentEnvironment>>> PutEnvironmentAsync(string name) =>
        Instance.Environments.PutAsync(Instance.Owner, name, null, null, Precondition.None, None);
}
