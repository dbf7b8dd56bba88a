using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.Node;

/// <summary>Grammars that are none of ours (<c>tests/node/check-syntax.mjs</c>).</summary>
public static class SyntaxCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>What is wrong, a line each; empty where nothing is.</summary>
    /// <param name="documents">Of language bicep, terraform, hcl or yaml.</param>
    /// <exception cref="InvalidOperationException">The check itself failed; the message says why.</exception>
    public static async Task<string> RunAsync(IEnumerable<(string Name, string Language, string Text)> documents)
    {
        var folder = await NodeModules.EnsureAsync();
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "check-syntax.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        JsonArray all = [.. documents.Select(static document => new JsonObject { ["name"] = document.Name, ["language"] = document.Language, ["text"] = document.Text })];
        using var process = Process.Start(start) ?? throw new InvalidOperationException("node did not start.");
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var errors = process.StandardError.ReadToEndAsync(timeout.Token);
            await process.StandardInput.WriteAsync(all.ToJsonString().AsMemory(), timeout.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(timeout.Token);
            return process.ExitCode == 0 ? await output : throw new InvalidOperationException(await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
