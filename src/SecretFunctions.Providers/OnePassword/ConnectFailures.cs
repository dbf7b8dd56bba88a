using SecretFunctions.Core.Providers;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.OnePassword;

/// <summary>What a Connect server's refusals mean. It has statuses and no codes.</summary>
internal static class ConnectFailures
{
    private const string Store = "1Password Connect";

    private static readonly FailureRow[] Always =
    [
        new(401, ProviderFailure.AuthenticationFailed,
            "The token is wrong, expired or revoked, or was issued for another Connect server than this. Issue one for it: op connect token create NAME --server SERVER --vault VAULT."),
        new(403, ProviderFailure.PermissionDenied,
            "The vault is not in the token's scope. Tokens cannot be changed: issue a new one with the vault (op connect token create NAME --server SERVER --vault VAULT), and grant the vault to the server."),
    ];

    private static readonly (string Service, string Status, string Hint)[] Health =
    [
        ("sync", "TOKEN_NEEDED", "The Connect server has not had a valid token since it started, so it has not fetched any vault. Check that the token is one of this server's, and try again in a moment."),
        ("sync", "", "The sync service of the Connect server does not work. Check that its container runs, shares the volume with the API's, and reaches 1Password."),
        ("sqlite", "", "The Connect server's database does not work. Check the volume that its two containers share."),
    ];

    public static readonly FailureTable Vault = new(Store,
    [
        .. Always,
        new(400, ProviderFailure.InvalidRequest, "The server does not take the vault's title in a filter. Set the vault's id instead."),
        new(404, ProviderFailure.InvalidRequest, "There is no Connect API at this address. Set the server's address without /v1."),
    ]);

    public static readonly FailureTable Item = new(Store,
    [
        .. Always,
        new(400, ProviderFailure.InvalidRequest, "The server does not take the item's title or id. Write the item's id instead of its title."),
        new(404, ProviderFailure.SecretNotFound,
            "There is no such item in the vault, it was moved or deleted, or the vault is not there (setting vault). A new item takes the Connect server some seconds to see."),
    ]);

    public static readonly FailureTable List = new(Store,
    [
        .. Always,
        new(404, ProviderFailure.SecretNotFound, "There is no vault of this id, or the token does not have it in its scope. Check the setting vault."),
    ]);

    /// <summary>Null where this part of the server is well, or unknown to us.</summary>
    public static string? HintFor(string service, string status) =>
        status == "ACTIVE" ? null
        : Health.FirstOrDefault(row => row.Service == service && (row.Status.Length == 0 || row.Status == status)).Hint;
}
