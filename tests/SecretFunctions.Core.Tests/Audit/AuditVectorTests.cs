using System.Diagnostics;
using System.Text;
using System.Text.Json;
using SecretFunctions.Core.Audit;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Audit;

/// <summary><c>tests/vectors/audit.json</c>, which <c>audit.mjs</c> made: rows that hold, and rows that must not.</summary>
public sealed class AuditVectorTests
{
    private static readonly JsonElement Document =
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(RepositoryPaths.Root, "tests", "vectors", "audit.json")));

    private static readonly AuditKey Key = new OrganizationKeys(
        new Dictionary<int, byte[]> { [1] = new byte[32] }, Convert.FromHexString(Document.GetProperty("identityKey").GetString()!)).Audit;

    public static TheoryData<string> Names => [.. Document.GetProperty("cases").EnumerateArray().Select(static vector => vector.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_row_holds_or_does_not_as_published(string name)
    {
        var vector = Vector(name);
        var holds = vector.GetProperty("holds").GetBoolean();
        var entity = new Entity(new EntityKey("abcdefghij", vector.GetProperty("row").GetString()!), Data(vector), "1");
        var walk = new ChainWalk(KeyOf(vector), new ChainClaims());
        walk.Take(entity);

        (walk.First is null).ShouldBe(holds, walk.First?.ToString());
        if (holds)
        {
            walk.Chains.ShouldHaveSingleItem().Newest.Hash.ShouldBe(vector.GetProperty("hash").GetString());
        }
    }

    [Fact]
    public async Task The_vectors_hold_for_an_implementation_that_is_not_ours()
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(RepositoryPaths.Root, "tests", "vectors", "audit.mjs")]) { RedirectStandardError = true }).ShouldNotBeNull();
        var error = await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();

        node.ExitCode.ShouldBe(0, error);
    }

    private static JsonElement Vector(string name) =>
        Document.GetProperty("cases").EnumerateArray().Single(vector => vector.GetProperty("name").GetString() == name);

    private static byte[] Data(JsonElement vector) => Encoding.UTF8.GetBytes(vector.GetProperty("data").GetString()!);

    private static AuditKey? KeyOf(JsonElement vector) => vector.TryGetProperty("keyed", out var keyed) && !keyed.GetBoolean() ? null : Key;
}
