using System.Text;
using SecretFunctions.Api.Tests.Hosting;
using SecretFunctions.Testing.CloudDoubles.Azure;

namespace SecretFunctions.Api.Tests.Stores;

/// <summary>What is secret is driven through every path, those that fail included, and then searched for everywhere.</summary>
public sealed class StoreCanaryTests : StoresTest
{
    private const string Value = "canary-value-e41b77";

    [Fact]
    public async Task Credentials_and_values_are_nowhere_but_in_the_answer_of_a_resolve()
    {
        var replies = new List<Reply>();
        var keys = new List<string>();
        foreach (var provider in Stores.Credentials.Keys)
        {
            keys.Add($"K{keys.Count}");
            await ReferAsync(keys[^1], provider, $"{Value}-{keys.Count}", static credential => credential["staleIfErrorSeconds"] = 60);
        }

        await AssignAsync([.. keys]);
        (await ResolveAsync()).ShouldBe(200).Body.ShouldContain(Value);
        await KeptAsync(keys.Count);
        await FailAsync(replies);
        foreach (var provider in Stores.Credentials.Keys)
        {
            var path = $"/v1/provider-credentials/{provider}";
            replies.Add(await Operator.GetReplyAsync(path));
            replies.Add(await Operator.PostAsync($"{path}/test", """{"secret":"k0"}"""));
            replies.Add(await Operator.GetReplyAsync($"{path}/secrets"));
            replies.Add(await Operator.PutAsync(path, $$"""{"provider":"{{provider}}","region":{ "{{Value}}": 1 },"auth":{"type":"{{Value}}","token":"{{Value}}"} }"""));
            replies.Add(await Operator.PatchAsync(path, $$"""{"auth":{"token":["{{Value}}"],"apiKey":1,"clientSecret":{"a":"{{Value}}"} } }"""));
            replies.Add(await Operator.DeleteReplyAsync(path));
        }

        replies.Add(await Operator.GetReplyAsync("/v1/provider-credentials"));
        replies.Add(await Operator.GetReplyAsync("/v1/audit-events?limit=200"));
        replies.Add(await Operator.GetReplyAsync("/v1/cache"));

        foreach (var canary in Stores.Canaries.Append(Value))
        {
            replies.ShouldAllBe(reply => !reply.Body.Contains(canary, StringComparison.Ordinal), canary);
            Host.Logs.Lines.ShouldAllBe(line => !line.Text.Contains(canary, StringComparison.Ordinal), canary);
            foreach (var file in Directory.GetFiles(Host.Data, "*", SearchOption.AllDirectories))
            {
                (await ReadAsync(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)).ShouldBe(-1, $"{canary} in {file}");
            }
        }
    }

    /// <summary>Every store down, denying, throttling, truncating and answering nonsense in turn.</summary>
    private async Task FailAsync(List<Reply> replies)
    {
        foreach (var store in Stores.Doubles)
        {
            store.Faults.TruncateNext();
            store.Faults.AnswerNext(500, $$"""{"error":"{{Value}}"}""");
            store.Faults.AnswerNext(200, $"<html>{Value}</html>", "text/html");
        }

        replies.Add(await FreshAsync());
        replies.Add(await FreshAsync());
        Stores.Azure.Reads = VaultAccess.NoPolicy;
        (Stores.Vault.DenyReads, Stores.Conjur.DenyReads, Stores.OnePassword.DenyVault) = (true, true, true);
        Stores.AwsKey.Permissions.Deny("secretsmanager:GetSecretValue");
        Stores.Google.Secrets.Permissions.Remove("secretmanager.versions.access");
        replies.Add(await FreshAsync());
        foreach (var store in Stores.Doubles)
        {
            store.Faults.Down = true;
        }

        replies.Add(await FreshAsync());
    }

    /// <summary>A partial answer would hand out values: these are the failures alone.</summary>
    private async Task<Reply> FreshAsync()
    {
        var reply = await ResolveAsync(""","fresh":true""");
        return reply.Status == 200 ? reply with { Body = "" } : reply;
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}
