using System.Collections.Concurrent;
using SecretFunctions.Core.Issuer;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Credentials;

/// <summary>
/// Stores that are open, with their connections, tokens and upstream protection: one per credential and subject, until the credential or its
/// configuration changes or it is no longer used. Safe for concurrent use.
/// </summary>
public sealed class OpenStores(ProviderCatalog providers, SubjectTokens tokens, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Credentials and whole organizations are deleted without anybody telling us; what nobody reads through is closed.</summary>
    private static readonly TimeSpan KeptIdle = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<(string Organization, string Credential, TokenSubject? Subject), OpenStore> _open = new();

    /// <summary>
    /// Kept open at most, in use or not: each has tokens and a circuit breaker of its own, and a thousand automations are a thousand subjects.
    /// Beyond it the one that was used longest ago is closed; who comes back exchanges a token anew.
    /// </summary>
    internal int MaxOpen { get; init; } = 1024;

    /// <summary>The open store, for as long as the lease is held.</summary>
    internal Result<StoreLease> Lease(OrganizationView view, StoreAccess access)
    {
        var key = (view.Organization.Id, access.Credential.Name, access.Subject?.Subject);
        while (true)
        {
            if (_open.TryGetValue(key, out var open))
            {
                if (open.Generation == GenerationOf(access) && open.TryLease())
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

            if (!Open(view, access).TryGet(out var opened, out var failure))
            {
                return failure;
            }

            if (_open.TryAdd(key, opened))
            {
                CloseIdle();
                CloseSurplus();
            }
            else
            {
                opened.Release();
            }
        }
    }

    /// <summary>By provider, the open stores whose circuit breakers are not closed. What nobody has used for long is not counted: nobody misses it.</summary>
    public IReadOnlyDictionary<string, int> CountBroken() => _open.Values
        .GroupBy(static open => open.Provider.Name, StringComparer.Ordinal)
        .ToDictionary(static group => group.Key, static group => group.Count(static open => open.IsBroken && !open.IsIdle(KeptIdle)), StringComparer.Ordinal);

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

    private void CloseSurplus()
    {
        // Counting takes every lock, but only who opens a store counts. What is in use stays: then there are more for a while.
        var surplus = _open.Count - MaxOpen;
        if (surplus <= 0)
        {
            return;
        }

        foreach (var entry in _open.Where(static entry => entry.Value.IsUnused).OrderBy(static entry => entry.Value.LastUsed).Take(surplus).ToArray())
        {
            if (_open.TryRemove(entry))
            {
                entry.Value.Release();
            }
        }
    }

    private static (int Credential, int Config) GenerationOf(StoreAccess access) => (access.Credential.Generation, access.Subject?.Generation ?? 0);

    private Result<OpenStore> Open(OrganizationView view, StoreAccess access)
    {
        return CredentialConnection.FindProvider(providers, access.Credential, access.Config).TryGet(out var provider, out var failure)
            && CredentialConnection.Create(view, access, tokens).TryGet(out var connection, out failure)
                ? new OpenStore(provider, connection, GenerationOf(access), time)
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
