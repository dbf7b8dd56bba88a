using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SecretFunctions.Cli;

/// <summary>Hands over to another program.</summary>
/// <remarks>
/// On Unix this process becomes the command (execvp), so signals, exit code, terminal and process id are the command's own, and no
/// process that knows the API key stays behind. Windows has nothing like it: there the command is a child that is waited for.
/// </remarks>
internal static partial class CommandProcess
{
    private const int NoSuchFile = 2; // ENOENT
    private const int BrokenPipe = 13; // SIGPIPE

    /// <param name="words">The command and its arguments.</param>
    /// <param name="variables">On top of our own environment; null takes a variable away.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The exit code; on Unix only if the command could not be started.</returns>
    public static Task<int> RunAsync(string[] words, IReadOnlyDictionary<string, string?> variables, CancellationToken cancellationToken) =>
        OperatingSystem.IsWindows() ? RunChildAsync(words, variables, cancellationToken) : Task.FromResult(Become(words, variables));

    [UnsupportedOSPlatform("windows")]
    private static int Become(string[] words, IReadOnlyDictionary<string, string?> variables)
    {
        foreach (var (name, value) in variables)
        {
            _ = value is null ? Libc.UnsetEnv(name) : Libc.SetEnv(name, value, 1);
        }

        // The runtime ignores it, and what is ignored stays so in the command: it would write into closed pipes forever.
        _ = Libc.Signal(BrokenPipe, 0);
        _ = Libc.ExecVp(words[0], [.. words, null]);
        var error = Marshal.GetLastPInvokeError();
        Console.Error.WriteLine($"secretfunctions: '{words[0]}' cannot be started: {Marshal.GetPInvokeErrorMessage(error)}.");
        return error == NoSuchFile ? ExitCode.NotFound : ExitCode.CannotRun;
    }

    private static async Task<int> RunChildAsync(string[] words, IReadOnlyDictionary<string, string?> variables, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(words[0], words[1..]);
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            // Ctrl+C goes to the whole console, the command included.
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode;
        }
        catch (Win32Exception exception)
        {
            await Console.Error.WriteLineAsync($"secretfunctions: '{words[0]}' cannot be started: {exception.Message}");
            return exception.NativeErrorCode == NoSuchFile ? ExitCode.NotFound : ExitCode.CannotRun;
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static partial class Libc
    {
        [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static partial int SetEnv(string name, string value, int overwrite);

        [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static partial int UnsetEnv(string name);

        [LibraryImport("libc", EntryPoint = "signal")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static partial nint Signal(int signal, nint handler);

        [LibraryImport("libc", EntryPoint = "execvp", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static partial int ExecVp(string file, string?[] arguments);
    }
}
