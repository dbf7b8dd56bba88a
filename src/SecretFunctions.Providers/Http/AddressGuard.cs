using System.Net;

namespace SecretFunctions.Providers.Http;

/// <summary>Decides where requests may go: once on the address as written, once more on every IP address it resolves to.</summary>
internal sealed class AddressGuard(IReadOnlyList<AllowedHost> allowedHosts)
{
    public static AddressGuard For(ProviderHttpOptions options) =>
        new([
            .. options.AllowedHosts.Select(entry => AllowedHost.Parse(entry)).OfType<AllowedHost>(),
            .. options.EndpointOverrides.Values.Where(static address => address.IsAbsoluteUri).Select(AllowedHost.Of),
        ]);

    /// <summary>Null, or one sentence. What can be told without resolving names.</summary>
    public string? Check(Uri address)
    {
        if (!address.IsAbsoluteUri || address.Host.Length == 0)
        {
            return "The address is not absolute: write https:// and a host.";
        }

        if (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp)
        {
            return "The address is not https.";
        }

        if (address.UserInfo.Length > 0)
        {
            return "The address has a user name or password in it; credentials belong into auth.";
        }

        if (address.Fragment.Length > 0)
        {
            return "The address has a fragment (#), which is never sent.";
        }

        if (address.Port is < 1 or > ushort.MaxValue)
        {
            return "The address has a port that cannot be connected to.";
        }

        var host = AllowedHost.Normalize(address.IdnHost);
        var isPlain = address.Scheme == Uri.UriSchemeHttp;
        if (IPAddress.TryParse(host, out var literal))
        {
            return CheckResolved(host, address.Port, isPlain, literal);
        }

        if (!IsAllowed(host, address.Port))
        {
            // RFC 6761 section 6.3: these names are loopback, whatever the resolver says.
            return IsLocalhost(host) ? NotPublic(host)
                : isPlain ? "The address is http; stores are reached over https only."
                : null;
        }

        return null;
    }

    /// <summary>Null, or one sentence, about one of the IP addresses behind a host.</summary>
    /// <remarks>
    /// The sentence does not repeat the IP address: who may write an address here need not learn what the operator's
    /// resolver answers.
    /// </remarks>
    public string? CheckResolved(string host, int port, bool isPlain, IPAddress address)
    {
        host = AllowedHost.Normalize(host);
        var reach = AddressRules.ReachOf(address);
        var allowed = IsAllowed(host, port);
        if (reach == AddressReach.Special || (!allowed && reach != AddressReach.Public))
        {
            return NotPublic(host);
        }

        return isPlain && !(allowed && reach == AddressReach.Loopback)
            ? "The address is http; stores are reached over https only."
            : null;
    }

    private static string NotPublic(string host) =>
        $"{host} is not a public address; the operator can allow private and loopback ones by Providers:AllowedHosts.";

    private static bool IsLocalhost(string host) =>
        host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal);

    /// <summary>Whether the operator named this host, as an exception or for an endpoint of their own.</summary>
    public bool IsNamed(Uri address) => address.IsAbsoluteUri && IsAllowed(AllowedHost.Normalize(address.IdnHost), address.Port);

    private bool IsAllowed(string normalizedHost, int port)
    {
        foreach (var entry in allowedHosts)
        {
            if (entry.Covers(normalizedHost, port))
            {
                return true;
            }
        }

        return false;
    }
}
