using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Rotation;

/// <summary>What an event does: it drops the cached entries it concerns, and nothing else. Safe for concurrent use, and to repeat.</summary>
public sealed class RotationHints(IEntityStore store, RotatedSecrets rotated)
{
    /// <summary>How many entries were dropped. Where none matches, nothing is written.</summary>
    /// <param name="caller">Whose organization it is about, and who is named in the audit log.</param>
    /// <param name="hints">Of one delivery.</param>
    /// <param name="source">The event source's name, for the audit log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> ApplyAsync(Caller caller, IReadOnlyList<RotationHint> hints, string source, CancellationToken cancellationToken)
    {
        var matching = new List<Stored<WatchedSecret>>();
        var distinct = hints.Distinct().ToArray();
        await foreach (var credential in ReadCredentialsAsync(caller.OrganizationId, distinct, cancellationToken))
        {
            var own = distinct.Where(hint => Concerns(hint, credential)).ToArray();
            if (own.Length == 0)
            {
                continue;
            }

            await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(caller.OrganizationId, Rows.CachePrefix(credential.Name)), 100, cancellationToken))
            {
                var secret = Documents.Read(entity, StoredJson.Default.WatchedSecret);
                if (Array.Exists(own, hint => hint.ConcernsSecret(secret.Document.Address)))
                {
                    matching.Add(secret);
                }
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
