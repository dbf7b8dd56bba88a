using System.Net.Sockets;
using System.Text;

namespace SecretFunctions.Api.Tests.Hosting;

/// <summary>A client that stops wherever it likes, which no library of clients would.</summary>
internal sealed class Wire : IDisposable
{
    private readonly TcpClient _client = new() { NoDelay = true };

    private Wire()
    {
    }

    public static async Task<Wire> ConnectAsync(ApiHost host)
    {
        var wire = new Wire();
        await wire._client.ConnectAsync(host.Address.Host, host.Address.Port);
        return wire;
    }

    /// <summary>The operator's request, as far as its headers go.</summary>
    public Task SendHeadAsync(string request, params string[] headers) =>
        SendAsync($"{request} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ApiHost.OperatorKey}\r\nContent-Type: application/json\r\n{string.Concat(headers.Select(static header => header + "\r\n"))}\r\n");

    public async Task SendAsync(string text) => await _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>What has come by the time this text has, or all there is.</summary>
    public async Task<string> ReadAsync(string until)
    {
        var buffer = new byte[1000];
        var text = new StringBuilder();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int read;
        do
        {
            read = await _client.GetStream().ReadAsync(buffer, patience.Token);
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        while (read > 0 && !text.ToString().Contains(until, StringComparison.Ordinal));
        return text.ToString();
    }

    /// <summary>Says that nothing more comes.</summary>
    public void End() => _client.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Is gone, as by a reset.</summary>
    public void Vanish()
    {
        _client.LingerState = new LingerOption(true, 0);
        _client.Close();
    }

    public void Dispose() => _client.Dispose();
}
