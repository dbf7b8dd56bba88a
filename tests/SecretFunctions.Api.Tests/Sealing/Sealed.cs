using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Core.Vault.Sealing;

namespace SecretFunctions.Api.Tests.Sealing;

/// <summary>A client that seals values.</summary>
internal static class Sealed
{
    public static async Task<JsonNode> SealingKeyAsync(this HttpClient client) => (await client.GetReplyAsync("/v1/sealing-key")).ShouldBe(200).Json;

    /// <summary>Sealed with our own code; what another's makes, <see cref="InteropTests"/> has.</summary>
    public static string Seal(JsonNode sealingKey, ReadOnlySpan<byte> value)
    {
        Recipient.Parse(JsonElement.Parse(sealingKey.ToJsonString())).TryGet(out var recipient, out var failure).ShouldBeTrue(failure?.Detail);
        return Encoding.ASCII.GetString(recipient!.SealJson(value));
    }

    public static string Seal(JsonNode sealingKey, string value) => Seal(sealingKey, Encoding.UTF8.GetBytes(value));

    public static string Body(string sealedValue) => new JsonObject { ["sealedValue"] = sealedValue }.ToJsonString();

    /// <summary>Sealed for the organization's current key, and stored.</summary>
    public static async Task<Reply> SealedVariableAsync(this HttpClient client, string place, string value)
    {
        var reply = await client.PutAsync($"/v1/variables/{place}", Body(Seal(await client.SealingKeyAsync(), value)));
        reply.Status.ShouldBeOneOf(200, 201);
        return reply;
    }
}
