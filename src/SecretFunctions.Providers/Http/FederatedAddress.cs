using SecretFunctions.Core.Providers;

namespace SecretFunctions.Providers.Http;

/// <summary>
/// Where a self-hosted store is said twice, by the configuration and by the credential, both have to say the same: who may write credentials
/// must not thereby send tokens to an address that the configuration does not name.
/// </summary>
internal static class FederatedAddress
{
    /// <summary>As both of them call it.</summary>
    public const string Field = "address";

    /// <summary>Null, or one sentence.</summary>
    public static string? Check(ProviderAuth.WorkloadIdentity identity, ProviderConnection connection) =>
        identity.Target.TryGetValue(Field, out var trusted) && Normalize(trusted) is { } address && address == Normalize(connection.Required(Field))
            ? null
            : "The credential's address is not the configuration's; a token goes to the address that its configuration names, and to no other.";

    private static string? Normalize(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address)
        ? $"{address.Scheme}://{address.IdnHost.ToLowerInvariant()}:{address.Port}{address.AbsolutePath.TrimEnd('/')}"
        : null;
}
