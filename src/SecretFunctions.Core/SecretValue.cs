using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SecretFunctions.Core;

/// <summary>Plaintext of one secret. Exactly one owner, who disposes it. Not safe for concurrent use.</summary>
/// <remarks>
/// Zeroing is best effort: an SDK that returned a string keeps its own copy. The buffer is pinned, so the
/// collector makes none.
/// </remarks>
[JsonConverter(typeof(NeverJson))]
[DebuggerDisplay("[redacted]")]
public sealed class SecretValue : IDisposable
{
    private byte[]? _plaintext;

    /// <summary>Copies <paramref name="plaintext"/>; the caller clears its own buffer.</summary>
    public SecretValue(ReadOnlySpan<byte> plaintext)
    {
        _plaintext = GC.AllocateUninitializedArray<byte>(plaintext.Length, pinned: true);
        plaintext.CopyTo(_plaintext);
    }

    /// <summary>The bytes. The span must not outlive this object.</summary>
    /// <exception cref="ObjectDisposedException">Already disposed.</exception>
    public ReadOnlySpan<byte> Reveal()
    {
        ObjectDisposedException.ThrowIf(_plaintext is null, this);
        return _plaintext;
    }

    public override string ToString() => "[redacted]";

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_plaintext);
        _plaintext = null;
    }

    private sealed class NeverJson : JsonConverter<SecretValue>
    {
        public override SecretValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A secret value is never read from JSON.");

        public override void Write(Utf8JsonWriter writer, SecretValue value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A secret value is never written to JSON.");
    }
}
