using System.Net;
using System.Net.Sockets;

namespace SecretFunctions.Providers.Http;

/// <summary>How far an IP address reaches, as far as it matters to where we may connect.</summary>
internal enum AddressReach
{
    /// <summary>Anyone's; always allowed.</summary>
    Public,

    /// <summary>The operator's own network; only for an allowed host.</summary>
    Private,

    /// <summary>This machine; only for an allowed host, and then also without TLS.</summary>
    Loopback,

    /// <summary>No store can be there: metadata services, multicast, tunnels, documentation. Not even for an allowed host.</summary>
    Special,
}

/// <summary>
/// The IANA special-purpose address registries (RFC 6890 and its updates) as a table. IPv6 is turned around: only what is
/// global unicast today (2000::/3) can be public, so that ranges assigned later start closed.
/// </summary>
internal static class AddressRules
{
    private static readonly (IPNetwork Network, AddressReach Reach)[] V4 =
    [
        (IPNetwork.Parse("0.0.0.0/8"), AddressReach.Special), // "this network"; on Linux 0.0.0.0 connects to loopback
        (IPNetwork.Parse("10.0.0.0/8"), AddressReach.Private),
        (IPNetwork.Parse("100.64.0.0/10"), AddressReach.Private), // carrier-grade NAT; also overlay networks
        (IPNetwork.Parse("127.0.0.0/8"), AddressReach.Loopback),
        (IPNetwork.Parse("168.63.129.16/32"), AddressReach.Special), // Azure's host agent: public on paper, answers inside every VM
        (IPNetwork.Parse("169.254.0.0/16"), AddressReach.Special), // link-local: instance metadata with the service's own credentials
        (IPNetwork.Parse("172.16.0.0/12"), AddressReach.Private),
        (IPNetwork.Parse("192.0.0.0/24"), AddressReach.Special), // protocol assignments; one cloud's metadata service
        (IPNetwork.Parse("192.0.2.0/24"), AddressReach.Special), // documentation
        (IPNetwork.Parse("192.88.99.0/24"), AddressReach.Special), // 6to4 relays
        (IPNetwork.Parse("192.168.0.0/16"), AddressReach.Private),
        (IPNetwork.Parse("198.18.0.0/15"), AddressReach.Special), // benchmarks
        (IPNetwork.Parse("198.51.100.0/24"), AddressReach.Special), // documentation
        (IPNetwork.Parse("203.0.113.0/24"), AddressReach.Special), // documentation
        (IPNetwork.Parse("224.0.0.0/4"), AddressReach.Special), // multicast
        (IPNetwork.Parse("240.0.0.0/4"), AddressReach.Special), // reserved, broadcast
    ];

    private static readonly (IPNetwork Network, AddressReach Reach)[] V6 =
    [
        (IPNetwork.Parse("::1/128"), AddressReach.Loopback),
        (IPNetwork.Parse("fd00:ec2::/32"), AddressReach.Special), // AWS instance metadata, inside the private range
        (IPNetwork.Parse("fc00::/7"), AddressReach.Private), // unique local
        (IPNetwork.Parse("2001::/23"), AddressReach.Special), // protocol assignments: Teredo, benchmarks, ORCHID
        (IPNetwork.Parse("2001:db8::/32"), AddressReach.Special), // documentation
        (IPNetwork.Parse("2002::/16"), AddressReach.Special), // 6to4: embeds an IPv4 address
        (IPNetwork.Parse("3fff::/20"), AddressReach.Special), // documentation
        (IPNetwork.Parse("2000::/3"), AddressReach.Public),
        // Whatever else embeds IPv4 (mapped, compatible, NAT64), is link-local, multicast or unassigned.
        (IPNetwork.Parse("::/0"), AddressReach.Special),
    ];

    public static AddressReach ReachOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return AddressReach.Special; // IPNetwork takes these for IPv4 and finds them in no IPv6 network, not even ::/0.
        }

        var table = address.AddressFamily == AddressFamily.InterNetwork ? V4 : V6;
        foreach (var (network, reach) in table)
        {
            if (network.Contains(address))
            {
                return reach;
            }
        }

        return AddressReach.Public;
    }
}
