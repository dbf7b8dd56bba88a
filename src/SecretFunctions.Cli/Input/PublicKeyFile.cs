using System.Security.Cryptography;
using System.Text.Json;

namespace SecretFunctions.Cli.Input;

/// <summary>Reads a public key as a JWK (RFC 7517).</summary>
internal static class PublicKeyFile
{
    /// <summary>Of private halves and symmetric keys (RFC 7518 §6). The service refuses them too, but then they have been sent.</summary>
    private static readonly string[] Private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    public static async Task<JsonElement> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        var content = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
        try
        {
            using var document = JsonDocument.Parse(content);
            var key = document.RootElement;
            return key.ValueKind != JsonValueKind.Object ? throw NoKey(file)
                : Private.Any(name => key.TryGetProperty(name, out _)) ? throw new UsageException($"{file.Name} holds a private key, which is not sent. Give its public half.")
                : key.Clone();
        }
        catch (JsonException)
        {
            // Not passed on: it may quote what it could not read.
            throw NoKey(file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    private static UsageException NoKey(FileInfo file) => new($"{file.Name} is no JWK: a JSON object with kty, and what else the public key is made of.");
}
