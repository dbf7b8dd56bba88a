using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using SecretFunctions.Providers.Http;

namespace SecretFunctions.Providers.Azure;

/// <summary>A key of the operator's, as a setting names it: in a vault of a known cloud, or at a host that the operator named.</summary>
public sealed partial class KeyVaultKeyAddress
{
    private KeyVaultKeyAddress(Uri key, string? version)
    {
        Key = key;
        Version = version;
    }

    /// <summary>Without a version.</summary>
    public Uri Key { get; }

    public string? Version { get; }

    /// <summary>Whether <paramref name="text"/> is a key's address, with or without a version. No I/O.</summary>
    public static bool TryParse(string text, ProviderHttpOptions options, [NotNullWhen(true)] out KeyVaultKeyAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme != Uri.UriSchemeHttps || uri.UserInfo.Length > 0 || uri.AbsoluteUri != text
            || KeyPath().Match(uri.PathAndQuery + uri.Fragment) is not { Success: true } path)
        {
            return false;
        }

        // Whoever answers there is handed a token of this service's own identity.
        if (!(AzureCloud.Of(uri.IdnHost) is not null && uri.IsDefaultPort) && !AddressGuard.For(options).IsNamed(uri))
        {
            return false;
        }

        var version = path.Groups["version"];
        address = new KeyVaultKeyAddress(new Uri(uri, path.Groups["key"].Value), version.Success ? version.Value : null);
        return true;
    }

    /// <summary>Whether a vault could have given a version this name: what is stored goes into an address only if so.</summary>
    internal static bool IsVersion(string text) => VersionName().IsMatch(text);

    [GeneratedRegex(@"^(?<key>/keys/[0-9a-zA-Z-]{1,127})(?:/(?<version>[0-9a-zA-Z]{1,64}))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPath();

    [GeneratedRegex(@"^[0-9a-zA-Z]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex VersionName();
}
