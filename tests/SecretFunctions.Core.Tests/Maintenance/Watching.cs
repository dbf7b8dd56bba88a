using System.Text.Json;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;

namespace SecretFunctions.Core.Tests.Maintenance;

/// <summary>What tests of maintenance set up and look at.</summary>
internal static class Watching
{
    private static CancellationToken None => CancellationToken.None;

    public static async Task CredentialAsync(
        this Instance instance, string name, string provider, int ttl = 300, int staleIfError = 0, DateTimeOffset? expiresAt = null)
    {
        var auth = new Dictionary<string, JsonElement> { ["type"] = JsonSerializer.SerializeToElement("ambient", Json.Default.String) };
        var input = new CredentialInput(provider, new Dictionary<string, JsonElement>(), auth, false, new CredentialScope(null, []), ttl, staleIfError, expiresAt);
        (await instance.Credentials.PutAsync(instance.Owner, name, input, Precondition.None, None)).ShouldSucceed();
    }

    /// <summary>A variable that refers to a secret, resolved once so that it is cached.</summary>
    public static async Task ReferAsync(this Instance instance, string key, string credential, string secret, string? version = null)
    {
        var reference = new ReferenceSource(credential, null, secret, version);
        (await instance.Variables.PutAsync(
            instance.Owner, Instance.Address(key), new VariableInput(null, reference, [], null, null), Precondition.None, None)).ShouldSucceed();
    }

    /// <summary>What a kickoff gets. Returns once all it read is stored, which the kickoff itself does not wait for.</summary>
    public static async Task<Dictionary<string, string>> ValuesAsync(this Instance instance)
    {
        var values = (await instance.ResolveAsync(null)).Values();
        var memory = (await instance.ViewAsync()).Secrets;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var key in memory.Cached.Keys)
        {
            while (memory.Cached.ContainsKey(key) && await instance.Shared.GetAsync(new EntityKey(instance.OrganizationId, key.Row), None) is null)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        return values;
    }

    /// <summary>Names of the secrets that lie in the store's cache.</summary>
    public static async Task<string[]> CachedAsync(this Instance instance)
    {
        var names = new List<string>();
        await foreach (var entity in instance.Shared.ReadAllAsync(EntityRange.Prefix(instance.OrganizationId, Rows.AllCachePrefix), 100, None))
        {
            names.Add(Documents.Read(entity, StoredJson.Default.WatchedSecret).Document.Address.Name);
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }

    public static async Task<string> RevisionAsync(this Instance instance) =>
        (await instance.Shared.GetAsync(new EntityKey(instance.OrganizationId, Rows.Revision), None)).ShouldNotBeNull().ETag;

    /// <summary>The round that the timer would do now.</summary>
    public static async Task NextRoundAsync(this Instance instance)
    {
        instance.Clock.Advance(Instance.MaintenanceInterval);
        await instance.Maintenance.RunAsync(None);
    }

    /// <summary>Events with this action, oldest first: each its target's values.</summary>
    public static async Task<string[]> EventsAsync(this Instance instance, string action) =>
    [
        .. (await instance.AuditEventsAsync()).Where(entry => entry.GetProperty("action").GetString() == action)
            .Reverse()
            .Select(static entry => string.Join(" | ", entry.GetProperty("target").EnumerateObject().Select(static part => part.Value.GetString()))),
    ];
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class Json : System.Text.Json.Serialization.JsonSerializerContext;
