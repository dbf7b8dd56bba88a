using System.Net.Sockets;
using System.Text;
using SecretFunctions.EndToEnd.Tests.Harness;

namespace SecretFunctions.EndToEnd.Tests;

public sealed class ShutdownTests : IDisposable
{
    private const string Body = """{"value":"written while stopping"}""";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_request_in_flight_finishes_when_the_server_is_asked_to_stop()
    {
        string key;
        await using (var server = await ServerProcess.StartAsync(_folder.File("data")))
        {
            key = server.Key!;
            using var connection = new TcpClient();
            await connection.ConnectAsync(server.Url.Host, server.Url.Port);
            await using var stream = connection.GetStream();
            using var reader = new StreamReader(stream);

            // With 100 Continue the server says that the handler runs and waits for the body.
            await SendAsync(
                stream,
                $"PUT /v1/variables/dev/LATE HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\nExpect: 100-continue\r\n\r\n");
            (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 100 Continue");

            await server.SignalTerminationAsync();
            await Eventually.TrueAsync(() => IsRefusedAsync(server.Url), Deadline, "it takes no new connections");
            await SendAsync(stream, Body);

            await reader.ReadLineAsync();
            (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 201 Created");
            (await server.ExitCodeAsync()).ShouldBe(0);
        }

        await using var restarted = await ServerProcess.StartAsync(_folder.File("data"));
        using var client = restarted.Client(key);
        var revealed = await client.RevealVariableAsync(new("dev", "LATE", null), CancellationToken.None);
        Encoding.UTF8.GetString(revealed.Value.Reveal()).ShouldBe("written while stopping");
    }

    public void Dispose() => _folder.Dispose();

    private static Task SendAsync(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    private static async Task<bool> IsRefusedAsync(Uri url)
    {
        try
        {
            using var connection = new TcpClient();
            await connection.ConnectAsync(url.Host, url.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
