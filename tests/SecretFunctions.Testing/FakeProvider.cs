using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Testing;

/// <summary>What the fake's stores can do beside reading.</summary>
[Flags]
public enum FakeAbilities
{
    None = 0,
    Versions = 1,
    Lists = 2,

    /// <summary>A listing that names no versions, unless this is set.</summary>
    ListsVersions = 4,
}

/// <summary>A provider whose one store lies in memory: real versions, real refusals, and every call counted.</summary>
public sealed class FakeProvider(string name, FakeAbilities abilities, params string[] settings) : ISecretProvider
{
    private readonly ConcurrentDictionary<string, List<string>> _secrets = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _calls = [];

    public string Name => name;

    /// <summary>All of them optional.</summary>
    public IReadOnlyList<ProviderField> Settings { get; } = [.. settings.Select(static setting => new ProviderField(setting, "Where it is.") { Required = false })];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } = [new AuthScheme(AuthScheme.Ambient, [])];

    /// <summary>What was asked, without the reads: <c>version openai</c>, <c>list open</c>.</summary>
    public IReadOnlyCollection<string> Polls => [.. _calls.Where(static call => !call.StartsWith("read", StringComparison.Ordinal))];

    /// <summary>What a call is answered with in place of the truth: by name, or <c>*</c> for all.</summary>
    public ConcurrentDictionary<string, Failure> Failures { get; } = new(StringComparer.Ordinal);

    /// <summary>Stages and aliases: which version they stand for.</summary>
    public ConcurrentDictionary<string, int> Stages { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs before every call but reads.</summary>
    public Func<CancellationToken, Task> BeforePoll { get; set; } = static _ => Task.CompletedTask;

    public void Put(string secret, string value) => _secrets.GetOrAdd(secret, static _ => []).Add(value);

    public void Delete(string secret) => _secrets.TryRemove(secret, out _);

    public void Forget() => _calls.Clear();

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

    public Failure? ValidateAddress(SecretAddress address) => null;

    public ISecretStore Open(ProviderConnection connection) => (abilities & (FakeAbilities.Versions | FakeAbilities.Lists)) switch
    {
        FakeAbilities.None => new Store(this),
        FakeAbilities.Versions => new VersionStore(this),
        FakeAbilities.Lists => new ListingStore(this),
        _ => new FullStore(this),
    };

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    public static Failure Fail(string code) => ProviderFailure.Create(code, "As the test says.", "Nothing to do.");

    private Result<int> Find(SecretAddress address, string call)
    {
        _calls.Enqueue($"{call} {address.Name}");
        if (Failures.TryGetValue(address.Name, out var failure) || Failures.TryGetValue("*", out failure))
        {
            return failure;
        }

        if (!_secrets.TryGetValue(address.Name, out var values))
        {
            return Fail(ProviderFailure.SecretNotFound);
        }

        var version = address.Version is null ? values.Count
            : Stages.TryGetValue(address.Version, out var stage) ? stage
            : int.Parse(address.Version, CultureInfo.InvariantCulture);
        return version <= values.Count ? version : Fail(ProviderFailure.VersionNotFound);
    }

    private static string Text(int version) => version.ToString(CultureInfo.InvariantCulture);

    private async Task<Result<string>> VersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        await BeforePoll(cancellationToken);
        return Find(address, "version").TryGet(out var version, out var failure) ? Text(version) : failure;
    }

    private async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        await BeforePoll(cancellationToken);
        _calls.Enqueue($"list {prefix}");
        if (Failures.TryGetValue("list", out var failure) || Failures.TryGetValue("*", out failure))
        {
            return failure;
        }

        var names = _secrets.Where(secret => secret.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(secret => new ListedSecret(secret.Key, abilities.HasFlag(FakeAbilities.ListsVersions) ? Text(secret.Value.Count) : null))
            .ToArray();
        return new SecretListing([.. names.Take(limit)], names.Length <= limit);
    }

    private class Store(FakeProvider provider) : ISecretStore
    {
        protected FakeProvider Provider { get; } = provider;

        public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => Task.FromResult<Result<string?>>((string?)null);

        public Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken) => Task.FromResult<Result<SecretPayload>>(
            Provider.Find(address, "read").TryGet(out var version, out var failure)
                ? new SecretPayload(new SecretValue(Encoding.UTF8.GetBytes(Provider._secrets[address.Name][version - 1])), Text(version))
                : failure);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class VersionStore(FakeProvider provider) : Store(provider), IVersionReader
    {
        public Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken) => Provider.VersionAsync(address, cancellationToken);
    }

    private sealed class ListingStore(FakeProvider provider) : Store(provider), ISecretLister
    {
        public Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) => Provider.ListAsync(prefix, limit, cancellationToken);
    }

    private sealed class FullStore(FakeProvider provider) : Store(provider), IVersionReader, ISecretLister
    {
        public Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken) => Provider.VersionAsync(address, cancellationToken);

        public Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) => Provider.ListAsync(prefix, limit, cancellationToken);
    }
}
