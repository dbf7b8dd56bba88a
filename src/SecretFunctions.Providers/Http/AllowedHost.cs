using System.Globalization;
using System.Net;

namespace SecretFunctions.Providers.Http;

/// <summary>One exception from "public addresses only", compared after normalization. A null port means every port.</summary>
internal sealed record AllowedHost(string Host, int? Port)
{
    public bool Covers(string normalizedHost, int port) => Host == normalizedHost && (Port is null || Port == port);

    /// <summary>Null where the text is not <c>host</c> or <c>host:port</c>.</summary>
    public static AllowedHost? Parse(string? text)
    {
        text = text?.Trim() ?? "";

        // A bare IPv6 address has colons of its own, so it is tried before a port is looked for.
        if (IPAddress.TryParse(text, out var address) && text.Contains(':', StringComparison.Ordinal) && text[0] != '[')
        {
            return new AllowedHost(Normalize(address.ToString()), null);
        }

        var colon = text.LastIndexOf(':');
        var hasPort = colon > 0 && !text.EndsWith(']');
        var host = hasPort ? text[..colon] : text;
        int? port = null;
        if (hasPort)
        {
            if (!ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
            {
                return null;
            }

            port = number;
        }

        return Uri.CheckHostName(host) == UriHostNameType.Unknown ? null : new AllowedHost(Normalize(host), port);
    }

    public static AllowedHost Of(Uri address) => new(Normalize(address.IdnHost), address.Port);

    /// <summary>One spelling per host: lower case, no root dot, no brackets, IP addresses in their canonical form.</summary>
    public static string Normalize(string host)
    {
        host = host.Trim('[', ']');
        if (IPAddress.TryParse(host, out var address))
        {
            return address.ToString();
        }

        return (host.EndsWith('.') ? host[..^1] : host).ToLowerInvariant();
    }
}
