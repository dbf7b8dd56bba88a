using System.Diagnostics;

namespace SecretFunctions.Testing.Node;

/// <summary>The npm packages that tests use, installed once from the lock file in <c>tests/node</c>.</summary>
public static class NodeModules
{
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(10);
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>The folder with <c>node_modules</c>, after installing what is missing.</summary>
    /// <exception cref="InvalidOperationException">npm failed; the message holds what it printed.</exception>
    public static Task<string> EnsureAsync() => Installed.Value;

    private static async Task<string> InstallAsync()
    {
        var folder = Path.Combine(RepositoryPaths.Root, "tests", "node");
        using var gate = await LockAsync(Path.Combine(folder, ".install.lock"));

        // The copy of the lock file is written last, so it is there only when all before it went well.
        var wanted = await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json"));
        var stamp = Path.Combine(folder, "node_modules", ".installed-lock.json");
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != wanted)
        {
            await RunNpmAsync(folder);
            await File.WriteAllTextAsync(stamp, wanted);
        }

        return folder;
    }

    /// <summary>Test assemblies start at once, each a process of its own; the first installs and the others wait.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        using var timeout = new CancellationTokenSource(InstallTimeout);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, timeout.Token);
            }
        }
    }

    private static async Task RunNpmAsync(string folder)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start) ?? throw new InvalidOperationException("npm did not start.");
        using var timeout = new CancellationTokenSource(InstallTimeout);
        try
        {
            var output = npm.StandardOutput.ReadToEndAsync(timeout.Token);
            var errors = npm.StandardError.ReadToEndAsync(timeout.Token);
            await npm.WaitForExitAsync(timeout.Token);
            if (npm.ExitCode != 0)
            {
                throw new InvalidOperationException($"'npm ci' in tests/node ended with {npm.ExitCode}:\n{await output}\n{await errors}");
            }
        }
        finally
        {
            if (!npm.HasExited)
            {
                npm.Kill(entireProcessTree: true);
            }
        }
    }
}
