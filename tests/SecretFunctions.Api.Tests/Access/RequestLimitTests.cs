using SecretFunctions.Api.Http;
using SecretFunctions.Api.Tests.Hosting;

namespace SecretFunctions.Api.Tests.Access;

public abstract class RequestLimitTests(Head head) : IAsyncLifetime
{
    private static readonly string[] CostlyOnes =
    [
        "GET /v1/audit-events/export", "GET /v1/audit-events/verify", "GET /v1/provider-credentials/{credential}/secrets", "POST /v1/keys/{kind}/rotate", "POST /v1/provider-credentials/{credential}/test", "POST /v1/tokens",
        "POST /v1/workload-identity-configs/{config}/test",
    ];

    private ApiHost Host { get; set; } = null!;

    public async Task InitializeAsync() => Host = await ApiHost.StartAsync(
        head,
        configure: null,
        ("Limits:PrincipalRequestsPerSecond", "1"),
        ("Limits:PrincipalBurst", "10"),
        ("Limits:OrganizationRequestsPerSecond", "2"),
        ("Limits:OrganizationBurst", "25"),
        ("Limits:CostlyRequestsPerSecond", "0.1"),
        ("Limits:CostlyBurst", "2"));

    public async Task DisposeAsync() => await Host.DisposeAsync();

    [Fact]
    public async Task A_flood_is_held_back_and_nobody_else_is()
    {
        var (flood, other) = (await Host.ServiceAsync("flood", "automations: view"), await Host.ServiceAsync("other", "automations: view"));
        await FloodAsync(flood, 10);

        var refused = (await flood.GetReplyAsync("/v1/automations")).ShouldBeProblem(429, "limit.principal");
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        (await other.GetReplyAsync("/v1/automations")).ShouldBe(200);
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await flood.GetReplyAsync("/v1/automations")).ShouldBe(200);
        (await flood.GetReplyAsync("/v1/automations")).ShouldBe(429);
    }

    [Fact]
    public async Task What_a_caller_may_not_do_counts_as_well_and_a_change_gives_nobody_a_fresh_start()
    {
        var flood = await Host.ServiceAsync("flood", "automations: view");
        for (var i = 0; i < 10; i++)
        {
            (await flood.GetReplyAsync("/v1/audit-events")).ShouldBe(403);
        }

        (await Host.Operator.PutAsync("/v1/projects/web", "{}")).ShouldBe(201);
        (await flood.GetReplyAsync("/v1/audit-events")).ShouldBeProblem(429, "limit.principal");
        (await Host.Operator.PutAsync("/v1/projects/web", "{}")).ShouldBe(200);
    }

    [Fact]
    public async Task An_organization_has_so_many_for_all_of_its_callers_and_others_have_their_own()
    {
        await Host.OrganizationAsync("acme");
        var elsewhere = Host.OperatorOf("acme");
        foreach (var name in new[] { "a", "b" })
        {
            await FloodAsync(await Host.ServiceAsync(name, "automations: view"), 10);
        }

        var last = await Host.ServiceAsync("last", "automations: view");
        await FloodAsync(last, 5);
        (await last.GetReplyAsync("/v1/automations")).ShouldBeProblem(429, "limit.organization");
        (await elsewhere.GetReplyAsync("/v1/automations")).ShouldBe(200);
        (await Host.Operator.GetReplyAsync("/v1/automations")).ShouldBe(200);
    }

    [Fact]
    public async Task What_is_costly_is_held_back_sooner()
    {
        (await Routes.AllAsync(Host)).Where(static endpoint => endpoint.Metadata.GetMetadata<Costly>() is not null).SelectMany(Routes.Names).Order().ShouldBe(CostlyOnes);
        await Host.Operator.AutomationAsync("crew");
        var crew = await Host.AutomationAsync("crew");
        await FloodAsync(crew, 2, static client => client.PostAsync("/v1/tokens", """{"audience":"a"}"""), status: 403);
        (await crew.PostAsync("/v1/tokens", """{"audience":"a"}""")).ShouldBeProblem(429, "limit.costly").Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(10));
        (await crew.PostAsync("/v1/resolve", "{}")).ShouldBe(200);
    }

    [Fact]
    public async Task What_is_for_anyone_is_not_counted()
    {
        for (var i = 0; i < 50; i++)
        {
            (await Host.Anonymous.GetReplyAsync("/.well-known/jwks.json")).ShouldBe(200);
        }
    }

    private static async Task FloodAsync(HttpClient client, int requests, Func<HttpClient, Task<Reply>>? send = null, int status = 200)
    {
        for (var i = 0; i < requests; i++)
        {
            (await (send ?? (static client => client.GetReplyAsync("/v1/automations")))(client)).ShouldBe(status);
        }
    }

    public sealed class Direct() : RequestLimitTests(Head.Direct);

    public sealed class BehindARouter() : RequestLimitTests(Head.BehindARouter);
}
