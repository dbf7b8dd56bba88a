using System.Collections.Concurrent;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Core.Credentials;

/// <summary>
/// Stores that are open, with their connections, tokens and upstream protection: one per credential, until the credential
/// changes or is no longer used. Safe for concurrent use.
/// </summary>
public sealed class OpenStores(ProviderCatalog providers, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Credentials and whole organizations are deleted without anybody telling us; what nobody reads through is closed.</summary>
    private static readonly TimeSpan KeptIdle = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Organization, string Credential), OpenStore> _open = new();

    /// <summary>The open store, for as long as the lease is held.</summary>
    internal Result<StoreLease> Lease(OrganizationView view, ProviderCredential credential)
    {
        var key = (view.Organization.Id, credential.Name);
        while (true)
        {
            if (_open.TryGetValue(key, out var open))
            {
                if (open.Generation == credential.Generation && open.TryLease())
                {
                    return new StoreLease(open);
                }

                // Of an earlier credential, or just being closed: whoever still reads through it finishes first.
                if (_open.TryRemove(KeyValuePair.Create(key, open)))
                {
                    open.Release();
                }

                continue;
            }

            if (!Open(view, credential).TryGet(out var opened, out var failure))
            {
                return failure;
            }

            if (_open.TryAdd(key, opened))
            {
                CloseIdle();
            }
            else
            {
                opened.Release();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var key in _open.Keys)
        {
            if (_open.TryRemove(key, out var open))
            {
                await open.DisposeAsync();
            }
        }
    }

    private void CloseIdle()
    {
        foreach (var entry in _open)
        {
            if (entry.Value.IsIdle(KeptIdle) && _open.TryRemove(entry))
            {
                entry.Value.Release();
            }
        }
    }

    private Result<OpenStore> Open(OrganizationView view, ProviderCredential credential)
    {
        if (providers.Find(credential.Provider) is not { } provider)
        {
            return ProviderFailure.Create(
                ProviderFailure.InvalidRequest, $"This version has no provider '{credential.Provider}'.", "Delete the credential, or run the version that wrote it.");
        }

        return CredentialDirectory.Connect(view, credential).TryGet(out var connection, out var failure)
            ? new OpenStore(provider, connection, credential.Generation, time)
            : failure;
    }
}

/// <summary>Keeps a store open until it is disposed.</summary>
internal sealed class StoreLease(OpenStore store) : IDisposable
{
    private OpenStore? _store = store;

    public OpenStore Store => _store ?? throw new ObjectDisposedException(nameof(StoreLease));

    public void Dispose() => Interlocked.Exchange(ref _store, null)?.Release();
}
