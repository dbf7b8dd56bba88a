using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Credentials;

/// <summary>One open store: its client, and the protection that all of its users share. Closed when the last of them lets go.</summary>
internal sealed class OpenStore : IAsyncDisposable
{
    private readonly ProviderConnection _connection;
    private readonly UpstreamProtection _protection;
    private readonly TimeProvider _time;
    private long _lastUsed;
    private int _users = 1;

    public OpenStore(ISecretProvider provider, ProviderConnection connection, (int Credential, int Config) generation, TimeProvider time)
    {
        Provider = provider;
        Generation = generation;
        _connection = connection;
        _protection = new UpstreamProtection(provider.Name, connection.Credential, time);
        _time = time;
        _lastUsed = time.GetTimestamp();
        Client = provider.Open(connection);
    }

    public ISecretProvider Provider { get; }

    public ISecretStore Client { get; }

    /// <summary>Of the credential, and of the configuration where it has one.</summary>
    public (int Credential, int Config) Generation { get; }

    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Whether its circuit breaker opened, and no call has succeeded since.</summary>
    public bool IsBroken => _protection.IsBroken;

    /// <summary>Whether nobody holds it.</summary>
    public bool IsUnused => Volatile.Read(ref _users) == 1;

    /// <summary>Whether nobody holds it, and nobody did for so long.</summary>
    public bool IsIdle(TimeSpan since) => IsUnused && _time.GetElapsedTime(LastUsed) >= since;

    /// <summary>One read, repeated while that may help.</summary>
    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken) =>
        (await _protection.RunAsync<SecretPayload>("read", 1, async token => [await Client.ReadAsync(address, token)], cancellationToken))[0];

    public Task<IReadOnlyList<Result<SecretPayload>>> ReadBatchAsync(
        IBatchReader reader, IReadOnlyList<SecretAddress> addresses, CancellationToken cancellationToken) =>
        _protection.RunAsync("read_batch", addresses.Count, token => reader.ReadBatchAsync(addresses, token), cancellationToken);

    /// <summary>What a read would return now, without its value.</summary>
    public async Task<Result<string>> GetVersionAsync(IVersionReader reader, SecretAddress address, CancellationToken cancellationToken) =>
        (await _protection.RunAsync<string>("version", 1, async token => [await reader.GetVersionAsync(address, token)], cancellationToken))[0];

    public async Task<Result<SecretListing>> ListAsync(ISecretLister lister, string prefix, int limit, CancellationToken cancellationToken) =>
        (await _protection.RunAsync<SecretListing>("list", 1, async token => [await lister.ListAsync(prefix, limit, token)], cancellationToken))[0];

    /// <summary>False once it is closed.</summary>
    public bool TryLease()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                Volatile.Write(ref _lastUsed, _time.GetTimestamp());
                return true;
            }

            users = seen;
        }

        return false;
    }

    public void Release()
    {
        Volatile.Write(ref _lastUsed, _time.GetTimestamp());
        if (Interlocked.Decrement(ref _users) == 0)
        {
            // Closing waits for nothing that anybody waits for.
            _ = DisposeAsync().AsTask();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        _protection.Dispose();
        (_connection.Auth as IDisposable)?.Dispose();
    }
}
