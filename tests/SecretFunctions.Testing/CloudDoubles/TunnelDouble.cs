using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SecretFunctions.Testing.CloudDoubles;

/// <summary>
/// A proxy (CONNECT, RFC 9110 section 9.3.6) that leads names of clouds to doubles, and every other nowhere: for vendors' libraries that take no
/// address but their cloud's own.
/// </summary>
public sealed class TunnelDouble : IAsyncDisposable
{
    private const int MaxHeader = 8 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly IReadOnlyDictionary<string, Uri> _leads;
    private readonly Task _accepting;

    /// <param name="leads">By host name, the double that stands for it.</param>
    public TunnelDouble(IReadOnlyDictionary<string, Uri> leads)
    {
        _leads = leads;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => $"http://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var accepted = client;
        using var target = new TcpClient();
        try
        {
            var caller = client.GetStream();
            if (await ReadHostAsync(caller) is not { } host || !_leads.TryGetValue(host, out var address))
            {
                await caller.WriteAsync("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _end.Token);
                return;
            }

            await target.ConnectAsync(address.Host, address.Port, _end.Token);
            await caller.WriteAsync("HTTP/1.1 200 Connection Established\r\n\r\n"u8.ToArray(), _end.Token);
            await Task.WhenAny(caller.CopyToAsync(target.GetStream(), _end.Token), target.GetStream().CopyToAsync(caller, _end.Token));
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // Whoever called has gone, or the test has ended.
        }
    }

    /// <summary>Of a whole request without a body; null where it is no CONNECT.</summary>
    private async Task<string?> ReadHostAsync(NetworkStream stream)
    {
        var buffer = new byte[MaxHeader];
        var length = 0;
        while (!buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            var read = length < buffer.Length ? await stream.ReadAsync(buffer.AsMemory(length), _end.Token) : 0;
            if (read == 0)
            {
                return null;
            }

            length += read;
        }

        return Encoding.ASCII.GetString(buffer, 0, length).Split(' ', 3) is ["CONNECT", var authority, _] ? authority.Split(':')[0] : null;
    }
}
