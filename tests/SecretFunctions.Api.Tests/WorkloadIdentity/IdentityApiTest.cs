using Microsoft.Extensions.DependencyInjection;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing;

namespace SecretFunctions.Api.Tests.WorkloadIdentity;

/// <summary>A test with a store in memory that takes our tokens.</summary>
public abstract class IdentityApiTest(Head head) : ApiTest(head)
{
    protected const string Configs = "/v1/workload-identity-configs";

    protected FakeProvider Cloud { get; } = FakeCloud.Provider();

    protected override void Configure(IServiceCollection services) => services.AddFakeCloud(Cloud);

    protected Task<Reply> PutConfigAsync(string more = "", string name = "main") =>
        Operator.PutAsync($"{Configs}/{name}", $$"""{"cloud":"fake","role":"reader"{{more}}}""");

    protected Task<Reply> PutCredentialAsync(string more = "", HttpClient? client = null, string auth = """{"type":"workload-identity","config":"main"}""") =>
        (client ?? Operator).PutAsync("/v1/provider-credentials/main", $$"""{"provider":"fake","auth":{{auth}}{{more}}}""");
}
