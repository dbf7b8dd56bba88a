using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using SecretFunctions.Testing.Node;
using Xunit;

namespace SecretFunctions.Testing.Storage;

/// <summary>
/// The Table Storage emulator, as a process of its own on a free port. Share one in a test assembly (a collection
/// fixture), and take a new table for each test.
/// </summary>
public sealed class Azurite : IAsyncLifetime
{
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    private readonly StringBuilder _output = new();
    private Process? _process;
    private int _port;

    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};TableEndpoint=http://127.0.0.1:{_port}/{Account};";

    /// <summary>The name of a table that nobody uses.</summary>
    public static string NewTableName() => $"t{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";

    public async Task InitializeAsync()
    {
        var modules = await NodeModules.EnsureAsync();
        _port = FreePort();

        // A small watcher starts the emulator and ends it when our end of its input closes, so it does not survive a
        // test host that crashed.
        var start = new ProcessStartInfo(
            "node",
            [
                Path.Combine(modules, "run-until-stdin-closes.mjs"),
                Path.Combine(modules, "node_modules", "azurite", "dist", "src", "table", "main.js"),
                "--tablePort", $"{_port}", "--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            ])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await WaitUntilItListensAsync();
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilItListensAsync()
    {
        using var timeout = new CancellationTokenSource(StartTimeout);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _port, timeout.Token);
                return;
            }
            catch (SocketException) when (!_process!.HasExited)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, timeout.Token);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                throw new InvalidOperationException($"Azurite did not start:\n{_output}", e);
            }
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            _output.AppendLine(line.Data);
        }
    }
}
