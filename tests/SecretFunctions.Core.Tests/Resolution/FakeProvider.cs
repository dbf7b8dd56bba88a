using System.Collections.Concurrent;
using System.Text;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Tests.Resolution;

/// <summary>A store in memory that records what it is asked, and does what a test tells it to.</summary>
internal sealed class FakeProvider : ISecretProvider
{
    private readonly ConcurrentQueue<string> _requests = [];
    private int _version = 1;

    public string Name => "fake";

    public IReadOnlyList<ProviderField> Settings { get; } = [new("place", "Where it is.") { Check = static text => text == "nowhere" ? "It is nowhere." : null }];

    public IReadOnlyList<AuthScheme> AuthSchemes { get; } = [new(AuthScheme.Static, [new("token", "A token.")]), new(AuthScheme.Ambient, [])];

    /// <summary>By name. What is not there is not found.</summary>
    public ConcurrentDictionary<string, string> Secrets { get; } = new();

    /// <summary>Answers instead of the secrets where it is not null.</summary>
    public Failure? Fails { get; set; }

    /// <summary>When this version of every secret ceases to be valid.</summary>
    public DateTimeOffset? NotAfter { get; set; }

    /// <summary>Reads wait for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>0: no batches.</summary>
    public int BatchSize { get; init; }

    /// <summary>What a batch may not, and a single read may.</summary>
    public string? NotInBatches { get; set; }

    /// <summary>Names in the order they were read, with the store's place; batches as names joined by commas.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public int Opened { get; private set; }

    public int Closed { get; private set; }

    public void Forget() => _requests.Clear();

    public void Rotate(string name, string value)
    {
        Secrets[name] = value;
        _version++;
    }

    public IReadOnlyList<FailureEntry> Validate(ProviderConnection connection) => [];

    public Failure? ValidateAddress(SecretAddress address) =>
        address.Name.StartsWith('!') ? ProviderFailure.Create(ProviderFailure.InvalidRequest, "No name begins so.", "Write another.") : null;

    public ISecretStore Open(ProviderConnection connection)
    {
        Opened++;
        return BatchSize > 0 ? new BatchingStore(this, connection.Required("place")) : new Store(this, connection.Required("place"));
    }

    public Result<SecretValue> Select(SecretPayload payload, string? selector) => Payloads.Select(payload, selector);

    private Result<SecretPayload> Find(string name) =>
        Fails is { } failure ? failure
        : Secrets.TryGetValue(name, out var value)
            ? new SecretPayload(new SecretValue(Encoding.UTF8.GetBytes(value)), $"v{_version}") { NotAfter = NotAfter }
            : ProviderFailure.Create(ProviderFailure.SecretNotFound, "There is none.", "Check the name.");

    private class Store(FakeProvider provider, string place) : ISecretStore
    {
        protected FakeProvider Provider => provider;

        public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => Task.FromResult<Result<string?>>("somebody");

        public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
        {
            var answer = provider.Find(address.Name);
            await RequestAsync(address.Name, cancellationToken);
            return provider.Fails ?? answer;
        }

        public ValueTask DisposeAsync()
        {
            provider.Closed++;
            return ValueTask.CompletedTask;
        }

        protected async Task RequestAsync(string what, CancellationToken cancellationToken)
        {
            provider._requests.Enqueue($"{place}: {what}");
            await (provider.Gate?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask);
        }
    }

    private sealed class BatchingStore(FakeProvider provider, string place) : Store(provider, place), IBatchReader
    {
        public int MaxBatchSize => Provider.BatchSize;

        public bool CanBatch(SecretAddress address) => address.Version is null;

        public async Task<IReadOnlyList<Result<SecretPayload>>> ReadBatchAsync(IReadOnlyList<SecretAddress> addresses, CancellationToken cancellationToken)
        {
            await RequestAsync(string.Join(',', addresses.Select(static address => address.Name)), cancellationToken);
            return
            [
                .. addresses.Select(address => address.Name == Provider.NotInBatches
                    ? ProviderFailure.Create(ProviderFailure.PermissionDenied, "Not in a batch.", "Alone.")
                    : Provider.Find(address.Name)),
            ];
        }
    }
}
