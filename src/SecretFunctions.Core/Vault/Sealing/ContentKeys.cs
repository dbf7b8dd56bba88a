using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace SecretFunctions.Core.Vault.Sealing;

/// <summary>
/// Content keys that this instance has unwrapped: one operation with a private key for each value, not for each plan that it takes part in. What
/// does not unwrap is remembered too, or a worthless value would cost the most. Safe for concurrent use.
/// </summary>
internal sealed class ContentKeys
{
    /// <summary>More than most organizations have values.</summary>
    private const int MaxKeys = 4096;

    private readonly ConcurrentDictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    public int Count => _keys.Count;

    public byte[] Unwrap(CompactJwe jwe, RSA key)
    {
        if (_keys.Count >= MaxKeys)
        {
            _keys.Clear();
        }

        return _keys.GetOrAdd(NameOf(jwe), static (_, state) => state.jwe.UnwrapContentKey(state.key), (jwe, key));
    }

    /// <summary>The key's id has no line end: it is one of ours.</summary>
    private static string NameOf(CompactJwe jwe) => Convert.ToHexString(SHA256.HashData([.. Encoding.UTF8.GetBytes(jwe.KeyId), (byte)'\n', .. jwe.EncryptedKey]));
}
