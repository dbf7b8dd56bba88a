using System.Text;

namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>Runs <c>secretfunctions</c> as a process, with address and key in its environment.</summary>
internal sealed class CliRunner(Uri url, string key)
{
    public Dictionary<string, string> Environment { get; } = new()
    {
        ["SECRETFUNCTIONS_URL"] = url.AbsoluteUri,
        ["SECRETFUNCTIONS_API_KEY"] = key,
    };

    public Task<Outcome> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    public Task<Outcome> RunWithInputAsync(string input, params string[] arguments) =>
        Outcome.RunAsync(Programs.Start("dotnet", [Programs.Cli, .. arguments], Environment), Encoding.UTF8.GetBytes(input));

    /// <summary>Bash with <c>secretfunctions</c> on its path.</summary>
    public async Task<Outcome> RunScriptAsync(string script, string folder)
    {
        var program = Path.Combine(folder, "secretfunctions");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet '{Programs.Cli}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var start = Programs.Start("bash", ["-eu", "-o", "pipefail", "-s"], Environment);
        start.Environment["PATH"] = $"{folder}:{start.Environment["PATH"]}";
        start.WorkingDirectory = folder;
        return await Outcome.RunAsync(start, Encoding.UTF8.GetBytes(script));
    }
}
