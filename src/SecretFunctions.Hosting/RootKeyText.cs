using System.Buffers;
using System.Security.Cryptography;
using SecretFunctions.Core.Vault;

namespace SecretFunctions.Hosting;

/// <summary>Root keys as they stand in their file: a key to a line, in hexadecimal behind a prefix.</summary>
internal static class RootKeyText
{
    public const int MaxKeys = 64;

    private static ReadOnlySpan<byte> Prefix => "secretfunctions-root-key-v1:"u8;

    public static int LineBytes => Prefix.Length + (2 * LocalRootKey.KeyBytes) + 1;

    /// <param name="line"><see cref="LineBytes"/>, its end included.</param>
    public static void Write(ReadOnlySpan<byte> key, Span<byte> line)
    {
        Prefix.CopyTo(line);
        Convert.TryToHexStringLower(key, line[Prefix.Length..], out _);
        line[^1] = (byte)'\n';
    }

    /// <exception cref="RootKeyException">It is something else, or a key stands there twice.</exception>
    public static LocalRootKey[] Parse(ReadOnlySpan<byte> text, string path)
    {
        Span<byte> key = stackalloc byte[LocalRootKey.KeyBytes];
        var keys = new List<LocalRootKey>();
        try
        {
            text = text.EndsWith("\n"u8) ? text[..^1] : text;
            foreach (var range in text.Split((byte)'\n'))
            {
                var line = text[range].TrimEnd((byte)'\r');
                if (keys.Count == MaxKeys || !line.StartsWith(Prefix)
                    || Convert.FromHexString(line[Prefix.Length..], key, out _, out var written) != OperationStatus.Done || written != key.Length)
                {
                    throw new RootKeyException($"The file '{path}' does not hold a root key on each line.");
                }

                keys.Add(new LocalRootKey(key));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return keys.DistinctBy(static one => one.Id).Count() == keys.Count ? [.. keys] : throw new RootKeyException($"The file '{path}' does not hold a root key on each line, but one of them twice.");
    }
}
