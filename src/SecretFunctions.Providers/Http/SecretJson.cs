using System.Security.Cryptography;
using System.Text.Json;
using SecretFunctions.Core;

namespace SecretFunctions.Providers.Http;

/// <summary>Takes secrets out of JSON without making strings of them.</summary>
public static class SecretJson
{
    /// <summary>The string the reader stands on, unescaped.</summary>
    /// <exception cref="InvalidOperationException">It is no string, or no Unicode text (half a surrogate pair).</exception>
    public static SecretValue ReadSecret(this ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new InvalidOperationException("A string was expected.");
        }

        // No escape is shorter than what it stands for, so the raw length suffices. Pinned and zeroed: it is a copy.
        var buffer = GC.AllocateUninitializedArray<byte>(reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length, pinned: true);
        try
        {
            return new SecretValue(buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }
}
