using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Core.Tests.Access;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>A configuration is for those in its scope: when a credential or reference is written, at the kickoff, and when a token would be minted.</summary>
public sealed class SubjectScopeTests : IdentityTest
{
    [Theory]
    [InlineData(null, null, null, null, true)]
    [InlineData(null, null, "web", null, true)]
    [InlineData("web", null, null, null, false)]
    [InlineData("web", null, "web", null, true)]
    [InlineData("web", null, "web,shop", null, false)]
    [InlineData(null, "crew", null, null, false)]
    [InlineData(null, "crew", null, "crew", true)]
    [InlineData(null, "crew", null, "crew,other", false)]
    [InlineData("web", "crew", "web", null, false)]
    public async Task A_credential_lies_within_its_configurations_scope(string? projects, string? automations, string? ownProjects, string? ownAutomations, bool fits)
    {
        await ProjectAsync("web");
        await ProjectAsync("shop");
        await Instance.AutomateAsync("crew");
        await Instance.AutomateAsync("other");
        (await PutConfigAsync(Config(projects: Split(projects), automations: Split(automations)))).ShouldSucceed();

        var saved = await PutCredentialAsync(projects: Split(ownProjects), automations: Split(ownAutomations));

        if (fits)
        {
            saved.ShouldSucceed().Document.Auth.ShouldBe(new StoredAuth("workload-identity", [], null, "main"), StoredAuthComparer);
        }
        else
        {
            saved.ShouldFail("credential.invalid").Errors.ShouldHaveSingleItem().Code.ShouldBe("credential.config_out_of_scope");
        }
    }

    [Fact]
    public async Task A_credential_names_a_configuration_that_is_there_and_of_its_cloud()
    {
        (await PutCredentialAsync()).ShouldFail("credential.invalid").Errors.ShouldHaveSingleItem().Code.ShouldBe("workload_identity.not_found");
        (await PutConfigAsync(Config(cloud: "elsewhere"))).ShouldSucceed();
        (await PutCredentialAsync()).ShouldFail("credential.invalid").Errors.ShouldHaveSingleItem().Code.ShouldBe("credential.config_cloud");
        (await PutCredentialAsync(provider: "plain")).ShouldFail("credential.invalid").Errors.ShouldHaveSingleItem().Code.ShouldBe("credential.auth_unsupported");
        (await PutCredentialAsync(provider: "other")).ShouldSucceed();
    }

    [Fact]
    public async Task A_provider_compares_the_credential_with_its_configuration()
    {
        (await PutConfigAsync(Config() with { Fields = Fields(("role", "reader"), ("address", "https://here")) })).ShouldSucceed();
        (await PutCredentialAsync(address: "https://there")).ShouldFail("credential.invalid").Errors.ShouldHaveSingleItem().Field.ShouldBe("address");
        (await PutCredentialAsync(address: "https://here")).ShouldSucceed();

        var moved = await PutConfigAsync(Config() with { Fields = Fields(("role", "reader"), ("address", "https://elsewhere")) });

        moved.ShouldFail("workload_identity.in_use").Errors.ShouldHaveSingleItem().Detail.ShouldBe("Credential 'main'.");
        Provider.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_may_not_see_configurations_names_none()
    {
        (await PutConfigAsync(Config())).ShouldSucceed();
        Permissions.TryParse(new Dictionary<string, string> { ["secret_providers"] = "manage" }, "permissions", out var few, out _).ShouldBeTrue();

        (await PutCredentialAsync(caller: Instance.Owner.Holding(few))).ShouldFail("access.permission_missing").Detail.ShouldContain("workload_identity_configs: view");
    }

    [Fact]
    public async Task A_reference_out_of_the_configurations_scope_is_refused_when_it_is_written()
    {
        (await PutConfigAsync(Config(environments: ["dev"]))).ShouldSucceed();
        (await PutCredentialAsync()).ShouldSucceed();

        (await ReferAsync()).ShouldFail("reference.config_out_of_scope").Kind.ShouldBe(FailureKind.Invalid);
    }

    [Fact]
    public async Task Narrowing_a_configuration_is_felt_by_the_next_kickoff_and_no_token_is_minted()
    {
        await ProjectAsync("web");
        await GivenAsync(Config(), "one", "two");
        await MoveAsync("two", "web");

        (await PutConfigAsync(Config(projects: ["web"]))).ShouldSucceed();

        (await FailureAsync("one")).ShouldBe("reference.config_out_of_scope");
        Provider.Exchanged.ShouldBeEmpty();
        (await ValueAsync("two")).ShouldBe($"as {As("two", "web")}");

        (await PutConfigAsync(Config(automations: ["one"]))).ShouldSucceed();
        (await FailureAsync("two")).ShouldBe("reference.config_out_of_scope");
        (await PutConfigAsync(Config(environments: ["dev"]))).ShouldSucceed();
        (await FailureAsync("one")).ShouldBe("reference.config_out_of_scope");
        Provider.Exchanged.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_resolve_without_an_automation_has_no_subject_that_names_one()
    {
        await GivenAsync(Config());
        (await FailureAsync(null)).ShouldBe("workload_identity.no_automation");

        (await PutConfigAsync(Config(subjectScope: SubjectScope.Environment))).ShouldSucceed();
        (await FailureAsync(null)).ShouldBe("workload_identity.no_automation");
        Provider.Exchanged.ShouldBeEmpty();

        (await PutConfigAsync(Config(subjectScope: SubjectScope.Organization))).ShouldSucceed();
        (await Instance.ResolveAsync(null)).Values()["KEY"].ShouldBe("as org:default");
    }

    [Fact]
    public async Task A_project_that_is_not_there_is_nobodys_subject()
    {
        await ProjectAsync("web");
        await GivenAsync(Config(subjectScope: SubjectScope.Project));
        (await ResolveForAsync("web")).Values()["KEY"].ShouldBe("as org:default:project:web");
        (await Instance.Projects.DeleteAsync(Instance.Owner, "web", Precondition.None, release: false, None)).ShouldBeNull();

        (await ResolveForAsync("web")).ShouldFail("resolve.failed").Errors.ShouldHaveSingleItem().Code.ShouldBe("reference.config_out_of_scope");
        (await ResolveForAsync("none")).ShouldFail("resolve.failed").Errors.ShouldHaveSingleItem().Code.ShouldBe("reference.config_out_of_scope");
        Provider.Exchanged.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_configuration_that_was_deleted_fails_what_was_read_through_it()
    {
        await GivenAsync(Config(), "crew");
        await ValueAsync("crew");
        (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: true, None)).ShouldBeNull();

        (await FailureAsync("crew")).ShouldBe("workload_identity.not_found");
        Provider.Exchanged.Count.ShouldBe(1);
    }

    public static TheoryData<string, string> Changes => new()
    {
        { "the configuration", "workload_identity.changed" },
        { "deleted configuration", "workload_identity.changed" },
        { "moved", "reference.config_out_of_scope" },
        { "deleted automation", "reference.config_out_of_scope" },
    };

    /// <summary>A store that was opened for somebody, and what changed before it first needed a token.</summary>
    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Nothing_is_minted_for_an_open_store_once_its_subject_is_out_of_scope(string what, string code)
    {
        await ProjectAsync("web");
        await GivenAsync(Config(), "crew");
        var access = await BindAsync("crew");
        using var lease = Instance.Stores.Lease(await Instance.ViewAsync(), access).ShouldSucceed();

        await ChangeAsync(what);

        (await lease.Store.ReadAsync(new SecretAddress(Secret, null), None)).ShouldFail(code).Kind.ShouldBe(FailureKind.Unresolved);
        Provider.Exchanged.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_subject_shared_by_named_automations_ends_with_the_last_of_them()
    {
        await Instance.AutomateAsync("one");
        await Instance.AutomateAsync("two");
        await GivenAsync(Config(subjectScope: SubjectScope.Project));
        (await PutCredentialAsync(automations: ["one"])).ShouldSucceed();
        (await PutConfigAsync(Config(subjectScope: SubjectScope.Project, automations: ["one"]))).ShouldSucceed();
        using var lease = Instance.Stores.Lease(await Instance.ViewAsync(), await BindAsync("one")).ShouldSucceed();

        (await Instance.Automations.DeleteAsync(Instance.Owner, "one", Precondition.None, release: false, None)).ShouldBeNull();

        (await lease.Store.ReadAsync(new SecretAddress(Secret, null), None)).ShouldFail("reference.config_out_of_scope");
        Provider.Exchanged.ShouldBeEmpty();
    }

    private static readonly IEqualityComparer<StoredAuth> StoredAuthComparer = EqualityComparer<StoredAuth>.Create(
        static (one, other) => one?.Type == other?.Type && one?.Config == other?.Config && one?.Fields.Count == other?.Fields.Count, static auth => auth.Type.GetHashCode(StringComparison.Ordinal));

    private async Task<StoreAccess> BindAsync(string automation)
    {
        var credential = (await Instance.Credentials.GetAsync(Instance.OrganizationId, "main", None)).ShouldSucceed().Document;
        var bound = await new SubjectBinder(Instance.Resources).BindAsync(Instance.OrganizationId, credential, new TokenSubject("default", "default", "prod", automation), None);
        return bound.ShouldSucceed();
    }

    private async Task ChangeAsync(string what)
    {
        switch (what)
        {
            case "the configuration":
                (await PutConfigAsync(Config())).ShouldSucceed();
                break;
            case "deleted configuration":
                (await Instance.Configs.DeleteAsync(Instance.Owner, "main", Precondition.None, force: true, None)).ShouldBeNull();
                break;
            case "moved":
                await MoveAsync("crew", "web");
                break;
            default:
                (await Instance.Automations.DeleteAsync(Instance.Owner, "crew", Precondition.None, release: false, None)).ShouldBeNull();
                break;
        }
    }

    private async Task<Result<Core.Resolution.Resolution>> ResolveForAsync(string project) => await Instance.Resolver.ResolveAsync(
        new Session(Instance.Owner, await Instance.ViewAsync()), Instance.Input(null) with { Project = project }, "variable.resolve", None);

    private static string[]? Split(string? names) => names?.Split(',');
}
