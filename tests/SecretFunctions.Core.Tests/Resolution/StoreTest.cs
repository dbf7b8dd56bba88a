using System.Text.Json;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Variables;
using SecretFunctions.Testing;

namespace SecretFunctions.Core.Tests.Resolution;

/// <summary>One instance with one credential, <c>main</c>, of a provider in memory, and an automation <c>crew</c>.</summary>
public abstract class StoreTest
{
    private protected static readonly Failure Down = ProviderFailure.Create(ProviderFailure.Unreachable, "It is down.", "Wait.");

    private protected static CancellationToken None => CancellationToken.None;

    private protected TestClock Clock { get; } = new() { SkipsPausesUpTo = TimeSpan.FromSeconds(5) };

    private protected FakeProvider Provider { get; private set; } = new();

    private protected Instance Instance { get; private set; } = null!;

    /// <param name="secrets">Each the value of a variable of the same name in capitals.</param>
    private protected async Task StartAsync(int ttl = 300, int stale = 0, int batch = 0, params string[] secrets)
    {
        Provider = new FakeProvider { BatchSize = batch };
        Instance = await Instance.StartAsync(clock: Clock, providers: Provider);
        await WriteCredentialAsync(ttl: ttl, stale: stale);
        foreach (var secret in secrets)
        {
            Provider.Secrets[secret] = $"{secret}-1";
            await ReferAsync(secret.ToUpperInvariant(), secret);
        }

        await Instance.AutomateAsync("crew", null, [.. secrets.Select(static secret => (secret.ToUpperInvariant(), "organization"))]);
    }

    private protected async Task WriteCredentialAsync(string name = "main", string place = "here", int ttl = 300, int stale = 0) =>
        (await Instance.Credentials.PutAsync(Instance.Owner, name, Input(place, ttl, stale), Precondition.None, None)).ShouldSucceed();

    private protected async Task ReferAsync(string key, string secret, string credential = "main") =>
        (await Instance.Variables.PutAsync(
            Instance.Owner, Instance.Address(key), new VariableInput(null, new ReferenceSource(credential, null, secret, null), [], null, null), Precondition.None, None)).ShouldSucceed();

    private protected static CredentialInput Input(string place = "here", int ttl = 300, int stale = 0) => new(
        "fake",
        new Dictionary<string, JsonElement> { ["place"] = JsonElement.Parse($"\"{place}\"") },
        new Dictionary<string, JsonElement> { ["type"] = JsonElement.Parse("\"static\""), ["token"] = JsonElement.Parse("\"t\"") },
        false,
        new CredentialScope(null, []),
        ttl,
        stale,
        null);

    private protected async Task<string> ValuesAsync(Instance? instance = null) =>
        string.Join(' ', (await (instance ?? Instance).ResolveAsync("crew")).Values().Select(static pair => $"{pair.Key}={pair.Value}"));

    /// <summary>The codes of what failed, in order.</summary>
    private protected async Task<string> FailuresAsync(Instance? instance = null) =>
        string.Join(' ', (await (instance ?? Instance).ResolveAsync("crew")).ShouldFail("resolve.failed").Errors.Select(static error => $"{error.Key} {error.Code}"));

    /// <summary>How much is kept in the store, once whatever is being written there is.</summary>
    private protected Task KeptAsync(int entries) => UntilAsync(
        async () => (await Instance.Cache.ReportAsync(Instance.OrganizationId, "main", None)).ShouldSucceed()[0].Entries == entries);

    /// <summary>For what happens soon, without anybody to wait for.</summary>
    private protected static async Task UntilAsync(Func<ValueTask<bool>> happened)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await happened())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>A resolve that has reached the store and waits there.</summary>
    private protected async Task<Task<Result<Core.Resolution.Resolution>>> HeldAsync(int requests = 1)
    {
        Provider.Forget();
        Provider.Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var resolving = Instance.ResolveAsync("crew");
        await UntilAsync(() => ValueTask.FromResult(Provider.Requests.Count >= requests));
        return resolving;
    }

    private protected void LetGo()
    {
        var gate = Provider.Gate!;
        Provider.Gate = null;
        gate.SetResult();
    }
}
