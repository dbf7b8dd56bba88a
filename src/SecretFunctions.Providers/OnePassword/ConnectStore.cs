using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>
/// Items of one vault, given by id or title. The payload is the item as Connect returned it; a selector finds the field
/// (<see cref="ItemFields"/>).
/// </summary>
internal sealed class ConnectStore(ConnectClient client, string vault) : ISecretStore, ISecretLister, IVersionReader
{
    private readonly VaultLookup _vault = new(client, vault);

    public static Failure? Check(SecretAddress address) =>
        string.IsNullOrWhiteSpace(address.Name) || address.Name.Any(char.IsControl)
            ? ProviderFailure.Create(
                ProviderFailure.InvalidRequest, "The item's name is empty or has a control character.", "Write an item's title or id.")
        : address.Version is not null
            ? ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                "The reference pins a version, and Connect hands out only the current one.",
                "Leave the version out. An item's version number only tells that it changed.")
        : null;

    public Task<Result<string?>> AuthenticateAsync(CancellationToken cancellationToken) => client.AuthenticateAsync(cancellationToken);

    public async Task<Result<SecretPayload>> ReadAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (Check(address) is { } refused)
        {
            return refused;
        }

        var what = $"reading the item \"{address.Name}\"";
        if (!(await _vault.IdAsync(cancellationToken)).TryGet(out var vaultId, out var failure)
            || !(await ItemIdAsync(vaultId, address.Name, cancellationToken)).TryGet(out var itemId, out failure)
            || !(await client.GetAsync($"vaults/{vaultId}/items/{itemId}", ConnectFailures.Item, what, cancellationToken)).TryGet(out var answer, out failure))
        {
            return failure;
        }

        using (answer)
        {
            using var document = answer.TryParse();
            if (document is null || ItemSummary.From(document.RootElement) is not { } item)
            {
                return ConnectFailures.Item.NotUnderstood(what);
            }

            return item.State is { } state ? Disabled(address.Name, state) : new SecretPayload(new SecretValue(answer.Body.Span), item.Version);
        }
    }

    /// <summary>From the summaries, which have no fields. Connect filters by title but not by id; there it takes the whole list.</summary>
    public async Task<Result<string>> GetVersionAsync(SecretAddress address, CancellationToken cancellationToken)
    {
        if (Check(address) is { } refused)
        {
            return refused;
        }

        var byId = ConnectQuery.IsId(address.Name);
        if (!(await _vault.IdAsync(cancellationToken)).TryGet(out var vaultId, out var failure)
            || !(await ItemsAsync(vaultId, byId ? null : address.Name, cancellationToken)).TryGet(out var items, out failure))
        {
            return failure;
        }

        return (byId ? OneById(items, address.Name) : OneByTitle(items, address.Name)).TryGet(out var item, out failure)
            ? item.State is { } state ? Disabled(address.Name, state) : item.Version
            : failure;
    }

    /// <summary>Titles, since that is what people write; the id where a title is not unique, since nothing else will be found by.</summary>
    public async Task<Result<SecretListing>> ListAsync(string prefix, int limit, CancellationToken cancellationToken)
    {
        if (!(await _vault.IdAsync(cancellationToken)).TryGet(out var vaultId, out var failure)
            || !(await ItemsAsync(vaultId, null, cancellationToken)).TryGet(out var items, out failure))
        {
            return failure;
        }

        ListedSecret[] names =
        [
            .. items.Where(item => item.State is null)
                .GroupBy(item => item.Title, StringComparer.Ordinal)
                .SelectMany(same => same.Select(item => new ListedSecret(same.Count() == 1 ? item.Title : item.Id, item.Version)))
                .Where(listed => listed.Name.StartsWith(prefix, StringComparison.Ordinal)),
        ];
        return new SecretListing([.. names.Take(limit)], names.Length <= limit);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Failure Disabled(string name, string state) =>
        ProviderFailure.Create(
            ProviderFailure.SecretDisabled, $"The item \"{name}\" is {state.ToLowerInvariant()}.", "Restore it in 1Password, or refer to another item.", state);

    private static Result<ItemSummary> OneById(IEnumerable<ItemSummary> items, string id) =>
        items.FirstOrDefault(item => item.Id == id) is { } found ? found : NotFound(id);

    /// <summary>An archived item does not make its successor of the same title ambiguous.</summary>
    private static Result<ItemSummary> OneByTitle(IReadOnlyList<ItemSummary> items, string title)
    {
        ItemSummary[] all = [.. items.Where(item => item.Title == title)];
        ItemSummary[] active = [.. all.Where(item => item.State is null)];
        var candidates = active.Length > 0 ? active : all;
        return candidates switch
        {
            [var only] => only,
            [] => NotFound(title),
            _ => ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"{candidates.Length} items of the vault have the title \"{title}\".",
                $"Refer to the one that is meant by its id: {string.Join(", ", candidates.Select(item => item.Id))}."),
        };
    }

    private static Failure NotFound(string name) =>
        ProviderFailure.Create(
            ProviderFailure.SecretNotFound,
            $"The vault has no item \"{name}\".",
            "Check the title, in which case counts, or write the item's id. A new item takes the Connect server some seconds to see.",
            "HTTP 404");

    private async Task<Result<string>> ItemIdAsync(string vaultId, string name, CancellationToken cancellationToken)
    {
        if (ConnectQuery.IsId(name))
        {
            return name;
        }

        return (await ItemsAsync(vaultId, name, cancellationToken)).TryGet(out var items, out var failure)
            && OneByTitle(items, name).TryGet(out var item, out failure)
                ? item.Id
                : failure;
    }

    private async Task<Result<ItemSummary[]>> ItemsAsync(string vaultId, string? title, CancellationToken cancellationToken)
    {
        var what = title is null ? "listing the vault's items" : $"looking for the item \"{title}\"";
        var query = title is null ? "" : $"?{ConnectQuery.Filter("title", title)}";
        if (!(await client.GetAsync($"vaults/{vaultId}/items{query}", title is null ? ConnectFailures.List : ConnectFailures.Item, what, cancellationToken))
            .TryGet(out var answer, out var failure))
        {
            return failure;
        }

        using (answer)
        {
            using var document = answer.TryParse();
            return document is { RootElement.ValueKind: JsonValueKind.Array }
                ? document.RootElement.EnumerateArray().Select(ItemSummary.From).OfType<ItemSummary>().ToArray()
                : ConnectFailures.List.NotUnderstood(what);
        }
    }
}
