using System.Globalization;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Conjur;

/// <summary>Names and version numbers of variables, from Conjur's metadata: whoever may read a variable may also see these.</summary>
internal sealed class ConjurCatalogue(ConjurClient client, string account)
{
    /// <summary>The version of what Conjur makes up anew at each read, and keeps none of.</summary>
    private const string Dynamic = "dynamic";

    /// <summary>Where such variables are, by Conjur's own rule.</summary>
    private const string DynamicPrefix = "data/dynamic/";

    private const int PageSize = 1000;

    /// <summary>A listing stops after this many pages and says that it is not complete.</summary>
    private const int MostPages = 20;

    private readonly string _root = $"resources/{Uri.EscapeDataString(account)}/variable";

    public Task<Result<string>> CurrentVersionAsync(string name, CancellationToken cancellationToken) =>
        VersionAsync(new SecretAddress(name, null), cancellationToken);

    public async Task<Result<string>> VersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        var what = $"reading the metadata of the variable \"{address.Name}\"";
        if (!(await client.GetAsync($"{_root}/{Uri.EscapeDataString(address.Name)}", cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return ConjurFailures.Explain(ConjurFailures.Metadata, what, answer);
            }

            using var document = answer.TryParse();
            if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return ConjurFailures.Metadata.NotUnderstood(what);
            }

            var versions = VersionsOf(document.RootElement);
            if (address.Version is { } pinned)
            {
                return versions.Contains(pinned)
                    ? pinned
                    : ProviderFailure.Create(
                        ProviderFailure.VersionNotFound, $"The variable \"{address.Name}\" has no version {pinned}.", "The last 20 versions are kept. Pin another, or none.");
            }

            return Current(address.Name, versions) is { } current
                ? current
                : ProviderFailure.Create(
                    ProviderFailure.SecretNotFound, $"No value was ever stored in the variable \"{address.Name}\".", "Set one: conjur variable set -i ID -v VALUE.");
        }
    }

    /// <summary>
    /// The current versions of several: one listing, since a host with the least privilege sees little more than what it
    /// reads. What is not among its first thousand is asked for singly.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, Result<string>>> CurrentVersionsAsync(
        IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var page = await PageAsync(0, cancellationToken);
        var versions = new Dictionary<string, Result<string>>(StringComparer.Ordinal);
        if (page.TryGet(out var listed, out var failure))
        {
            foreach (var variable in listed.Where(variable => variable.Version is not null && names.Contains(variable.Name)))
            {
                versions[variable.Name] = variable.Version!;
            }
        }
        else if (failure.IsTransient() || failure.Code == ProviderFailure.AuthenticationFailed)
        {
            return names.ToDictionary(name => name, _ => (Result<string>)failure, StringComparer.Ordinal);
        }

        string[] others = [.. names.Where(name => !versions.ContainsKey(name))];
        var single = await Task.WhenAll(others.Select(name => CurrentVersionAsync(name, cancellationToken)));
        for (var i = 0; i < others.Length; i++)
        {
            versions[others[i]] = single[i];
        }

        return versions;
    }

    /// <summary>Conjur searches by words and not by prefix, so all that is visible is looked through.</summary>
    public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        var names = new List<ListedSecret>();
        for (var page = 0; page < MostPages; page++)
        {
            if (!(await PageAsync(page, cancellationToken)).TryGet(out var variables, out var failure))
            {
                return failure;
            }

            names.AddRange(variables.Where(variable => variable.Name.StartsWith(prefix, StringComparison.Ordinal)));
            if (variables.Count < PageSize || names.Count > limit)
            {
                return new SecretListing([.. names.Take(limit)], names.Count <= limit);
            }
        }

        return new SecretListing([.. names.Take(limit)], Complete: false);
    }

    private static HashSet<string> VersionsOf(JsonElement variable) =>
    [
        .. variable.At("secrets").AsItems()
            .Select(secret => secret.At("version").AsInteger()?.ToString(CultureInfo.InvariantCulture))
            .OfType<string>(),
    ];

    private static string? Current(string name, IEnumerable<string> versions) =>
        versions.MaxBy(static version => int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
        ?? (name.StartsWith(DynamicPrefix, StringComparison.Ordinal) ? Dynamic : null);

    private async Task<Result<IReadOnlyList<ListedSecret>>> PageAsync(int page, CancellationToken cancellationToken)
    {
        const string what = "listing variables";
        var path = string.Create(CultureInfo.InvariantCulture, $"{_root}?limit={PageSize}&offset={page * PageSize}");
        if (!(await client.GetAsync(path, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                return ConjurFailures.Explain(ConjurFailures.List, what, answer);
            }

            using var document = answer.TryParse();
            if (document is null || document.RootElement.ValueKind != JsonValueKind.Array)
            {
                return ConjurFailures.List.NotUnderstood(what);
            }

            var scope = VariableId.Full(account, "");
            return document.RootElement.EnumerateArray()
                .Select(variable => (Id: variable.At("id").AsText() ?? "", Versions: VersionsOf(variable)))
                .Where(variable => variable.Id.StartsWith(scope, StringComparison.Ordinal))
                .Select(variable => new ListedSecret(variable.Id[scope.Length..], Current(variable.Id[scope.Length..], variable.Versions)))
                .ToArray();
        }
    }
}
