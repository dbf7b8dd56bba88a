using System.Diagnostics;

namespace SecretFunctions.EndToEnd.Tests.Harness;

/// <summary>How a process ended, and all it printed.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    /// <summary>Runs a program to its end, with <paramref name="input"/> on its standard input.</summary>
    public static async Task<Outcome> RunAsync(ProcessStartInfo start, byte[]? input = null)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Timeout);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var errors = process.StandardError.ReadToEndAsync(timeout.Token);
            try
            {
                await process.StandardInput.BaseStream.WriteAsync(input ?? [], timeout.Token);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It ended, or had no use for its input.
            }

            await process.WaitForExitAsync(timeout.Token);
            return new Outcome(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public Outcome ShouldSucceed()
    {
        ExitCode.ShouldBe(0, $"{Output}\n{Errors}");
        return this;
    }
}
