using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using SecretFunctions.Core.Store;
using SecretFunctions.Core.Vault;
using SecretFunctions.Storage.Sqlite;

namespace SecretFunctions.EndToEnd.Tests.Canary;

/// <summary>The private halves of a deployment's signing keys, as somebody would get at them who has the database and the root key.</summary>
internal static class SigningKeysAtRest
{
    private const int WrappedKeyBytes = 32;
    private const int HeaderBytes = 13;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Each as PKCS#8.</summary>
    public static async Task<IReadOnlyList<byte[]>> OpenAsync(string data)
    {
        await using var store = SqliteEntityStore.Open(data, NullLogger<SqliteEntityStore>.Instance);
        var row = (await store.GetAsync(new EntityKey("deployment", "signing-keys"), CancellationToken.None)).ShouldNotBeNull();
        using var root = new LocalRootKey(Convert.FromHexString((await File.ReadAllTextAsync(Path.Combine(data, "root.key"))).Trim().Split(':')[^1]));
        var keys = new List<byte[]>();
        foreach (var key in JsonNode.Parse(row.Data.Span)!["keys"]!.AsArray())
        {
            var stored = key!["private"]!;
            var dataKey = (await root.UnwrapAsync(Convert.FromBase64String((string)stored["dataKey"]!), CancellationToken.None))[..WrappedKeyBytes];
            keys.Add(Decrypt(dataKey, (string)key["keyId"]!, Convert.FromBase64String((string)stored["sealed"]!)));
        }

        return keys;
    }

    /// <summary>The key in its forms, and what it is made of in pieces so small that one of them is whole in any line of a PEM file.</summary>
    public static void AddTo(SecretScanner scanner, byte[] pkcs8)
    {
        const int piece = 18;
        scanner.Add("a signing key", pkcs8);
        using var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        var parts = rsa.ExportParameters(includePrivateParameters: true);
        foreach (var bytes in new[] { parts.D!, parts.P!, parts.Q!, parts.DP!, parts.DQ!, parts.InverseQ! }.SelectMany(static part => part.Chunk(piece)).Where(static bytes => bytes.Length == piece))
        {
            scanner.Add("a part of a signing key", bytes);
        }
    }

    private static byte[] Decrypt(byte[] dataKey, string keyId, byte[] sealedKey)
    {
        var pkcs8 = new byte[sealedKey.Length - HeaderBytes - TagBytes];
        using var aes = new AesGcm(dataKey, TagBytes);
        aes.Decrypt(
            sealedKey.AsSpan(1, NonceBytes),
            sealedKey.AsSpan(HeaderBytes, pkcs8.Length),
            sealedKey.AsSpan(HeaderBytes + pkcs8.Length),
            pkcs8,
            Encoding.UTF8.GetBytes($"secretfunctions.signing-key.v1\n{keyId}"));
        return pkcs8;
    }
}
