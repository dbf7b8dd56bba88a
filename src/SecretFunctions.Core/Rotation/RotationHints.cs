using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Rotation;

/// <summary>What an event does: it drops the cached entries it concerns, and nothing else. Safe for concurrent use, and to repeat.</summary>
public sealed class RotationHints(IEntityStore store, OrganizationViews views, RotatedSecrets rotated)
{
    /// <summary>How many entries were dropped. Where none matches, nothing is written.</summary>
    /// <param name="caller">Whose organization it is about, and who is named in the audit log.</param>
    /// <param name="hints">Of one delivery.</param>
    /// <param name="source">The event source's name, for the audit log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> ApplyAsync(Caller caller, IReadOnlyList<RotationHint> hints, string source, CancellationToken cancellationToken)
    {
        var distinct = hints.Distinct().ToArray();
        var matching = new List<RotatedSecret>();
        await foreach (var credential in ReadCredentialsAsync(caller.OrganizationId, distinct, cancellationToken))
        {
            var own = distinct.Where(hint => Concerns(hint, credential)).ToArray();
            if (own.Length > 0)
            {
                matching.AddRange(await FindAsync(caller.OrganizationId, credential.Name, own, cancellationToken));
            }
        }

        return await rotated.DropAsync(caller, matching, source, cancellationToken);
    }

    /// <summary>Whether any credential of the organization reaches this store.</summary>
    public async Task<bool> ExpectsAsync(string organizationId, RotationHint hint, CancellationToken cancellationToken)
    {
        await foreach (var credential in ReadCredentialsAsync(organizationId, [hint], cancellationToken))
        {
            if (Concerns(hint, credential))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// What all instances know by its row, and what this one has read or is reading without a row as yet: that may be older than the event, and
    /// a new revision keeps it from being stored.
    /// </summary>
    private async Task<IEnumerable<RotatedSecret>> FindAsync(string organizationId, string credential, RotationHint[] hints, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, RotatedSecret>(StringComparer.Ordinal);
        if (await views.GetAsync(organizationId, cancellationToken) is { Secrets: var memory })
        {
            foreach (var key in memory.Cached.Keys.Concat(memory.Reading.Keys).Where(key => key.Credential == credential && IsMeant(key.Address)))
            {
                found[key.Row] = new RotatedSecret(credential, key.Address.Name, Row: null);
            }
        }

        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.CachePrefix(credential)), 100, cancellationToken))
        {
            var secret = Documents.Read(entity, StoredJson.Default.WatchedSecret);
            if (IsMeant(secret.Document.Address))
            {
                found[secret.Row] = new RotatedSecret(credential, secret.Document.Address.Name, secret.Row);
            }
        }

        return found.Values;

        bool IsMeant(SecretAddress address) => Array.Exists(hints, hint => hint.ConcernsSecret(address));
    }

    private static bool Concerns(RotationHint hint, ProviderCredential credential) =>
        hint.Provider == credential.Provider && hint.ConcernsStore(credential.Settings);

    private async IAsyncEnumerable<ProviderCredential> ReadCredentialsAsync(
        string organizationId, RotationHint[] hints, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (hints.Length == 0)
        {
            yield break;
        }

        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.CredentialPrefix), 500, cancellationToken))
        {
            yield return Documents.Read(entity, StoredJson.Default.ProviderCredential).Document;
        }
    }
}
