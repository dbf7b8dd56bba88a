using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Resolution;
using SecretFunctions.Core.Rotation;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Maintenance;

/// <summary>
/// Compares what is cached with what the stores have now, and drops what changed or went, so that the next kickoff reads it anew. Only
/// hastens: without it the TTL decides. Safe for concurrent use.
/// </summary>
public sealed partial class CacheWatch(
    IEntityStore store, OpenStores stores, RotatedSecrets rotated, Bulkhead bulkhead, TimeProvider time, ILogger<CacheWatch> logger)
{
    /// <summary>Credentials, or subjects of one, of one organization at a time: a store that is down holds up few others.</summary>
    private const int Concurrency = 4;

    private readonly VersionPoll _poll = new(time);

    internal async Task RunAsync(
        OrganizationView view, Caller caller, IReadOnlyDictionary<string, ProviderCredential> credentials, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var secrets = await ReadAsync(view.Organization.Id, cancellationToken);
        var configs = await store.ReadConfigsAsync(view.Organization.Id, cancellationToken).ToDictionaryAsync(
            static config => config.Name, StringComparer.Ordinal, cancellationToken);
        var useful = secrets.ToLookup(secret => secret.Document.IsOf(
            credentials.GetValueOrDefault(secret.Document.Credential), ConfigOf(secret.Document), now));

        // No audit event and no revision: nobody was served from these any more.
        await store.DeleteUnchangedAsync(view.Organization.Id, useful[false].Select(static secret => (secret.Row, secret.ETag)), cancellationToken);
        await Parallel.ForEachAsync(
            useful[true].Where(static secret => secret.Document.CanChange).GroupBy(static secret => (secret.Document.Credential, secret.Document.Subject)),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (group, token) => await bulkhead.RunAsync(
                view.Organization.Name, $"credential {group.Key.Credential}", () => CompareAsync(view, caller, AccessOf(group.First().Document), [.. group], token), token));

        WorkloadIdentityConfig? ConfigOf(WatchedSecret secret) => secret.Subject is { } subject ? configs.GetValueOrDefault(subject.Config) : null;

        // As whoever read it: others may not see the secret at all.
        StoreAccess AccessOf(WatchedSecret secret) => secret.Subject is { } subject
            ? new StoreAccess(credentials[secret.Credential], configs[subject.Config], subject.Subject)
            : new StoreAccess(credentials[secret.Credential]);
    }

    private async Task<List<Stored<WatchedSecret>>> ReadAsync(string organizationId, CancellationToken cancellationToken)
    {
        // Small pages: the rows hold what they cache.
        var secrets = new List<Stored<WatchedSecret>>();
        await foreach (var entity in store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.AllCachePrefix), 100, cancellationToken))
        {
            secrets.Add(Documents.Read(entity, StoredJson.Default.WatchedSecret));
        }

        return secrets;
    }

    private async Task CompareAsync(
        OrganizationView view, Caller caller, StoreAccess access, IReadOnlyList<Stored<WatchedSecret>> secrets, CancellationToken cancellationToken)
    {
        var credential = access.Credential;
        if (!stores.Lease(view, access).TryGet(out var lease, out var failure))
        {
            Log.NotCompared(logger, credential.Name, caller.OrganizationName, secrets.Count, failure.Code, failure.Detail);
            return;
        }

        IReadOnlyList<Result<string>?> answers;
        using (lease)
        {
            answers = await _poll.RunAsync(lease.Store, [.. secrets.Select(static secret => secret.Document)], cancellationToken);
        }

        var outdated = new List<RotatedSecret>();
        var failures = new List<Failure>();
        for (var i = 0; i < secrets.Count; i++)
        {
            if (answers[i] is not { } answer)
            {
                continue;
            }

            var told = answer.TryGet(out var version, out failure);
            if (told ? version != secrets[i].Document.Version : IsNoMore(failure!))
            {
                outdated.Add(new RotatedSecret(credential.Name, secrets[i].Document.Address.Name, secrets[i].Row));
            }
            else if (!told)
            {
                failures.Add(failure!);
            }
        }

        foreach (var same in failures.GroupBy(static failure => failure.Code))
        {
            Log.NotCompared(logger, credential.Name, caller.OrganizationName, same.Count(), same.Key, same.First().Detail);
        }

        await rotated.DropAsync(caller, outdated, "poll", cancellationToken);
    }

    /// <summary>What a read would be refused now must not be served from the cache. Anything else may pass, or is the credential's own trouble.</summary>
    private static bool IsNoMore(Failure failure) => failure.Code
        is ProviderFailure.SecretNotFound or ProviderFailure.VersionNotFound or ProviderFailure.SecretDisabled or ProviderFailure.PermissionDenied;

    private static partial class Log
    {
        [LoggerMessage(EventId = 1511, Level = LogLevel.Warning, Message = "Versions of {Count} secrets behind credential {Credential} of organization {Organization} could not be compared, and stay cached: {Code}: {Detail}")]
        public static partial void NotCompared(ILogger logger, string credential, string organization, int count, string code, string detail);
    }
}
