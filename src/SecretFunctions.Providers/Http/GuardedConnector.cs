using System.Net;
using System.Net.Sockets;

namespace SecretFunctions.Providers.Http;

/// <summary>Resolves a host's IP addresses.</summary>
internal delegate Task<IPAddress[]> HostResolver(string host, CancellationToken cancellationToken);

/// <summary>
/// Opens connections for the pool. The name is resolved once, every address is checked, and those very addresses are
/// connected to: a name that changes its answer between a check and the connection (DNS rebinding) gains nothing.
/// </summary>
internal sealed class GuardedConnector(AddressGuard guard, HostResolver resolve)
{
    /// <exception cref="AddressRefusedException">An address we may not connect to.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var isPlain = context.InitialRequestMessage.RequestUri?.Scheme != Uri.UriSchemeHttps;
        IPAddress[] addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancellationToken);
        foreach (var address in addresses)
        {
            // One bad address refuses them all: a name that mixes public and private ones is up to no good.
            if (guard.CheckResolved(host, port, isPlain, address) is { } problem)
            {
                throw new AddressRefusedException(problem);
            }
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
