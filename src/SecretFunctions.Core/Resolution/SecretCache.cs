using SecretFunctions.Core.Access;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Store;

namespace SecretFunctions.Core.Resolution;

/// <summary>What is kept of one credential's secrets, and how it did on this instance.</summary>
public sealed record CacheReport(string Credential, int Entries, CacheStatistics.Counts Counts);

/// <summary>
/// The cache as an admin sees it. Dropping an entry deletes its row and announces a new revision in one transaction: every instance then
/// forgets what it had in memory within the consistency window. Safe for concurrent use.
/// </summary>
public sealed class SecretCache(ResourceStore resources, CredentialDirectory credentials, CacheStatistics statistics)
{
    private const int MaxCredentials = 1000;

    public async Task<Result<IReadOnlyList<CacheReport>>> ReportAsync(string organizationId, string? credential, CancellationToken cancellationToken)
    {
        if (credential is not null && (await credentials.GetAsync(organizationId, credential, cancellationToken)).Failure is { } failure)
        {
            return failure;
        }

        var names = credential is not null
            ? [credential]
            : (await resources.Store.ListAsync(
                EntityRange.Prefix(organizationId, Rows.CredentialPrefix), MaxCredentials, StoredJson.Default.ProviderCredential, null, cancellationToken))
                .Items.Select(static item => item.Document.Name).ToArray();
        var reports = new List<CacheReport>();
        foreach (var name in names)
        {
            var entries = 0;
            await foreach (var _ in resources.Store.ReadAllAsync(EntityRange.Prefix(organizationId, Rows.CachePrefix(name)), 500, cancellationToken))
            {
                entries++;
            }

            reports.Add(new CacheReport(name, entries, statistics.Of(organizationId, name)));
        }

        return reports;
    }

    /// <summary>Forgets one credential's entries, or all. Returns how many there were.</summary>
    public async Task<Result<int>> ClearAsync(Caller caller, string? credential, CancellationToken cancellationToken)
    {
        if (credential is not null && (await credentials.GetAsync(caller.OrganizationId, credential, cancellationToken)).Failure is { } failure)
        {
            return failure;
        }

        var prefix = credential is null ? Rows.AllCachePrefix : Rows.CachePrefix(credential);
        var change = credential is null ? Change.Of("cache.clear") : Change.Of("cache.clear", ("credential", credential));
        var rows = new List<string>();
        await foreach (var entity in resources.Store.ReadAllAsync(EntityRange.Prefix(caller.OrganizationId, prefix), 500, cancellationToken))
        {
            rows.Add(entity.Key.Row);
        }

        return await DropAsync(caller, rows, change, cancellationToken);
    }

    /// <summary>Deletes rows and announces it, also where there are none: an instance may hold in memory what it could not store.</summary>
    internal async Task<int> DropAsync(Caller caller, IReadOnlyList<string> rows, Change change, CancellationToken cancellationToken)
    {
        var dropped = 0;
        foreach (var chunk in rows.Count == 0 ? [[]] : rows.Chunk(ResourceStore.MaxWrites))
        {
            var result = await resources.CommitAsync(caller, [.. chunk.Select(static row => EntityWrite.Delete(row, null))], change, cancellationToken);
            if (result.Applied)
            {
                dropped += chunk.Length;
                continue;
            }

            // One of them went meanwhile. One by one, the others still go.
            foreach (var row in chunk)
            {
                var single = await resources.CommitAsync(caller, [EntityWrite.Delete(row, null)], change, cancellationToken);
                dropped += single.Applied ? 1 : 0;
            }
        }

        return dropped;
    }
}
