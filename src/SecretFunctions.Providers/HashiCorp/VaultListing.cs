using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.HashiCorp;

/// <summary>
/// Names in one folder, as Vault lists them: a prefix up to its last slash is the folder, and folders in it end in a slash. One request, whatever the
/// size of the mount; autocomplete goes deeper as the writer does.
/// </summary>
internal static class VaultListing
{
    /// <summary>The names below <paramref name="root"/>, which is escaped: the mount, or its metadata.</summary>
    public static async Task<Result<SecretListing>> ListAsync(
        VaultClient client, string root, string prefix, int limit, CancellationToken cancellationToken)
    {
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        var what = $"listing \"{folder}\"";
        if (StoreAddress.HasDotSegment(folder))
        {
            return new SecretListing([], Complete: true);
        }

        // GET with list=true is LIST, and passes proxies that know no other methods than HTTP's own.
        var path = $"{root}/{StoreAddress.EscapePath(folder)}?list=true";
        if (!(await client.GetAsync(path, cancellationToken)).TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            if (!answer.IsSuccess)
            {
                var message = VaultFailures.MessageOf(answer);
                return answer.Status == 404 && message.Length == 0
                    ? new SecretListing([], Complete: true) // An empty folder is not there.
                    : VaultFailures.List.Explain(what, answer, message);
            }

            using var document = answer.TryParse();
            var names = document?.RootElement.At("data", "keys").AsItems()
                .Select(key => folder + key.AsText())
                .Where(name => name.Length > folder.Length && name.StartsWith(prefix, StringComparison.Ordinal))
                .ToList();
            return names is null
                ? VaultFailures.List.NotUnderstood(what)
                : new SecretListing([.. names.Take(limit).Select(name => new ListedSecret(name, null))], names.Count <= limit);
        }
    }
}
