using System.Text.Json;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Core.WorkloadIdentity;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.WorkloadIdentity;

/// <summary>One instance that issues tokens, and a provider in memory that exchanges them.</summary>
public abstract class IdentityTest : IAsyncLifetime
{
    private protected const string Secret = "secret";

    private protected static CancellationToken None => CancellationToken.None;

    private protected FakeProvider Provider { get; } = new("fake", FakeAbilities.Versions, "address") { Federation = FakeProvider.Cloud() };

    /// <summary>Of another cloud.</summary>
    private protected FakeProvider Other { get; } = new("other", FakeAbilities.None) { Federation = FakeProvider.Cloud("elsewhere") };

    private protected Instance Instance { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Instance = await Instance.StartAsync(
            clock: new TestClock { SkipsPausesUpTo = TimeSpan.FromSeconds(5) }, providers: [Provider, Other, new FakeProvider("plain", FakeAbilities.None)]);
        Instance.Issuer.Announce("https://issuer.example.com");
        Provider.Put(Secret, "as {sub}");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private protected static WorkloadIdentityInput Config(
        string role = "reader",
        SubjectScope? subjectScope = null,
        string[]? projects = null,
        string[]? automations = null,
        string[]? environments = null,
        string? audience = null,
        string cloud = "fake") => new(
            cloud, Fields(("role", role)), audience, subjectScope, new CredentialScope(projects, automations ?? []), environments ?? []);

    private protected Task<Result<Saved<WorkloadIdentityConfig>>> PutConfigAsync(WorkloadIdentityInput input, string name = "main") =>
        Instance.Configs.PutAsync(Instance.Owner, name, input, Precondition.None, None);

    private protected Task<Result<Saved<ProviderCredential>>> PutCredentialAsync(
        string config = "main", string[]? projects = null, string[]? automations = null, string name = "main", string provider = "fake", Caller? caller = null, string? address = null)
    {
        var input = new CredentialInput(
            provider,
            address is null ? Fields() : Fields(("address", address)),
            Fields(("type", "workload-identity"), ("config", config)),
            Default: false,
            new CredentialScope(projects, automations ?? []),
            CacheTtlSeconds: 300,
            StaleIfErrorSeconds: 0,
            ExpiresAt: null);
        return Instance.Credentials.PutAsync(caller ?? Instance.Owner, name, input, Precondition.None, None);
    }

    /// <summary>The configuration, a credential and a variable <c>KEY</c> that refers to the secret, assigned to these automations.</summary>
    private protected async Task GivenAsync(WorkloadIdentityInput config, params string[] automations)
    {
        (await PutConfigAsync(config)).ShouldSucceed();
        (await PutCredentialAsync()).ShouldSucceed();
        (await ReferAsync()).ShouldSucceed();
        foreach (var automation in automations)
        {
            await Instance.AutomateAsync(automation, null, ("KEY", "organization"));
        }
    }

    private protected Task<Result<Saved<Variable>>> ReferAsync(VariableScope? scope = null) => Instance.Variables.PutAsync(
        Instance.Owner, Instance.Address("KEY", scope), new VariableInput(null, new ReferenceSource("main", null, Secret, null), [], null, null), Precondition.None, None);

    private protected async Task<string> ValueAsync(string automation, Instance? instance = null) =>
        (await (instance ?? Instance).ResolveAsync(automation)).Values()["KEY"];

    /// <summary>The code of the one variable that failed.</summary>
    private protected async Task<string> FailureAsync(string? automation) =>
        (await Instance.ResolveAsync(automation)).ShouldFail("resolve.failed").Errors.ShouldHaveSingleItem().Code;

    private protected Task MoveAsync(string automation, string project) => Instance.Automations.PutAsync(
        Instance.Owner, automation, project, null, null, null, Precondition.None, None);

    private protected async Task ProjectAsync(string name) =>
        (await Instance.Projects.PutAsync(Instance.Owner, name, null, null, Precondition.None, None)).ShouldSucceed();

    private protected static string As(string automation, string project = "default") => $"org:default:project:{project}:environment:prod:automation:{automation}";

    private protected static Dictionary<string, JsonElement> Fields(params (string Name, string Value)[] fields) =>
        fields.ToDictionary(static field => field.Name, static field => JsonElement.Parse($"\"{field.Value}\""));
}
