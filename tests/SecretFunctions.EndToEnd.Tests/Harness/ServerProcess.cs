using System.Diagnostics;
using System.Text;
using SecretFunctions.Contracts;

namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>The server, on a free port of its own. Killed when disposed, if it still runs.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string Listens = "SecretFunctions listens on ";
    private const string ShowsKey = "kept nowhere: ";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Some tests are a flood.</summary>
    private static readonly (string Name, string Value)[] Unlimited =
        [("SecretFunctions__Limits__PrincipalRequestsPerSecond", "0"), ("SecretFunctions__Limits__OrganizationRequestsPerSecond", "0")];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _url = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _url.TrySetException(new InvalidOperationException($"The server ended:\n{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public Uri Url => _url.Task.Result;

    /// <summary>The operator's key, where this start made it.</summary>
    public string? Key { get; private set; }

    /// <summary>All it printed so far, logs included.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(string data, params (string Name, string Value)[] environment)
    {
        var server = new ServerProcess(StartInfo(["--urls", "http://127.0.0.1:0", "--data", data], environment));
        try
        {
            await server._url.Task.WaitAsync(StartTimeout);
            return server;
        }
        catch (Exception)
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it where it is expected to end by itself.</summary>
    public static Task<Outcome> RunAsync(string[] arguments, params (string Name, string Value)[] environment) =>
        Outcome.RunAsync(StartInfo(arguments, environment));

    public SecretFunctionsClient Client(string? key = null) => new(Url, key ?? Key.ShouldNotBeNull("this start made no key"));

    public CliRunner Cli(string? key = null) => new(Url, key ?? Key.ShouldNotBeNull("this start made no key"));

    /// <summary>SIGKILL, and gone when this returns.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public async Task SignalTerminationAsync() => (await Outcome.RunAsync(new ProcessStartInfo("kill", ["-TERM", $"{Id}"]))).ShouldSucceed();

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(StartTimeout);
        return _process.ExitCode;
    }

    public async Task StopAsync()
    {
        await SignalTerminationAsync();
        (await ExitCodeAsync()).ShouldBe(0, Output);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo StartInfo(string[] arguments, (string Name, string Value)[] environment) => Programs.Start(
        Programs.Server.Program, [.. Programs.Server.Arguments, .. arguments], Unlimited.Concat(environment).Select(static setting => KeyValuePair.Create(setting.Name, setting.Value)));

    private void Read(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line.Contains(ShowsKey, StringComparison.Ordinal))
        {
            Key = line[(line.IndexOf(ShowsKey, StringComparison.Ordinal) + ShowsKey.Length)..];
        }
        else if (line.StartsWith(Listens, StringComparison.Ordinal))
        {
            _url.TrySetResult(new Uri(line[Listens.Length..]));
        }
    }
}
