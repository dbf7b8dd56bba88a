using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>One vault under one identity.</summary>
internal sealed class KeyVaultStore(KeyVaultClient client, TimeProvider clock) : ISecretStore, ISecretLister, IVersionReader
{
    /// <summary>
    /// Set once versions may not be listed, as under an access policy with Get alone. A read then tells the version, and the
    /// doomed request is not repeated into the vault's audit log at every poll.
    /// </summary>
    private volatile bool _readsInstead;

    /// <remarks>
    /// Entra ID hands out tokens for vaults that are gone, behind a firewall or another tenant's, so the vault is asked too. That it
    /// refuses a listing for lack of permission shows that it knows us, which is all that is asked here.
    /// </remarks>
    public async Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken)
    {
        var asked = await client.GetTokenAsync(cancellationToken);
        if (!asked.TryGet(out var token, out var failure))
        {
            return failure;
        }

        var sent = await client.GetAsync(client.Address("secrets"), cancellationToken);
        if (!sent.TryGet(out var answer, out failure))
        {
            return failure;
        }

        using (answer)
        {
            return answer.IsSuccess || KeyVaultFailures.IsLackOfPermission(answer)
                ? EntraToken.Describe(token.Reveal())
                : KeyVaultFailures.From(answer, address: default);
        }
    }

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (KeyVaultName.Check(address) is { } problem)
        {
            return ProviderFailure.Create(ProviderFailure.InvalidRequest, problem, "Correct the reference.");
        }

        var path = $"secrets/{KeyVaultName.ToWire(address.Name)}" + (address.Version is { } version ? $"/{version}" : "");
        var sent = await client.GetAsync(client.Address(path), cancellationToken);
        if (!sent.TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            return answer.IsSuccess ? Payload(answer, address) : KeyVaultFailures.From(answer, address);
        }
    }

    public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        // A vault cannot filter. Its pages (25 names) are read only until there is one name more than was asked for.
        var start = KeyVaultName.ToWire(prefix);
        var names = new List<ListedSecret>();
        var failure = await ForEachAsync(
            "secrets",
            address: default,
            secret =>
            {
                if (secret.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                {
                    // The listing is of secrets; only a listing of one secret's versions names any.
                    names.Add(new ListedSecret(secret.Name, Version: null));
                }

                return names.Count <= limit;
            },
            cancellationToken);
        return failure is null ? new SecretListing([.. names.Take(limit)], Complete: names.Count <= limit) : failure;
    }

    /// <remarks>
    /// From the list of versions, which holds no values and leaves no read in the vault's audit log. A plain get returns the
    /// version created last, whether or not it is enabled, and so a disabled one is a failure here as it is there.
    /// </remarks>
    public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (KeyVaultName.Check(address) is { } problem)
        {
            return ProviderFailure.Create(ProviderFailure.InvalidRequest, problem, "Correct the reference.");
        }

        if (_readsInstead)
        {
            return await ReadVersionAsync(address, cancellationToken);
        }

        var candidates = new List<VaultSecret>();
        var failure = await ForEachAsync(
            $"secrets/{KeyVaultName.ToWire(address.Name)}/versions",
            address,
            version => address.Version is null ? KeepNewest(candidates, version) : KeepPinned(candidates, version, address.Version),
            cancellationToken);
        if (failure is not null)
        {
            if (failure.Code != ProviderFailure.PermissionDenied)
            {
                return failure;
            }

            _readsInstead = true;
            return await ReadVersionAsync(address, cancellationToken);
        }

        return candidates switch
        {
            [] => KeyVaultFailures.NotFound(address, providerCode: null),
            [{ Version: { } version } only] => only.Refuse(address, clock) is { } refused ? refused : version,
            // Made within one second, all a vault's times tell: only the vault knows which one is current.
            _ => await ReadVersionAsync(address, cancellationToken),
        };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool KeepPinned(List<VaultSecret> candidates, VaultSecret version, string pinned)
    {
        if (string.Equals(version.Version, pinned, StringComparison.OrdinalIgnoreCase))
        {
            candidates.Add(version);
        }

        return candidates.Count == 0;
    }

    private static bool KeepNewest(List<VaultSecret> candidates, VaultSecret version)
    {
        if (candidates.Count > 0 && version.Created > candidates[0].Created)
        {
            candidates.Clear();
        }

        if (candidates.Count == 0 || version.Created == candidates[0].Created)
        {
            candidates.Add(version);
        }

        return true;
    }

    private async Task<Result<string>> ReadVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(address, cancellationToken);
        if (!read.TryGet(out var payload, out var failure))
        {
            return failure;
        }

        using (payload)
        {
            return payload.Version;
        }
    }

    private Result<SecretPayload> Payload(StoreAnswer answer, SecretAddress address)
    {
        using var document = answer.TryParse();
        if (document is null || VaultSecret.Parse(document.RootElement) is not { Version: { } version } secret)
        {
            return KeyVaultFailures.Foreign;
        }

        if (secret.Refuse(address, clock) is { } refused)
        {
            return refused;
        }

        return document.RootElement.At("value").ValueKind == JsonValueKind.String && answer.TryExtract("/value") is { } value
            ? new SecretPayload(value, version) { NotAfter = secret.NotAfter }
            : KeyVaultFailures.Foreign;
    }

    /// <summary>Visits every entry of a listing, page by page, until <paramref name="visit"/> has had enough.</summary>
    private async Task<Failure?> ForEachAsync(
        string path, SecretAddress address, Func<VaultSecret, bool> visit, CancellationToken cancellationToken)
    {
        for (var page = client.Address(path); page is not null;)
        {
            var sent = await client.GetAsync(page, cancellationToken);
            if (!sent.TryGet(out var answer, out var failure))
            {
                return failure;
            }

            using (answer)
            {
                if (!answer.IsSuccess)
                {
                    return KeyVaultFailures.From(answer, address);
                }

                using var document = answer.TryParse();
                if (document is null || document.RootElement.At("value").ValueKind != JsonValueKind.Array)
                {
                    return KeyVaultFailures.Foreign;
                }

                foreach (var entry in document.RootElement.At("value").AsItems())
                {
                    if (VaultSecret.Parse(entry) is not { } secret)
                    {
                        return KeyVaultFailures.Foreign;
                    }

                    if (!visit(secret))
                    {
                        return null;
                    }
                }

                // The link is followed as it is, but only to the vault itself: the token goes with it.
                page = null;
                if (document.RootElement.At("nextLink").AsText() is { Length: > 0 } link
                    && !(Uri.TryCreate(link, UriKind.Absolute, out page) && client.Owns(page)))
                {
                    return KeyVaultFailures.Foreign;
                }
            }
        }

        return null;
    }
}
