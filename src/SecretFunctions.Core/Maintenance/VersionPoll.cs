using System.Collections.Concurrent;
using SecretFunctions.Core.Credentials;
using SecretFunctions.Core.Providers;
using SecretFunctions.Core.Resolution;

namespace SecretFunctions.Core.Maintenance;

/// <summary>Asks a store for the versions of what is cached of it, in as few calls as it allows. Safe for concurrent use.</summary>
internal sealed class VersionPoll(TimeProvider time)
{
    /// <summary>From here on one listing is worth trying in place of a call for each.</summary>
    private const int ManyEnough = 3;

    /// <summary>A page of a listing holds some 100 names, so that a listing never costs more calls than half of those it saves.</summary>
    private const int ListedPerSecret = 50;
    private const int MinListed = 100;
    private const int MaxListed = 1000;

    /// <summary>Beside what kickoffs ask of the same store meanwhile.</summary>
    private const int Concurrency = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Providers whose listings turned out to name no versions: not asked again.</summary>
    private readonly ConcurrentDictionary<string, bool> _listWithoutVersions = new(StringComparer.Ordinal);

    /// <summary>One answer per secret, in their order; null where the store has no way to tell.</summary>
    public async Task<IReadOnlyList<Result<string>?>> RunAsync(OpenStore store, IReadOnlyList<WatchedSecret> secrets, CancellationToken cancellationToken)
    {
        var answers = new Result<string>?[secrets.Count];
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await ListAsync(store, secrets, answers, either.Token);
            await AskAsync(store, secrets, answers, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            for (var i = 0; i < answers.Length; i++)
            {
                answers[i] ??= TooSlow;
            }
        }

        return answers;
    }

    private async Task ListAsync(OpenStore store, IReadOnlyList<WatchedSecret> secrets, Result<string>?[] answers, CancellationToken cancellationToken)
    {
        var current = Enumerable.Range(0, secrets.Count).Where(index => secrets[index].Address.Version is null).ToArray();
        if (store.Client is not ISecretLister lister || current.Length < ManyEnough || _listWithoutVersions.ContainsKey(store.Provider.Name))
        {
            return;
        }

        var prefix = CommonPrefix([.. current.Select(index => secrets[index].Address.Name)]);
        var limit = Math.Clamp(current.Length * ListedPerSecret, MinListed, MaxListed);
        if (!(await store.ListAsync(lister, prefix, limit, cancellationToken)).TryGet(out var listing, out var failure))
        {
            // May be refused where asking for one is not; a store that is down would only be asked in vain.
            foreach (var index in failure.IsTransient() ? current : [])
            {
                answers[index] = failure;
            }

            return;
        }

        var versions = listing.Names.Where(static listed => listed.Version is not null).ToLookup(static listed => listed.Name, static listed => listed.Version!, StringComparer.Ordinal);
        if (versions.Count == 0 && listing.Names.Count > 0)
        {
            _listWithoutVersions[store.Provider.Name] = true;
        }

        // What is not listed is not thereby gone: an ARN names a secret too, and a listing may show less than may be read.
        foreach (var index in current)
        {
            answers[index] = versions[secrets[index].Address.Name].FirstOrDefault() is { } version ? (Result<string>)version : answers[index];
        }
    }

    private static async Task AskAsync(OpenStore store, IReadOnlyList<WatchedSecret> secrets, Result<string>?[] answers, CancellationToken cancellationToken)
    {
        if (store.Client is IVersionReader reader)
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, secrets.Count).Where(index => answers[index] is null).ToArray(),
                new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
                async (index, token) => answers[index] = await store.GetVersionAsync(reader, secrets[index].Address, token));
        }
    }

    private static string CommonPrefix(IReadOnlyList<string> names)
    {
        var prefix = names[0].AsSpan();
        foreach (var name in names)
        {
            prefix = prefix[..prefix.CommonPrefixLength(name)];
        }

        // Half a character is no prefix of anything.
        return (prefix.Length > 0 && char.IsHighSurrogate(prefix[^1]) ? prefix[..^1] : prefix).ToString();
    }

    private static Failure TooSlow { get; } = ProviderFailure.Create(
        ProviderFailure.Timeout, $"The store did not tell its versions within {Patience.TotalSeconds:0} seconds.", "The next round asks again.");
}
