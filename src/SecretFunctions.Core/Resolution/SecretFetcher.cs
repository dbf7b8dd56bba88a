using Microsoft.Extensions.Logging;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Organizations;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.WorkloadIdentity;

namespace SecretFunctions.Core.Resolution;

/// <param name="Deadline">For all provider reads of one resolve together: 1 s to 60 s, default 10 s.</param>
public sealed record ResolveOptions(TimeSpan Deadline);

/// <summary>
/// Reads external secrets: each once, all at the same time, in batches where the store has them, from the cache where that is fresh. Safe for
/// concurrent use.
/// </summary>
public sealed class SecretFetcher(
    IEntityStore store, OpenStores stores, CacheStatistics statistics, ResolveOptions options, TimeProvider time, ILogger<SecretFetcher> logger)
{
    /// <summary>One outcome per distinct secret. Never later than the deadline.</summary>
    /// <param name="fresh">Asks the store, whatever is cached or under way.</param>
    internal async Task<IReadOnlyDictionary<SecretKey, FetchOutcome>> FetchAsync(
        OrganizationView view, IReadOnlyCollection<BoundReference> references, bool fresh, CancellationToken cancellationToken)
    {
        var outcomes = new Dictionary<SecretKey, FetchOutcome>();
        var wanted = new List<BoundReference>();
        foreach (var reference in references)
        {
            if (outcomes.ContainsKey(reference.Key))
            {
                continue;
            }

            var known = fresh ? null : Recall(view, reference);
            outcomes[reference.Key] = known ?? default;
            if (known is null)
            {
                wanted.Add(reference);
            }
        }

        var reads = wanted.GroupBy(static reference => (reference.Credential.Name, reference.Credential.Generation, reference.Access.Subject))
            .SelectMany(group => Start(view, group.First().Access, [.. group.Select(static reference => reference.Key)], fresh))
            .ToArray();
        using var deadline = new CancellationTokenSource(options.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        foreach (var (key, credential, read) in reads)
        {
            try
            {
                outcomes[key] = await read.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                outcomes[key] = view.Secrets.FallBack(key, credential, DeadlinePassed(key.Credential), time.GetUtcNow());
            }
        }

        return outcomes;
    }

    private FetchOutcome? Recall(OrganizationView view, BoundReference reference)
    {
        var now = time.GetUtcNow();
        if (view.Secrets.Cached.TryGetValue(reference.Key, out var cached) && cached.IsFresh(reference.Credential, now))
        {
            statistics.Of(view.Organization.Id, reference.Credential.Name).Hit();
            return new FetchOutcome(cached, false, null);
        }

        return view.Secrets.Missing.TryGetValue(reference.Key, out var missing) && now < missing.Until
            ? new FetchOutcome(null, false, missing.Failure)
            : null;
    }

    /// <summary>Joins reads under way, and starts the others together. They are shared, so no one caller's to cancel.</summary>
    private List<(SecretKey Key, ProviderCredential Credential, Task<FetchOutcome> Read)> Start(
        OrganizationView view, StoreAccess access, IReadOnlyList<SecretKey> keys, bool fresh)
    {
        var reads = new List<(SecretKey, ProviderCredential, Task<FetchOutcome>)>();
        var mine = new Dictionary<SecretKey, TaskCompletionSource<FetchOutcome>>();
        foreach (var key in keys)
        {
            var read = new TaskCompletionSource<FetchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            var shared = fresh ? read : view.Secrets.Reading.GetOrAdd(key, read);
            if (shared == read)
            {
                mine.Add(key, read);
            }

            reads.Add((key, access.Credential, shared.Task));
        }

        if (mine.Count > 0)
        {
            _ = Task.Run(() => ReadAsync(view, access, mine, fresh));
        }

        return reads;
    }

    private async Task ReadAsync(
        OrganizationView view, StoreAccess access, Dictionary<SecretKey, TaskCompletionSource<FetchOutcome>> reads, bool fresh)
    {
        var credential = access.Credential;
        using var deadline = new CancellationTokenSource(options.Deadline, time);
        var counts = statistics.Of(view.Organization.Id, credential.Name);
        try
        {
            var run = new CredentialRead(store, view, access, counts, time, logger);
            await run.RunAsync([.. reads.Keys], stores, fresh, (key, outcome) => Finish(view, key, reads[key], outcome), deadline.Token);
        }
        catch (OperationCanceledException)
        {
            foreach (var (key, read) in reads.Where(static read => !read.Value.Task.IsCompleted))
            {
                var outcome = view.Secrets.FallBack(key, credential, DeadlinePassed(credential.Name), time.GetUtcNow());
                counts.Ended(outcome.Stale);
                Finish(view, key, read, outcome);
            }
        }
        catch (Exception exception)
        {
            // The edge of a shared task: those who wait get it, and answer 500 or 503 as if they had read themselves.
            foreach (var (key, read) in reads)
            {
                view.Secrets.Reading.TryRemove(KeyValuePair.Create(key, read));
                read.TrySetException(exception);

                // Whoever gave up meanwhile will not look at it.
                _ = read.Task.Exception;
            }
        }
    }

    private static void Finish(OrganizationView view, SecretKey key, TaskCompletionSource<FetchOutcome> read, FetchOutcome outcome)
    {
        view.Secrets.Reading.TryRemove(KeyValuePair.Create(key, read));
        read.TrySetResult(outcome);
    }

    private Failure DeadlinePassed(string credential) => ProviderFailure.Create(
        ProviderFailure.Timeout,
        $"The store behind credential '{credential}' did not answer within {options.Deadline.TotalSeconds:0} seconds.",
        "The store is slow or cannot be reached from here. 'Test connection' says which step takes long.");
}
