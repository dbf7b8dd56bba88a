using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.EndToEnd.Tests.Harness;
using SecretFunctions.Storage.Sqlite;
using SecretFunctions.Testing.CloudDoubles.Federation.Clouds;

namespace SecretFunctions.EndToEnd.Tests.Federation;

/// <summary>From a configuration to a resolved value, with nothing in between that anybody could steal and keep.</summary>
public sealed class WorkloadIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Clouds => [.. FederatedCloud.Names];

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task A_hundred_kickoffs_at_once_get_a_value_through_one_exchange_and_nothing_static_is_stored(string name)
    {
        var data = _folder.File("data");
        await using var server = await FederatedServer.StartAsync(data, name);
        var crew = (await server.GivenAsync("crew")).Single();
        var cloud = server.Cloud;

        var values = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => FederatedServer.ValueAsync(crew)));

        values.ShouldAllBe(static value => value == "value-0");
        cloud.Subjects.ShouldBe([FederatedServer.Subject("crew")]);
        var claims = Claims(cloud.Tokens.Shown.ShouldHaveSingleItem());
        (claims["iss"]!.ToString(), claims["automation"]!.ToString()).ShouldBe((server.Issuer, "crew"));
        claims.ContainsKey("kickoff_id").ShouldBeFalse();

        string[] resources = ["v1/provider-credentials/store0", $"v1/workload-identity-configs/{FederatedServer.Configuration}0"];
        foreach (var resource in resources)
        {
            var body = (await Answer.OfAsync(server.Operator, HttpMethod.Get, resource)).ShouldBe(200).Body;
            body.ShouldNotContain("hasValue");
            ShouldHoldNoAccess(cloud, Encoding.UTF8.GetBytes(body), resource);
        }

        await server.Process.StopAsync();
        await CheckStoredAsync(data, cloud);
    }

    [Theory]
    [MemberData(nameof(Clouds))]
    public async Task Two_automations_are_two_in_the_cloud_and_one_out_of_scope_is_nobody(string name)
    {
        await using var server = await FederatedServer.StartAsync(_folder.File("data"), name);
        var cloud = server.Cloud;
        var (crew, other) = await server.GivenAsync("crew", "other") is [var first, var second] ? (first, second) : default;
        cloud.DenyReads(FederatedServer.Subject("other"));

        // What the one may read and has read, still fresh in the cache, is not the other's: the cloud decides about each.
        (await FederatedServer.ValueAsync(crew)).ShouldBe("value-0");
        (await FederatedServer.FailureAsync(other))["code"]!.ToString().ShouldBe("provider.permission_denied");
        (await FederatedServer.ValueAsync(crew)).ShouldBe("value-0");
        cloud.Subjects.ShouldBe([FederatedServer.Subject("crew"), FederatedServer.Subject("other")]);

        var configuration = cloud.Configuration;
        configuration["automations"] = new JsonArray("crew");
        var stored = await server.PutAsync($"v1/workload-identity-configs/{FederatedServer.Configuration}0", configuration);
        var refused = await FederatedServer.FailureAsync(other);
        (await FederatedServer.TokenAnswerAsync(other, stored.Json["audience"]!.ToString())).ShouldBe(403, "token.audience_not_allowed");

        refused["code"]!.ToString().ShouldBe("reference.config_out_of_scope");
        refused["detail"]!.ToString().ShouldContain("no token was made");
        refused["hint"]!.ToString().ShouldNotBeEmpty();

        // The timer may be asking for versions meanwhile, with the access it has; nobody showed the cloud a token.
        cloud.Tokens.Shown.Count.ShouldBe(2);
        cloud.Subjects.Count.ShouldBe(2);
        (await server.AuditAsync()).ShouldNotContain(static item => item.Action == "token.mint");

        (await FederatedServer.ValueAsync(crew)).ShouldBe("value-0");
        cloud.Subjects.Skip(2).ShouldBe([FederatedServer.Subject("crew")], "a changed configuration exchanges anew");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The row of the credential has no secret at all, and no file has anything of what the cloud or we gave.</summary>
    private static async Task CheckStoredAsync(string data, FederatedCloud cloud)
    {
        await using (var store = SqliteEntityStore.Open(data, NullLogger<SqliteEntityStore>.Instance))
        {
            var organization = (await FindAsync(store, "deployment", "organization|default"))["id"]!.ToString();
            var credential = await FindAsync(store, organization, "credential|store0");
            credential["auth"]!.ToJsonString().ShouldBe($$"""{"type":"workload-identity","fields":[],"config":"{{FederatedServer.Configuration}}0"}""");
        }

        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
        {
            ShouldHoldNoAccess(cloud, await File.ReadAllBytesAsync(file), file);
        }
    }

    private static async Task<JsonNode> FindAsync(SqliteEntityStore store, string partition, string row) =>
        JsonNode.Parse((await store.GetAsync(new EntityKey(partition, row), CancellationToken.None)).ShouldNotBeNull(row).Data.Span)!;

    private static void ShouldHoldNoAccess(FederatedCloud cloud, byte[] content, string where)
    {
        foreach (var text in cloud.Issued.Concat(cloud.Tokens.Shown).Append("value-0"))
        {
            content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)).ShouldBe(-1, where);
        }
    }

    private static JsonObject Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();
}
