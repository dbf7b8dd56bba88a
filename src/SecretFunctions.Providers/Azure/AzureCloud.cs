using Azure.Identity;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>One of Microsoft's clouds: where its vaults live and who issues tokens for them.</summary>
/// <param name="VaultDomain">The parent domain of every vault.</param>
/// <param name="Authority">Its Entra ID.</param>
internal sealed record AzureCloud(string VaultDomain, Uri Authority)
{
    public static readonly AzureCloud Public = new("vault.azure.net", AzureAuthorityHosts.AzurePublicCloud);

    private static readonly AzureCloud[] All =
    [
        Public,
        new("vault.azure.cn", AzureAuthorityHosts.AzureChina),
        new("vault.usgovcloudapi.net", AzureAuthorityHosts.AzureGovernment),
    ];

    /// <summary>The one kind of token that is ever asked for here.</summary>
    public string Scope => $"https://{VaultDomain}/.default";

    /// <summary>The cloud this host is a vault of: exactly one label before the domain. Null for any other host.</summary>
    public static AzureCloud? Of(string host) => Array.Find(All, cloud => cloud.Owns(host));

    /// <summary>
    /// Null where <paramref name="text"/> is the address of a vault; else what is wrong with it. The host matters: whoever
    /// answers there is handed a token that opens every vault the identity may read. So it is a vault's by its name, or one
    /// that the operator of this service, not an admin of a tenant, named as an exception.
    /// </summary>
    public static string? CheckVaultUrl(string text, ProviderHttp http)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && !http.IsNamedByOperator(address)))
        {
            return "Write the vault's address with https, as in https://my-vault.vault.azure.net.";
        }

        if (address.PathAndQuery != "/" || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            return "Write the vault's address alone, without a path: the secret's name belongs in the reference.";
        }

        if (http.IsNamedByOperator(address))
        {
            return http.CheckAddress(address);
        }

        if (Of(address.IdnHost) is not null && address.IsDefaultPort)
        {
            return null;
        }

        return $"The host is not a Key Vault of a known cloud: {string.Join(", ", All.Select(cloud => "*." + cloud.VaultDomain))}.";
    }

    private bool Owns(string host) =>
        host.EndsWith("." + VaultDomain, StringComparison.OrdinalIgnoreCase)
        && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot
        && dot == host.Length - VaultDomain.Length - 1;
}
