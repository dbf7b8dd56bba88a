using System.Diagnostics;
using System.Text.Json.Nodes;

namespace SecretFunctions.Testing.Node;

/// <summary>Another implementation of JWE, as a process: npm jose (<c>tests/node/jose.mjs</c>).</summary>
public sealed class Jose : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Process _process;

    private Jose(Process process) => _process = process;

    public static async Task<Jose> StartAsync()
    {
        var folder = await NodeModules.EnsureAsync();
        var start = new ProcessStartInfo("node", [Path.Combine(folder, "jose.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new Jose(Process.Start(start) ?? throw new InvalidOperationException("node did not start."));
    }

    /// <summary>A key pair of a recipient's own, as JWKs.</summary>
    /// <param name="curve">With ECDH-ES; else the key is RSA.</param>
    public async Task<(JsonNode Public, JsonNode Private)> GenerateAsync(string alg, string? curve = null)
    {
        var pair = await SendAsync(new JsonObject { ["do"] = "generate", ["alg"] = alg, ["crv"] = curve ?? "", ["modulusLength"] = 2048 });
        return (pair["public"]!.DeepClone(), pair["private"]!.DeepClone());
    }

    /// <summary>A JWE in compact serialization.</summary>
    public async Task<string> EncryptAsync(JsonNode jwk, string text, JsonObject header) =>
        (string)(await SendAsync(new JsonObject { ["do"] = "encrypt", ["jwk"] = jwk.DeepClone(), ["text"] = text, ["header"] = header.DeepClone() }))["jwe"]!;

    /// <summary>What is in it, and its header.</summary>
    public async Task<(string Text, JsonNode Header)> DecryptAsync(JsonNode jwk, string alg, string jwe)
    {
        var opened = await SendAsync(new JsonObject { ["do"] = "decrypt", ["jwk"] = jwk.DeepClone(), ["alg"] = alg, ["jwe"] = jwe });
        return ((string)opened["text"]!, opened["header"]!);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <exception cref="InvalidOperationException">jose refused it; the message says why.</exception>
    private async Task<JsonNode> SendAsync(JsonObject request)
    {
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience)
            ?? throw new InvalidOperationException(await _process.StandardError.ReadToEndAsync());
        var answer = JsonNode.Parse(line)!;
        return answer["error"] is { } error ? throw new InvalidOperationException($"jose: {error}") : answer;
    }
}
