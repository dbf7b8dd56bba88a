using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using SecretFunctions.Core;
using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>The id of the vault that a setting names by id or title. Looked up once: a vault keeps its id, whatever it is called later.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Without a wait handle the semaphore has nothing to dispose, and readers may outlive the store.")]
internal sealed class VaultLookup(ConnectClient client, string vault)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private string? _id = ConnectQuery.IsId(vault) ? vault : null;

    public async Task<Result<string>> IdAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _id) is { } known)
        {
            return known;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_id is { } found)
            {
                return found;
            }

            var what = $"looking for the vault \"{vault}\"";
            if (!(await client.GetAsync($"vaults?{ConnectQuery.Filter("name", vault)}", ConnectFailures.Vault, what, cancellationToken)).TryGet(out var answer, out var failure))
            {
                return failure;
            }

            using (answer)
            {
                using var document = answer.TryParse();
                if (document is not { RootElement.ValueKind: JsonValueKind.Array })
                {
                    return ConnectFailures.Vault.NotUnderstood(what);
                }

                var result = OnlyOne(document.RootElement);
                if (result.TryGet(out var id, out _))
                {
                    Volatile.Write(ref _id, id);
                }

                return result;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private Result<string> OnlyOne(JsonElement vaults)
    {
        string[] ids =
        [
            .. vaults.EnumerateArray()
                .Where(entry => entry.At("name").AsText() == vault)
                .Select(entry => entry.At("id").AsText())
                .OfType<string>()
                .Where(ConnectQuery.IsId),
        ];
        return ids switch
        {
            [var only] => only,
            [] => ProviderFailure.Create(
                ProviderFailure.SecretNotFound,
                $"The token's scope has no vault \"{vault}\".",
                "Check the setting vault (case counts), and that the token and the server were granted the vault."),
            _ => ProviderFailure.Create(
                ProviderFailure.InvalidRequest,
                $"{ids.Length} vaults have the title \"{vault}\".",
                $"Set the id of the one that is meant: {string.Join(", ", ids)}."),
        };
    }
}
