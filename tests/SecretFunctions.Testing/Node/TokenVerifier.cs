using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.Node;

/// <summary>A verifier that is none of ours, as a process: npm openid-client and jose (<c>tests/node/verify-tokens.mjs</c>).</summary>
public sealed class TokenVerifier : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private TokenVerifier(Process process) => _process = process;

    /// <summary>What it learned: the issuer and the algorithms.</summary>
    public string Discovered { get; private set; } = "";

    /// <summary>Once it has discovered the issuer.</summary>
    /// <exception cref="InvalidOperationException">It could not; the message says why.</exception>
    public static async Task<TokenVerifier> StartAsync(string issuer, string audience)
    {
        var folder = await NodeModules.EnsureAsync();
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "verify-tokens.mjs"), issuer, audience])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var verifier = new TokenVerifier(Process.Start(start) ?? throw new InvalidOperationException("node did not start."));
        verifier.Discovered = await verifier.ReadAsync();
        return verifier;
    }

    /// <summary>What its two verifiers say: <c>usual SUB KID, lasting SUB KID</c>, or why they refuse.</summary>
    public async Task<string> VerifyAsync(string token, DateTimeOffset now)
    {
        var request = new JsonObject { ["now"] = now.ToUnixTimeMilliseconds(), ["token"] = token };
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience)
            ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync());
}
